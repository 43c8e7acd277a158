"""
A paper as a program reads it that did not make it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from bot.documents.kinds import KINDS, Asked
from bot.documents.reading import read
from bot.documents.trail import read_trail
from bot.study import Study
from bot.texts import words
from tests.chat.ward import NOW
from tests.conftest import Clinic


@dataclass(frozen=True)
class Paper:
    """
    The text of each page, whether it is tagged, its language, the standards that it says it meets, and what stands for
    its figures where they are not seen.
    """

    pages: list[str]
    is_tagged: bool
    language: str
    standards: str
    alternatives: list[str]

    @property
    def text(self) -> str:
        """
        All of it, in one line.
        """
        return re.sub(r"\s+", " ", " ".join(self.pages))


def paper(content: bytes) -> Paper:
    """
    A PDF file.
    """
    found = PdfReader(BytesIO(content))
    root = found.trailer["/Root"]
    standards = root["/Metadata"].get_data().decode()
    is_tagged = bool(root["/MarkInfo"]["/Marked"]) and "/StructTreeRoot" in root
    return Paper(
        [page.extract_text() for page in found.pages],
        is_tagged,
        str(root["/Lang"]),
        standards,
        list(_alternatives(root["/StructTreeRoot"])),
    )


def _alternatives(node: DictionaryObject) -> Iterator[str]:
    """
    The alternative texts in the tree of tags, in order.
    """
    if "/Alt" in node:
        yield str(node["/Alt"])
    children = node.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        if isinstance(found := child.get_object(), DictionaryObject):
            yield from _alternatives(found)


async def asked(clinic: Clinic, code: str | None = None, language: str = "en") -> Asked:
    """
    What a document is made of, of a case and its partners or of all.
    """
    async with clinic.application.database.snapshot() as session:
        snapshot = await read(session, now=NOW, codes=None if code is None else [code])
        if code is not None:
            snapshot = await read(session, now=NOW, codes=[code, *snapshot.by_code[code].partners])
        key = clinic.application.worker.audit_key
        trail = await read_trail(session, key=key, anchors=(), zone=snapshot.zone, code=code)
    return Asked(snapshot, words(language), Study(), code, trail)


async def made(clinic: Clinic, kind: str, code: str | None = None, language: str = "en") -> Paper:
    """
    A paper of a kind.
    """
    return paper(KINDS[kind].make(await asked(clinic, code, language)).content)
