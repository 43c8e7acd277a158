"""
Papers: what stands on them, that it can be searched and read aloud, and that they can be kept.
"""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlmodel import select

from bot.documents import typesetting
from bot.documents.data.archive import comma_separated
from bot.documents.kinds import KINDS
from bot.documents.papers.deeds import deed, subject, value
from bot.rules.protocol import Kind
from bot.texts import words
from db.base.tables import AuditEntry, Person, Stage
from db.cases import queries, records
from db.trail import audit
from db.trail.audit import Actor
from tests.chat.ward import NOW, WORKER, two_wards
from tests.conftest import Clinic
from tests.db.rows import allow_changes
from tests.documents.papers.reader import asked, made, paper

PAPERS = [name for name, kind in KINDS.items() if kind.help.endswith("(PDF)")] + ["checklist"]
SIGNS = "é è ç œ Œ ≥ ≤ \N{MULTIPLICATION SIGN} ⁹ ⁶ µ ² ° « » \N{RIGHT SINGLE QUOTATION MARK}"


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_paper_is_accessible_and_can_be_kept(clinic: Clinic, language: str) -> None:
    """
    Tagged, in its language, PDF/UA-1 and PDF/A-2; its footer says of which reading it is.
    """
    here, _ = await two_wards(clinic)
    for kind in PAPERS:
        code = here.of("mother", "code") if KINDS[kind].of_case else None
        found = await made(clinic, kind, code, language)
        assert (found.is_tagged, found.language) == (True, language), kind
        assert "<pdfuaid:part>1</pdfuaid:part>" in found.standards
        assert "<pdfaid:part>2</pdfaid:part>" in found.standards
        assert "Europe/Paris, UTC+02:00" in found.text
        assert (await asked(clinic)).snapshot.head.seal[:20] in found.text


def test_signs_of_both_languages_and_of_medicine_can_be_searched() -> None:
    """
    Each as it was written.
    """
    data = {"title": SIGNS, "author": "x", "language": "fr", "origin": [SIGNS], "lines": [SIGNS], "rows": []}
    content = typesetting.pdf("log", {**data, "none": SIGNS}, made=datetime(2026, 5, 4, tzinfo=UTC))
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    assert all(sign in text for sign in SIGNS.split())


@pytest.mark.parametrize("name", ["😀 Zoé 🩺", "漢字", "a\x07b", "\U0001f468\u200d⚕️ Ann", "≥ 5 °C"])
def test_a_sign_that_no_font_has_keeps_no_paper_from_being_made(name: str) -> None:
    """
    Somebody's name, or a reason: a box stands for what cannot be shown.
    """
    data = {"title": "t", "author": "x", "language": "en", "origin": [name], "lines": [name], "rows": [], "none": ""}
    assert paper(typesetting.pdf("log", data, made=datetime(2026, 5, 4, tzinfo=UTC))).pages


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_pair_is_on_two_pages_with_its_link_and_signature(clinic: Clinic, language: str) -> None:
    """
    Every criterion of both; who signed as what, when and with what meaning, of both codes, by which rules, with the
    hash.
    """
    here, _ = await two_wards(clinic)
    code, donor = here.of("mother", "code"), here.of("child", "code")
    found = await made(clinic, "checklist", donor, language)
    assert len(found.pages) <= 2
    file = (await asked(clinic, code)).snapshot.by_code[code]
    assert file.signed is not None
    for id_ in ("R-I1", "R-I3a", "R-E2d", "R-E11", "D-I1", "D-E4"):
        assert id_ in found.text
    assert all(said in found.text for said in (f"{code} + {donor}", "NCT02213705/1", file.signed.digest))
    assert f"P{WORKER + 1}" in found.text
    assert ("investigator, site 01" if language == "en" else "investigateur, centre 01") in found.text
    assert "Europe/Paris, UTC+01:00" in found.text


async def test_a_checklist_says_what_fails_and_who_dismissed_a_query(clinic: Clinic) -> None:
    """
    With who, when and why.
    """
    here, _ = await two_wards(clinic)
    code = here.of("failing", "code")
    assert "Q8: " in (before := (await made(clinic, "checklist", code)).text)
    assert "Open." in before
    assert "FAILS" in before
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        who = (await session.exec(select(Person).where(Person.telegram_id == WORKER + 1))).one()
        case = await session.get_one(type(here.cases["failing"]), here.of("failing"))
        record = await records.load(session, case=case, now=NOW)
        by = Actor(who.id, "investigator")
        await queries.dismiss(session, record=record, query_id="Q8", reason="source_checked", by=by, now=NOW)
    found = await made(clinic, "checklist", code)
    told = f"Dismissed by P{WORKER + 1}, 4 May 2026, 11:00 (Europe/Paris, UTC+02:00): Checked against the source."
    assert told in found.text
    assert "not signed off" in found.text


