"""
The report on a case: a document that needs nothing else and that nothing typed can break.
"""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from bot.catalogues import LANGUAGES
from bot.emulator.chat import Message
from bot.render import render
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from bot.screens.report import Report
from bot.texts import words
from db.base.tables import Answer, Decision, Person
from tests.chat.conversation import AWAITED, everything, skip
from tests.chat.test_decisions import change
from tests.chat.test_limits_of_telegram import NOW, record_from
from tests.conftest import Chatter, Clinic
from tests.rules.cases import examples
from tests.rules.oracle import case_strategy
from tests.terminal.test_chat import chat

VOID = {"meta", "br"}
ALLOWED = VOID | {
    "html",
    "head",
    "title",
    "style",
    "body",
    "h1",
    "h2",
    "p",
    "div",
    "span",
    "b",
    "i",
    "ul",
    "li",
    "code",
}


class Reader(HTMLParser):
    """
    Reads a document as strictly as it was written: every tag known, opened and closed in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """
        A tag that is known, and where it leads.
        """
        assert tag in ALLOWED, tag
        self.links += [value or "" for name, value in attrs if name in {"href", "src"} or name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """
        The one opened last.
        """
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """
        Text that is no style.
        """
        if "style" not in self.open:
            self.text.append(data)


def read(content: bytes) -> str:
    """
    The text of a document that is sound and fetches nothing.
    """
    page = content.decode("utf-8")
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    assert reader.links == []
    assert "http:" not in page
    assert "https:" not in page
    assert "url(" not in page
    return re.sub(r"[ \n]+", " ", "".join(reader.text))


def document(person: Chatter) -> Message:
    """
    The last document in the chat.
    """
    return [message for message in person.api.chat(person.user_id) if message.file is not None][-1]


async def reported(person: Chatter) -> str:
    """
    What the last document says.
    """
    file = document(person).file
    assert file is not None
    return read(file.content)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_report_holds_everything_about_a_case(clinic: Clinic, language: str) -> None:
    """
    Verdict, day, protocol, every criterion with its clause and reading, every answer with its changes.
    """
    person, text = await clinic.coordinator(language), words(language)
    await skip(clinic, person, "recipient", spap="45", cd4=AWAITED)
    before = await everything(clinic)
    card = await person.say("/report 1-r-1")
    assert await everything(clinic) == before
    assert card.text.startswith("01-R-001")
    handed_over = document(person)
    assert handed_over.file is not None
    assert handed_over.file.filename == "01-R-001.html"
    assert handed_over.id < card.id
    told = await reported(person)
    assert f"🔴 {text('verdict.not_eligible').unescape()}" in told
    assert LATEST.version in told
    assert text("report.note").unescape() in told
    for criterion in LATEST.recipient.criteria:
        for part in criterion.family:
            assert f"{part.id} {text(f'criterion.{part.id}.short').unescape()}" in told
            if reading := text.reading(part):
                assert reading.unescape() in told
    for item in LATEST.recipient.items:
        assert text.label(item, "recipient").unescape() in told
    assert "45 mmHg \u2013 Test" in told
    assert text("report.missing").unescape() in told
    limit = text("finding.needed", finding="", needed="").unescape().strip(" ()")
    assert told.count(limit) == 2, "R-E2 and R-E2a fail; what passes needs nothing else"


@pytest.mark.parametrize(
    ("language", "made"),
    [
        ("en", "Made: 4 May 2026, 12:00 (Europe/Paris, UTC+02:00)"),
        ("fr", "Établi le\xa0: 4 mai 2026, 12:00 (Europe/Paris, UTC+02:00)"),
    ],
)
async def test_a_report_says_when_it_was_made_and_has_page_numbers_when_printed(
    clinic: Clinic, language: str, made: str
) -> None:
    """
    At its head, and at the foot of each page with the code and the page's number of all.
    """
    clinic.now = NOW
    person = await clinic.coordinator(language)
    await skip(clinic, person, "donor")
    await person.say("/report 01-D-001")
    assert made in await reported(person)
    file = document(person).file
    assert file is not None
    foot = re.findall(r"@page { (@bottom-\w+) { content: ([^;]*);", file.content.decode())
    assert foot == [("@bottom-left", f'"01-D-001 · {made}"'), ("@bottom-right", 'counter(page) " / " counter(pages)')]


async def test_an_answer_that_is_set_aside_is_marked_in_the_report(clinic: Clinic, coordinator: Chatter) -> None:
    """
    It counts for nothing as long as its gate is closed.
    """
    await skip(clinic, coordinator, "donor")
    await change(coordinator, "01-D-001", "Person", "Sex", "Male")
    await coordinator.say("/report 01-D-001")
    told = await reported(coordinator)
    assert "Effective contraception: Yes (set aside)" in told
    assert told.count("(set aside)") == 3


async def test_a_report_tells_the_history_of_an_answer(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The newest first, with the reason.
    """
    await skip(clinic, coordinator, "donor")
    await coordinator.say("1d1")
    for label in ("Edit", "Person", "Age", "Source document corrected"):
        await coordinator.press(label)
    await coordinator.say("50")
    await coordinator.say("1d1")
    await coordinator.press("Report")
    told = await reported(coordinator)
    assert re.search(
        r"Age: 50 years ?50 years \u2013 Test, [^()]* \(Source document corrected\) ?45 years \u2013 Test", told
    )
    assert "01-D-001" in coordinator.card.text


async def test_nothing_in_a_name_or_a_reason_breaks_it(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Markup in it is text.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    evil = "</div><script>alert(1)</script>&amp;{code}"
    async with clinic.application.database.transaction() as session:
        (await session.exec(select(Person))).one().name = evil
    await coordinator.say("/report 1d1")
    assert evil in await reported(coordinator)


@examples(40)
@given(st.sampled_from(Kind).flatmap(case_strategy), st.sampled_from(LANGUAGES), st.text(max_size=30))
def test_the_report_of_any_case_is_sound(case: dict[str, Any], language: str, typed: str) -> None:
    """
    Whatever was answered, and whatever was typed as a reason.
    """
    record = record_from(case)
    given_ = [
        (Answer(case_id=1, revision=at, item=one.item, value=one.text, reason=typed, person_id=1, at=NOW), typed)
        for at, one in enumerate(record.answers)
    ]
    decision = Decision(case_id=1, kind="screen_failure", about="R-E1", reason=typed, protocol="", digest="", at=NOW)
    view = Report(record, given_, (), (record.case,), None, [(decision, typed), (decision, None)], NOW)
    card = render(view, words(language))
    assert card.file is not None
    assert f'<html lang="{language}">' in card.file.content.decode()
    assert record.case.code in read(card.file.content)


def test_in_the_terminal_the_document_is_a_file(tmp_path: Path) -> None:
    """
    In a folder beside the database; its path is printed.
    """
    shown = chat(tmp_path, "New donor", "45", "/report 1d1")
    path = tmp_path / "var" / "01-D-001.html"
    assert str(path) in shown
    assert "45 years" in read(path.read_bytes())
