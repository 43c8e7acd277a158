"""
`python -m bot import redcap`: seen first, refused line by line, and stored only when confirmed.
"""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlmodel import col, select

from bot.rules import versions
from bot.rules.protocol import Kind
from bot.rules.v1 import PROTOCOL
from db.base.engine import Database
from db.base.tables import Answer, Membership, Person, PersonRole, Stage
from db.cases import answers, cases, records
from db.cases.answers import Entered
from db.cases.given import UNSAID, Examined
from tests.commands.shell import Shell
from tests.db.rows import KEY, NOW, Clinicians, answer, entries, establish, open_case, writing

Held = tuple[Database, Clinicians]
HEADS = "record_id,dlco,haemoglobin,malignancy___1,malignancy___2,malignancy___3,malignancy___99"


@pytest.fixture
async def who(url: str, tmp_path: Path) -> AsyncIterator[Held]:
    """
    Two recipients in screening, of whom the first has a DLCO of 52, and a donor.
    """
    (tmp_path / "audit.key").write_text(KEY.hex(), encoding="ascii")
    database = Database(url)
    who = await establish(database)
    async with writing(database) as session:
        record = await records.load(session, case=await open_case(session, who), now=NOW)
        await answer(record, session, who, "dlco", 52)
        await open_case(session, who)
        await open_case(session, who, kind=Kind.DONOR)
    yield database, who
    await database.close()


def write(folder: Path, *lines: str) -> str:
    """
    A file of records with these lines, and the command that takes it.
    """
    (folder / "records.csv").write_text("\n".join([HEADS, *lines, ""]), encoding="utf-8")
    return "import redcap records.csv --person 1"


async def stored(database: Database) -> list[tuple[str, str | None, str, str | None]]:
    """
    The answers of the first two cases but for the first answer.
    """
    async with writing(database) as session:
        found = (await session.exec(select(Answer).order_by(col(Answer.case_id), col(Answer.revision)))).all()
        return [(one.item, one.value, one.source, one.reason) for one in found][1:]


PREVIEW = """\
line 2  01-R-001  dlco: 52 -> 50
line 2  01-R-001  haemoglobin: - -> 11.8
line 3  01-R-002  malignancy: - -> []
"""


async def test_what_would_change_is_shown_and_nothing_is_stored(who: Held, bot: Shell, tmp_path: Path) -> None:
    """
    Answer by answer, with what stands now.
    """
    command = write(tmp_path, "01-R-001,50,11.8,0,0,0,0", "01-R-002,,,0,0,0,1")
    database, _ = who
    async with writing(database) as session:
        before = len(await entries(session))
    assert await bot.done(command) == f"{PREVIEW}3 answers to store: add --yes to do it\n"
    assert await stored(database) == []
    async with writing(database) as session:
        assert len(await entries(session)) == before


async def test_it_is_stored_when_confirmed(who: Held, bot: Shell, tmp_path: Path) -> None:
    """
    As imported, a change with its reason; the trail names the coordinator, and the same file says nothing new then.
    """
    database, _ = who
    command = write(tmp_path, "01-R-001,50,11.8,0,0,0,0", "01-R-002,,,0,0,0,1")
    assert await bot.done(f"{command} --yes") == f"{PREVIEW}3 answers stored\n"
    assert await stored(database) == [
        ("dlco", "50", "imported", "REDCap"),
        ("haemoglobin", "11.8", "imported", None),
        ("malignancy", "[]", "imported", None),
    ]
    async with writing(database) as session:
        told = [one for one in await entries(session) if one.action == "answer"][1:]
        assert {(one.actor, one.role) for one in told} == {(1, "coordinator")}
    again = await bot.done(command)
    assert (
        again
        == "line 2  01-R-001  nothing new\nline 3  01-R-002  nothing new\n0 answers to store: add --yes to do it\n"
    )
    assert (await bot.done("audit verify")).startswith(str(len(told) + 5))


