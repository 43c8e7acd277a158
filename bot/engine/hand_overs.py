"""
Documents handed over in a chat: made after the turn that asked for them, beside all others, from one reading of the
database. An entry in the audit trail tells of each before it is sent.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from markupsafe import escape
from telegram import Bot
from telegram.constants import ChatAction, FileSizeLimit, MessageLimit
from telegram.error import TelegramError

from bot.documents.asking import NotThereError, ask
from bot.documents.kinds import KINDS, Asked, Document
from bot.engine import anchoring
from bot.engine.unit_of_work import UnitOfWork
from bot.render.card import Card, File, fit
from bot.texts import Words, words
from bot.turn import Deployment, Wanted
from db.trail.hand_overs import hand_over

_ACTION_LASTS = 4.0


@dataclass
class HandOvers:
    """
    Makes the documents that people want. `clock` gives the present time.
    """

    unit: UnitOfWork
    bot: Bot
    deployment: Deployment
    clock: Callable[[], datetime]

    async def make(self, wanted: Wanted, *, chat_id: int, language: str) -> list[Card]:
        """
        The messages that hand a document over: the file, and what it says where a caption is too short for that. The
        chat shows meanwhile that a file is on its way.
        """
        under_way = asyncio.create_task(self._show_progress(chat_id))
        text = words(language)
        try:
            asked = await self._ask(wanted, text)
            document = await asyncio.to_thread(KINDS[wanted.kind].make, asked)
            if len(document.content) > FileSizeLimit.FILESIZE_UPLOAD:
                return [Card(text("document.too_large"))]
            await self._write_down(wanted, asked, document)
        except NotThereError:
            return [Card(text("document.not_there"))]
        finally:
            under_way.cancel()
        return list(_messages(document, wanted.kind, text))

    async def _show_progress(self, chat_id: int) -> None:
        with suppress(TelegramError):
            while True:
                await self.bot.send_chat_action(chat_id, ChatAction.UPLOAD_DOCUMENT)
                await asyncio.sleep(_ACTION_LASTS)

    async def _ask(self, wanted: Wanted, text: Words) -> Asked:
        kind, file = KINDS[wanted.kind], self.deployment.anchor_file
        seen = anchoring.load(file, key=self.unit.audit_key) if kind.of_trail and file and file.exists() else ()
        async with self.unit.database.snapshot() as session:
            return await ask(
                session,
                kind=kind,
                words=text,
                study=self.deployment.study,
                now=self.clock(),
                key=self.unit.audit_key,
                anchors=seen,
                sites=wanted.sites,
                code=wanted.code,
            )

    async def _write_down(self, wanted: Wanted, asked: Asked, document: Document) -> None:
        sites = asked.snapshot.sites
        names = None if wanted.sites is None else " ".join(f"site {site.number:02d}" for site in sites)
        await self.unit.commit(
            lambda session: hand_over(
                session,
                kind=wanted.kind,
                about=wanted.code or names,
                site=sites[0].id if len(sites) == 1 else None,
                content=document.content,
                by=wanted.by,
                now=self.clock(),
            )
        )


def _messages(document: Document, kind: str, text: Words) -> list[Card]:
    is_picture = document.name.endswith(".png") and len(document.content) <= FileSizeLimit.PHOTOSIZE_UPLOAD
    file = File(document.name, document.content, is_picture=is_picture)
    name = text(f"document.{kind}")
    if not document.caption:
        return [Card(name, file=file)]
    lines = [escape(line) for line in document.caption.split("\n")]
    if len(document.caption) <= MessageLimit.CAPTION_LENGTH // 2:  # whatever of it takes two of Telegram's letters
        return [Card(fit(lines), file=file)]
    return [Card(name, file=file), Card(fit(lines))]
