"""
Documents in the chat: what can be had, handed over with an entry in the audit trail, of one's own sites only.
"""

from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlmodel import col, select

from bot import taps
from bot.catalogues import LANGUAGES
from bot.documents.kinds import KINDS, Asked, Document, DocumentKind
from bot.emulator.chat import Message
from bot.texts import words
from bot.wire.client import TelegramBot
from db.base.tables import AuditEntry, Person, PersonRole
from tests.chat.conversation import open_case
from tests.chat.staff import add_member
from tests.chat.ward import WORKER, Ward, two_wards
from tests.conftest import Chatter, Clinic


async def at_work(clinic: Clinic) -> tuple[Chatter, Ward]:
    """
    Somebody of the first of two sites, in English.
    """
    here, _ = await two_wards(clinic)
    person = clinic.person(WORKER + 1)
    await person.say("/start")
    return person, here


def messages(person: Chatter) -> list[Message]:
    """
    All that the chat shows.
    """
    return person.api.chat(person.user_id)


def handed_over(person: Chatter) -> list[Message]:
    """
    The files in the chat.
    """
    return [message for message in messages(person) if message.file is not None]


async def number_of(clinic: Clinic, user_id: int) -> int:
    """
    A person's number here.
    """
    async with clinic.application.database.transaction() as session:
        return (await session.exec(select(Person.id).where(Person.telegram_id == user_id))).one()


async def last_entry(clinic: Clinic) -> AuditEntry:
    """
    The newest audit entry.
    """
    async with clinic.application.database.transaction() as session:
        query = select(AuditEntry).order_by(col(AuditEntry.sequence).desc()).limit(1)
        return (await session.exec(query)).one()


async def test_each_document_can_be_had_and_leaves_an_entry_of_who_had_it(clinic: Clinic) -> None:
    """
    Those about all cases, then those about one; the card stands below.
    """
    _, here = await at_work(clinic)
    person = await add_member(clinic, 950, (PersonRole.COORDINATOR, 1), (PersonRole.MONITOR, 1))
    for command, case in (("/documents", False), (f"/documents {here.of('mother', 'code')}", True)):
        card = await person.say(command)
        wanted = [name for name, kind in KINDS.items() if ("case" in kind.narrowed if case else not kind.of_case)]
        offered = [label for row in card.buttons[:-1] for label in (button.label for button in row)]
        assert offered == [words("en").plain(f"document.{name}") for name in wanted]
        for name in wanted:
            before = len(handed_over(person))
            number = here.of("mother") if case else taps.ALL_CASES
            card = await person.tap(taps.GetDocument(name, number).data)
            assert card.file is None
            assert "cuments" in card.text.splitlines()[0]
            assert len(handed_over(person)) == before + 1, name
            entry = await last_entry(clinic)
            assert (entry.action, entry.actor) == (f"document.{name}", await number_of(clinic, 950))
            assert entry.entity == (here.of("mother", "code") if case else "site 01")
            assert (entry.new or "").startswith("sha256 ")
    past = (await person.say(f"/history {here.of('mother', 'code')}")).text
    assert f"Handed over: {words('en').plain('document.checklist')}" in past


async def test_what_tells_of_the_staff_is_for_those_who_oversee(clinic: Clinic) -> None:
    """
    A coordinator is not offered the delegation log and all of the trail, and gets neither; a monitor does, of the sites
    monitored.
    """
    person, _ = await at_work(clinic)
    await person.say("/documents")
    kinds = ("delegation-log", "audit-csv")
    assert not {words("en").plain(f"document.{kind}") for kind in kinds} & set(person.labels)
    for kind in kinds:
        await person.tap(taps.GetDocument(kind, taps.ALL_CASES).data)
    assert handed_over(person) == []
    monitor = await add_member(clinic, 950, (PersonRole.MONITOR, 1), (PersonRole.COORDINATOR, None))
    await monitor.say("/documents")
    await monitor.tap(taps.GetDocument("delegation-log", taps.ALL_CASES).data)
    assert (await last_entry(clinic)).entity == "site 01"


async def test_a_document_tells_of_ones_own_sites_only(clinic: Clinic) -> None:
    """
    Whoever may see all sites gets all of them.
    """
    person, here = await at_work(clinic)
    everywhere = await add_member(clinic, 950, (PersonRole.MONITOR, None))
    codes = []
    for one in (person, everywhere):
        await one.say("/documents")
        await one.press(words("en").plain("document.workbook"))
        file = handed_over(one)[-1].file
        assert file is not None
        sheet = load_workbook(BytesIO(file.content))["cases"]
        codes.append({str(row[0].value)[:2] for row in sheet.iter_rows(min_row=2)})
    assert codes == [{"01"}, {"01", "02"}]
    assert here.of("mother", "code").startswith("01")