async def test_lines_are_refused_one_by_one(who: Held, bot: Shell, tmp_path: Path) -> None:
    """
    With the reason; the good ones are stored, and the status says that not all were.
    """
    database, _ = who
    command = write(
        tmp_path,
        "01-R-001,500,,0,0,0,0",
        "01-R-009,50,,0,0,0,0",
        "01-D-001,50,,0,0,0,0",
        "01-R-002,60,,0,0,0,0",
    )
    status, out, err = await bot(f"{command} --yes")
    assert (status, err) == (1, "import: 3 of 4 lines refused\n")
    assert out.splitlines() == [
        "line 2  01-R-001  refused: dlco: range",
        "line 3  01-R-009  refused: no recipient has this code",
        "line 4  01-D-001  refused: no recipient has this code",
        "line 5  01-R-002  dlco: - -> 60",
        "1 answers stored",
    ]
    assert await stored(database) == [("dlco", "60", "imported", None)]


async def test_a_case_on_two_lines_is_refused(who: Held, bot: Shell, tmp_path: Path) -> None:
    """
    Which of them counts, nobody said.
    """
    command = write(tmp_path, "01-R-001,50,,0,0,0,0", "01-R-001,51,,0,0,0,0")
    status, out, _ = await bot(f"{command} --yes")
    assert (status, out.count("stands on several lines")) == (1, 2)
    assert await stored(who[0]) == []


async def test_a_case_that_has_ended_is_refused(who: Held, bot: Shell, tmp_path: Path) -> None:
    """
    Somebody has decided on it as it was.
    """
    database, people = who
    async with writing(database) as session:
        case = await cases.by_code(session, code="01-R-001", sites=None)
        assert case is not None
        await cases.move(session, case=case, to=Stage.WITHDRAWN, by=people.actor, now=NOW)
    status, out, _ = await bot(f"{write(tmp_path, '01-R-001,50,,0,0,0,0')} --yes")
    assert (status, out.splitlines()[0]) == (
        1,
        "line 2  01-R-001  refused: the case is no longer in screening: withdrawn",
    )


