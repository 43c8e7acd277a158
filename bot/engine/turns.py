"""
The turns of a group of chats, in one transaction: what happened, what its handler does, and what is then to be said.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession
from structlog.contextvars import bind_contextvars, clear_contextvars

from bot.events import Happening, read
from bot.handlers import handle
from bot.handlers.joining import on_stranger
from bot.handlers.questions import stands
from bot.render import render
from bot.rules.frozen import Frozen
from bot.screens import present
from bot.screens.menus import HomeScreen
from bot.screens.notices import Apology
from bot.texts import words
from bot.turn import Deployment, Note, Said, Turn, Wanted
from bot.wire.speaker import Saying
from bot.wire.updates import StoredUpdate
from db.base.tables import Chat, InboxUpdate
from db.cases import records
from db.people import access
from db.people.access import Seat
from db.trail import audit


class UnreadableUpdateError(ValueError):
    """
    An update that is not of Telegram's form.
    """


class Outgoing(Frozen):
    """
    What is to be said for an update, now that its effect is committed; in which language, if there is more to say; and
    the document to be handed over.
    """

    update: StoredUpdate
    saying: Saying | None
    language: str = "en"
    wanted: Wanted | None = None


async def work(
    session: AsyncSession,
    *,
    deployment: Deployment,
    group: list[StoredUpdate],
    now: datetime,
) -> list[Outgoing]:
    """
    Let handlers act on these updates, one a chat.
    """
    if not group:
        return []
    await audit.alone(session)
    seats = await access.seats(session, telegram_ids=[one.chat_id for one in group])
    focused = [seat.case.id for seat in seats.values() if seat.case is not None]
    if focused:
        await records.bring(session, case_ids=focused)
    outgoing = []
    for one in group:
        focus = seats[one.chat_id].case if one.chat_id in seats else None
        bind_contextvars(update=one.update_id, case=focus.id if focus else None)
        happening = _happening(one)
        if access.was_changed(session):
            await session.flush()
            seats = await access.seats(session, telegram_ids=[one.chat_id for one in group])
        seat = seats.get(one.chat_id)
        saying, wanted = None, None
        if happening is not None:
            saying, wanted = await _turn(session, deployment, one, happening, seat, now)
        language = seat.member.person.language if seat else happening.language if happening else "en"
        outgoing.append(Outgoing(one, saying, language, wanted))
    if len(group) > 1:
        clear_contextvars()  # what fails from here on may be any of theirs
    return outgoing


def _happening(update: StoredUpdate) -> Happening | None:
    try:
        return read(update.payload)
    except Exception as error:  # even an OSError is the update's fault here, and not the database's
        raise UnreadableUpdateError from error


async def _turn(  # noqa: PLR0917  all that a turn begins with
    session: AsyncSession,
    deployment: Deployment,
    update: StoredUpdate,
    happening: Happening,
    seat: Seat | None,
    now: datetime,
) -> tuple[Saying, Wanted | None]:
    member, chat = (seat.member, seat.chat) if seat else (None, None)
    is_stranger = member is None
    if member is None:
        said, member = await on_stranger(session, happening, now)
        if member is None:
            # A message of its own and no card: where one still stands, from a time before, it stays known as the card.
            refusal = render(said.view, words(happening.language))
            return Saying(happening.telegram_id, None, also=refusal, query_id=happening.query_id), None
        chat = await _chat_of_newcomer(session, happening.telegram_id)
    if member.person.unreachable_at is not None:
        # Whoever writes can be reached again.
        member.person.unreachable_at = None
    if chat is None:
        chat = Chat(chat_id=happening.telegram_id)
        session.add(chat)
    if not is_stranger:
        said = await handle(
            Turn(session, now, chat, member, update.received_at, deployment, written_at=happening.written_at),
            happening.event,
        )
    return _saying(said, happening, chat, member.person.language, now), said.reply.wanted


async def _chat_of_newcomer(session: AsyncSession, chat_id: int) -> Chat | None:
    """
    The chat of somebody who has been here before, with nothing in focus.
    """
    chat = await session.get(Chat, chat_id)
    if chat is not None:
        chat.screen, chat.case_id, chat.draft = HomeScreen().text, None, None
    return chat


def _saying(said: Said, happening: Happening, chat: Chat, language: str, now: datetime) -> Saying:
    text = words(language)
    reply = said.reply
    remove = happening.message_id if reply.tidy else None
    if happening.card_id is not None and happening.card_id != chat.card_message_id:
        # A button of another message than the card: that one is the card from now on.
        remove, chat.card_message_id = chat.card_message_id, happening.card_id
    asked = said.view.asks
    dated = chat.card_date
    is_new = asked != chat.card_for or (asked is not None and dated is None)
    if is_new:
        # Without a date until it is shown: if it never is, no text is taken for its answer.
        chat.card_for, chat.card_shown_at, chat.card_date = asked, now, None
    return Saying(
        chat.chat_id,
        render(said.view, text, reply.note, reply.left, reply.not_taken),
        replace=chat.card_message_id,
        fresh=bool(reply.fresh),
        query_id=happening.query_id,
        toast=text(reply.toast).unescape() if reply.toast else None,
        remove=remove,
        asks_anew=is_new,
        dated=dated,
        also=render(reply.also, text) if reply.also else None,
        answers_words=happening.query_id is None,
    )


async def present_state(
    session: AsyncSession, *, deployment: Deployment, rows: Sequence[InboxUpdate], now: datetime
) -> list[Outgoing]:
    """
    What to say for updates of one chat that are done but whose replies may not have arrived: the present state, and
    the person's own messages taken away. The card goes to the end of the chat, below any that a process sent and did
    not live to write down.
    """
    chat_id = rows[0].chat_id
    members = await access.members(session, telegram_ids=[chat_id])
    chat = await session.get(Chat, chat_id)
    updates = [StoredUpdate(row.update_id, chat_id, {}, row.received_at) for row in rows]
    if chat is None or chat_id not in members:
        return [Outgoing(one, None) for one in updates]
    member = members[chat_id]
    turn = Turn(session, now, chat, member, now, deployment)
    card = render(await present(turn), words(member.person.language), await _stored_last(turn, rows))
    if chat.card_for is not None:
        # Whether the question was shown before, nobody knows: what was typed until now is not taken for its answer.
        chat.card_shown_at, chat.card_date = now, None
    *earlier, last = zip(updates, rows, strict=True)
    outgoing = [Outgoing(one, Saying(chat_id, None, remove=row.message_id)) for one, row in earlier]
    one, row = last
    saying = Saying(
        chat_id,
        card,
        replace=chat.card_message_id,
        fresh=True,
        remove=row.message_id,
        asks_anew=chat.card_for is not None,
    )
    return [*outgoing, Outgoing(one, saying, member.person.language)]


async def _stored_last(turn: Turn, rows: Sequence[InboxUpdate]) -> Note | None:
    """
    The answer that one of these updates has given: nobody has been shown that it is stored.
    """
    case = await turn.focus()
    record = None if case is None else await turn.record(case)
    if record is None or not record.answers:
        return None
    last = record.answers[-1]
    is_theirs = last.person_id == turn.member.person.id and last.at >= rows[0].received_at
    return stands(record, last.item) if is_theirs else None


def new_reference() -> str:
    """
    What an apology and a line of the log have in common.
    """
    return secrets.token_hex(4)


def apology(
    chat_id: int, language: str, reference: str, *, query_id: str | None = None, replace: int | None = None
) -> Saying:
    """
    What to say where something went wrong, with the way back.
    """
    return Saying(chat_id, render(Apology(reference), words(language)), replace=replace, fresh=True, query_id=query_id)