async def test_pictures_come_as_photos_with_the_figures_in_words(clinic: Clinic) -> None:
    """
    From the dashboard, and by a command.
    """
    person, here = await at_work(clinic)
    await person.say("/dashboard")
    for name in ("flow", "accrual", "ahead"):
        await person.press(words("en").plain(f"document.{name}"))
    await person.say("/picture consort")
    await person.say(f"/picture {here.of('mother', 'code')}")
    photos = handed_over(person)
    assert [message.file_kind for message in photos] == ["photo"] * 5
    assert photos[0].text.startswith("Recipients: 8 assessed")
    assert "of 20 included" in photos[1].text
    assert here.of("infused", "code") in photos[2].text
    assert photos[3].text == photos[0].text
    assert "DLCO" in photos[4].text or any("DLCO" in message.text for message in messages(person))
    card = await person.say("/picture of a cat")
    assert card.text.startswith("Which picture?")


@pytest.mark.parametrize(("word", "language"), [("inclusions", "fr"), ("visites", "fr"), ("accrual", "en")])
async def test_a_picture_is_named_in_ones_own_language(clinic: Clinic, word: str, language: str) -> None:
    """
    And says its sentence in it.
    """
    person, _ = await at_work(clinic)
    await person.say(f"/language {language}")
    await person.say(f"/picture {word}")
    [photo] = handed_over(person)
    assert ("Visites" in photo.text or "Receveurs" in photo.text) is (language == "fr")


def broken(asked: Asked) -> Document:
    """
    A maker with a fault.
    """
    raise ZeroDivisionError(asked.code)


def enormous(_: Asked) -> Document:
    """
    More than Telegram takes.
    """
    return Document("x.bin", bytes(50_000_001))


def talkative(_: Asked) -> Document:
    """
    More words than a caption holds.
    """
    return Document("x.bin", b"x", "\n".join(f"{number} < 1000" for number in range(200)))


@pytest.mark.parametrize(
    ("maker", "expected"),
    [("broken", "Something went wrong"), ("enormous", "larger than Telegram takes"), ("talkative", "199 < 1000")],
)
async def test_whatever_comes_of_it_the_chat_goes_on(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, maker: str, expected: str
) -> None:
    """
    A fault is told with a reference, what is too large is said, and what no caption holds follows as a message.
    """
    person, _ = await at_work(clinic)
    monkeypatch.setattr(DocumentKind, "make", property(lambda _: globals()[maker]))
    await person.say("/picture flow")
    assert any(expected in message.text for message in messages(person))
    assert len(handed_over(person)) == (1 if maker == "talkative" else 0)
    assert person.card.text.startswith("Documents about all cases")


async def test_the_documents_of_a_case_and_of_all_lead_to_each_other(clinic: Clinic) -> None:
    """
    With a case open: its own first, and each card says whose they are. The case stays open.
    """
    person = await clinic.coordinator()
    assert (await person.say("/documents")).text.startswith("Documents about all cases")
    await open_case(person, "donor")
    assert (await person.say("/documents")).text.startswith("01-D-001 · documents")
    assert (await person.press("All cases")).text.startswith("Documents about all cases")
    assert (await person.press("01-D-001 alone")).text.startswith("01-D-001 · documents")
    await person.press("All cases")
    await person.tap(taps.GetDocument("flow", taps.ALL_CASES).data)
    assert "flow.png" in {one.file.filename for one in handed_over(person) if one.file}
    assert (await person.press("01-D-001 alone")).text.startswith("01-D-001 · documents")


async def test_while_a_document_is_made_the_chat_shows_that_a_file_is_on_its_way(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    And the press is answered before.
    """
    person, _ = await at_work(clinic)
    shown: list[tuple[int, str]] = []

    async def note(_: TelegramBot, chat_id: int, action: str) -> bool:
        shown.append((chat_id, action))
        return True

    monkeypatch.setattr(TelegramBot, "send_chat_action", note)
    await person.say("/documents")
    assert shown == []
    await person.tap(taps.GetDocument("flow", taps.ALL_CASES).data)
    assert shown[0] == (person.user_id, "upload_document")
    assert person.toasts[-1] == words("en").plain("toast.making")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_of_document_has_a_name(language: str) -> None:
    """
    On its button, and in the history.
    """
    for name in KINDS:
        assert words(language).find(f"document.{name}") is not None, name