async def test_the_screening_log_has_every_case_and_why_it_went_no_further(clinic: Clinic) -> None:
    """
    The decision's own reason and the day of the event. Of a case that goes on, what is not met so far and no reason.
    """
    here, there = await two_wards(clinic)
    found = await made(clinic, "screening-log")
    assert all(code in found.text for code in (*here.codes, *there.codes))
    told = " ".join(found.text.split())
    assert "eligible so far: D-E2 Contraindication to donation" in told
    assert "excluded 0" not in told
    assert "Lost to follow-up" in found.text
    assert "17 Jan 2026" in found.text


@pytest.mark.parametrize(
    ("kind", "pictures"), [("screening-log", ["flow", "accrual"]), ("visit-log", ["ahead"]), ("delegation-log", [])]
)
async def test_a_log_shows_its_pictures_with_what_they_say(clinic: Clinic, kind: str, pictures: list[str]) -> None:
    """
    Each tagged as a figure with an alternative text, and the same in words beside it.
    """
    await two_wards(clinic)
    found = await made(clinic, kind)
    assert len(found.alternatives) == len(pictures)
    for name, alternative in zip(pictures, found.alternatives, strict=True):
        told = KINDS[name].make(await asked(clinic)).caption.split("\n")
        assert alternative == " ".join(told)
        assert all(line in found.text for line in told)


async def test_the_visit_log_has_the_visits_of_those_infused(clinic: Clinic) -> None:
    """
    And of nobody else.
    """
    here, _ = await two_wards(clinic)
    found = await made(clinic, "visit-log")
    assert found.pages[0].count(here.of("infused", "code")) >= 5
    assert here.of("included", "code") not in found.text


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_an_audit_paper_tells_every_deed_in_words(clinic: Clinic, language: str) -> None:
    """
    Of every case of two sites at work: what was done, to what, stages and kinds; the name under which it is stored
    stands small behind it, and nowhere alone.
    """
    here, there = await two_wards(clinic)
    deeds = set()
    for code in (*here.codes, *there.codes):
        read = await asked(clinic, code, language)
        found = {entry.action for entry in read.trail.entries}  # type: ignore[union-attr]
        for entry in read.trail.entries:  # type: ignore[union-attr]
            assert deed(entry, read.words) != entry.action
            assert language == "en" or value(entry.new, read.words) not in {*Stage, *Kind}
        deeds |= found
    assert {"case.open", "answer", "case.link", "decision.signed"} <= deeds
    paper = " ".join((await made(clinic, "audit", here.of("infused", "code"), language)).text.split())
    opened = {"en": "(case.open) \N{EN DASH} recipient", "fr": "(case.open) \N{EN DASH} receveur"}
    assert opened[language] in paper


def test_what_became_of_a_visit_is_told_in_words() -> None:
    """
    On an audit paper: what was done, in which month, and what stood before.
    """
    entry = AuditEntry(action="visit.missed", field="month 3", old="planned 2026-08-03", entity="01-R-001")
    told = [deed(entry, words("fr")), subject(entry, words("fr")), value(entry.old, words("fr"))]
    assert told == ["Visite manquée", "mois 3", "prévue, 3 août 2026"]


async def test_an_audit_paper_says_whether_the_trail_is_whole(clinic: Clinic) -> None:
    """
    The seal check is of all of it, also of what is not on the paper; entries are those of the case.
    """
    person = await clinic.coordinator()
    await person.say("/new")
    await person.press("New donor")
    whole = await asked(clinic, "01-D-001")
    assert whole.trail is not None
    assert whole.trail.problem is None
    assert "each as it was written" in (await made(clinic, "audit", "01-D-001")).text
    assert {entry.entity for entry in whole.trail.entries} == {"01-D-001"}
    async with clinic.application.database.transaction() as session:
        await allow_changes(session)
        first = await session.get_one(AuditEntry, 1)
        first.new = "changed"
    assert "FAILED" in (await made(clinic, "audit", "01-D-001")).text


def test_nothing_in_a_trail_file_is_a_formula() -> None:
    """
    What people typed stands there as they typed it.
    """
    assert b"'=1+1" in comma_separated([["=1+1"]])