async def test_a_case_of_another_version_is_refused(
    who: Held, bot: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The file is read by the present version, which may ask other things.
    """
    monkeypatch.setitem(versions.PROTOCOLS, "NCT02213705/0", PROTOCOL)
    async with writing(who[0]) as session:
        case = await cases.by_code(session, code="01-R-001", sites=None)
        assert case is not None
        case.protocol = "NCT02213705/0"
    status, out, _ = await bot(f"{write(tmp_path, '01-R-001,50,,0,0,0,0')} --yes")
    told = "the case began under NCT02213705/0, and the file is read by NCT02213705/1"
    assert (status, out.splitlines()[0]) == (1, f"line 2  01-R-001  refused: {told}")
    assert await stored(who[0]) == []


async def test_whoever_answers_for_it_is_a_coordinator_of_the_site(who: Held, bot: Shell, tmp_path: Path) -> None:
    """
    Nobody else's answers are stored, and a stranger's file is not looked at.
    """
    database, people = who
    async with writing(database) as session:
        other = Person(telegram_id=77, name="Bea", language="en", joined_at=NOW, accepted_at=NOW)
        session.add(other)
        await session.flush()
        session.add(Membership(person_id=other.id, role=PersonRole.COORDINATOR, site_id=people.there.id))
        session.add(Membership(person_id=other.id, role=PersonRole.MONITOR, site_id=people.here.id))
    command = write(tmp_path, "01-R-001,50,,0,0,0,0").replace("--person 1", "--person 2")
    status, out, _ = await bot(f"{command} --yes")
    assert (status, "person 2 is no coordinator of its site" in out) == (1, True)
    refused = await bot.refused(command.replace("--person 2", "--person 3"))
    assert refused == "import: there is no active person 3\n"


@pytest.mark.usefixtures("who")
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "No such file or directory"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"weight\n70\n", "no column record_id"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused(
    content: bytes | None, problem: str, bot: Shell, tmp_path: Path
) -> None:
    """
    In a line that names it.
    """
    if content is not None:
        (tmp_path / "records.csv").write_bytes(content)
    assert await bot.refused("import redcap records.csv --person 1") == f"import: records.csv: {problem}\n"


@pytest.mark.parametrize("form", ["fhir", "odm"])
async def test_a_file_of_another_form_is_taken_in_the_same_way(
    form: str, who: Held, bot: Shell, tmp_path: Path
) -> None:
    """
    What was exported and is said anew elsewhere comes back as imported, with the form as its reason.
    """
    database, _ = who
    name = "out.xml" if form == "odm" else "out.json"
    await bot.done(f"export {form} --case 01-R-001 --out {name}")
    text = (tmp_path / name).read_text(encoding="utf-8")
    for old, new in (('Value="52"', 'Value="50"'), ('"valueDecimal": 52', '"valueDecimal": 50')):
        text = text.replace(old, new)
    (tmp_path / name).write_text(text, encoding="utf-8")
    shown = "line 1  01-R-001  dlco: 52 -> 50\n"
    assert await bot.done(f"import {form} {name} --person 1 --yes") == f"{shown}1 answers stored\n"
    assert await stored(database) == [("dlco", "50", "imported", "FHIR" if form == "fhir" else "CDISC ODM")]


GIVEN = {
    "dlco": (52, Examined(date(2026, 4, 10), "lung_function")),
    "haemoglobin": ("118 g/L", Examined(date(2026, 4, 12))),
    "cd4": (400, Examined(None, "other", "blood bank")),
    "platelets": (">=150", UNSAID),
    "pao2": (None, UNSAID),
    "ssc_acr_eular_2013": ({"skin_beyond_mcp": True}, Examined(date(2026, 4, 1), "clinic")),
}
"""A unit, an imprecise number, parts, an awaited result; with more and less of an examination."""


async def standing(database: Database, code: str) -> dict[str, tuple[str | None, Examined]]:
    """
    The answers of a case as they count, with their examinations.
    """
    async with writing(database) as session:
        case = await cases.by_code(session, code=code, sites=None)
        assert case is not None
        record = await records.load(session, case=case, now=NOW)
        return {key: (given.text, given.examined) for key, given in record.current.items()}


@pytest.mark.parametrize("form", ["fhir", "odm", "redcap"])
async def test_what_was_exported_comes_back_with_its_examinations(
    form: str, who: Held, bot: Shell, tmp_path: Path
) -> None:
    """
    Taken for another case it is the same there, and says nothing new then. Where only the examination differs, that is
    said of the answer that stands, with the form as the reason where one was said before.
    """
    database, people = who
    async with writing(database) as session:
        case = await cases.by_code(session, code="01-R-001", sites=None)
        assert case is not None
        record = await records.load(session, case=case, now=NOW)
        entered = [Entered(key, raw, examined) for key, (raw, examined) in GIVEN.items()]
        await answers.add_many(session, record=record, entered=entered, by=people.actor, now=NOW)
    file = tmp_path / "out"
    await bot.done(f"export {form} --out out" if form == "redcap" else f"export {form} --case 01-R-001 --out out")
    if form == "redcap":
        with ZipFile(file) as archive:
            (name,) = [one for one in archive.namelist() if "records" in one and "recipient" in one]
            lines = archive.read(name).decode().splitlines(keepends=True)
        text = "".join(line for line in lines if not line.startswith("01-R-002"))
    else:
        text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("01-R-001", "01-R-002"), encoding="utf-8", newline="")
    shown = await bot.done(f"import {form} out --person 1 --yes")
    assert """dlco: - -> 52 {"on": "2026-04-10", "by": "lung_function"}\n""" in shown
    assert shown.endswith("6 answers stored\n")
    assert await standing(database, "01-R-002") == await standing(database, "01-R-001")
    assert "nothing new" in await bot.done(f"import {form} out --person 1")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("2026-04-10", "2026-04-09"), encoding="utf-8")
    shown = await bot.done(f"import {form} out --person 1 --yes")
    said = """{"on": "2026-04-10", "by": "lung_function"} -> {"on": "2026-04-09", "by": "lung_function"}"""
    assert shown == f"line {2 if form == 'redcap' else 1}  01-R-002  dlco, examined: {said}\n1 answers stored\n"
    (*_, last) = await stored(database)
    reason = {"fhir": "FHIR", "odm": "CDISC ODM", "redcap": "REDCap"}[form]
    assert last == ("dlco", "52", "dated", reason)
    now = Examined(date(2026, 4, 9), "lung_function")
    assert (await standing(database, "01-R-002"))["dlco"] == ("52", now)
