"""
The data that leave: every table, in a workbook and as CSV, with a dictionary.
"""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest

from bot.documents.data.archive import plain
from bot.documents.data.made import as_archive, as_workbook
from bot.documents.data.tables import Column, Table
from bot.documents.data.workbook import workbook
from bot.documents.kinds import Asked
from bot.documents.reading import read
from bot.study import Study
from bot.texts import words
from tests.chat.conversation import open_case, skip
from tests.chat.ward import NOW, Ward, two_wards
from tests.conftest import Chatter, Clinic
from tests.documents.data import reader
from tests.documents.papers.reader import made

SHEETS = [
    *("dictionary", "cases", "answers_recipient", "answers_donor", "answers_ever", "answer_parts"),
    *("criteria_recipient", "criteria_donor", "visits", "decisions", "queries", "deviations", "links", "people"),
]


async def asked(clinic: Clinic, language: str = "en") -> tuple[Asked, Ward]:
    """
    Two sites at work, read.
    """
    here, _ = await two_wards(clinic)
    async with clinic.application.database.snapshot() as session:
        return Asked(await read(session, now=NOW), words(language), Study()), here


async def test_a_workbook_has_every_table_and_its_dictionary(clinic: Clinic) -> None:
    """
    Frozen heads, and a line in the dictionary for each column, with words in both languages.
    """
    found, _ = await asked(clinic)
    content = as_workbook(found).content
    book = reader.opened(content)
    assert book.sheetnames == ["notes", *SHEETS]
    assert {book[name].freeze_panes for name in SHEETS} == {"B2"}
    said = {(row["table"], row["column"]): row for row in reader.rows(content, "dictionary")}
    columns = {(name, cell.value) for name in SHEETS[1:] for cell in book[name][1]}
    assert columns == said.keys()
    assert all(row["label_en"] and row["label_fr"] for row in said.values())
    dlco = said["answers_recipient", "dlco (% predicted)"]
    assert (dlco["type"], dlco["unit"], dlco["lowest"], dlco["highest"]) == ("number", "% predicted", 1, 200)
    assert "resistant = " in said["answers_recipient", "immunosuppression_status"]["choices_fr"]


async def test_a_workbook_holds_what_is_stored(clinic: Clinic) -> None:
    """
    Days are days, numbers are numbers, what is awaited is said to be.
    """
    found, here = await asked(clinic)
    content = as_workbook(found).content
    cases = {row["code"]: row for row in reader.rows(content, "cases")}
    assert cases.keys() == {file.case.code for file in found.snapshot.files}
    infused = cases[here.of("infused", "code")]
    assert isinstance(infused["infused"], datetime)
    assert infused["verdict"] == "eligible"
    donors = {row["code"]: row for row in reader.rows(content, "answers_donor")}
    assert donors[here.of("awaiting", "code")]["positive_pcr"] == "awaited"
    assert donors[here.of("failing", "code")]["positive_pcr"] == "hiv"
    assert isinstance(donors[here.of("failing", "code")]["age (y)"], int)
    criteria = {row["code"]: row for row in reader.rows(content, "criteria_donor")}
    assert criteria[here.of("failing", "code")]["D-E2"] == "fail"
    assert [row["query"] for row in reader.rows(content, "queries") if row["code"] == here.of("failing", "code")] == [
        "Q8"
    ]
    pairs = {(row["recipient"], row["donor"]) for row in reader.rows(content, "links")}
    assert (here.of("mother", "code"), here.of("child", "code")) in pairs
    decisions = [row for row in reader.rows(content, "decisions") if row["code"] == here.of("mother", "code")]
    assert any((row["decision"], row["partner"]) == ("signed", here.of("child", "code")) for row in decisions)
    months = [row["month"] for row in reader.rows(content, "visits") if row["code"] == here.of("infused", "code")]
    assert months == [3, 6, 9, 12, 24]
    assert len(reader.rows(content, "answers_ever")) == sum(len(file.given) for file in found.snapshot.files)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_an_archive_holds_the_same_tables(clinic: Clinic, language: str) -> None:
    """
    One file each, that any program reads; the notes say of which reading they are.
    """
    found, here = await asked(clinic, language)
    with ZipFile(BytesIO(as_archive(found).content)) as held:
        assert held.namelist() == ["notes.csv", *(f"{name}.csv" for name in SHEETS)]
        files = {name: held.read(name).decode("utf-8-sig") for name in held.namelist()}
    cases = {row["code"]: row for row in csv.DictReader(StringIO(files["cases.csv"]))}
    assert date.fromisoformat(cases[here.of("infused", "code")]["infused"])
    assert found.snapshot.head.seal in files["notes.csv"]
    assert "Europe/Paris, UTC+02:00" in files["notes.csv"]
    assert ("Version des règles" in files["notes.csv"]) is (language == "fr")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_text_that_looks_like_a_formula_is_none(text: str) -> None:
    """
    Neither in a workbook nor in a CSV file that a spreadsheet opens.
    """
    content = workbook([], [Table("t", (Column("x"),), ([text],))], made=datetime(2026, 5, 10, tzinfo=UTC))
    cell = reader.opened(content)["t"]["A2"]
    assert cell.data_type == "s"
    assert str(cell.value).removeprefix("_x000D_").strip() == text.strip()
    assert plain(text) == f"'{text}"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        *[(None, ""), (True, "true"), (False, "false"), (3, "3"), (Decimal("0.50"), "0.50"), ("a-b", "a-b")],
        *[(date(2026, 5, 3), "2026-05-03"), (NOW.replace(tzinfo=None), "2026-05-04 09:00:07")],
        (Decimal("1E-7"), "0.0000001"),
    ],
)
def test_a_cell_as_text(cell: object, expected: str) -> None:
    """
    As any program reads it.
    """
    assert plain(cell) == expected  # type: ignore[arg-type]


def test_a_number_of_many_digits_loses_none() -> None:
    """
    What a workbook's number could not hold stands as text.
    """
    digits = Decimal("12345678901234567.891")
    content = workbook([], [Table("t", (Column("x"),), ([digits],))], made=datetime(2026, 5, 10, tzinfo=UTC))
    assert reader.opened(content)["t"]["A2"].value == str(digits)


async def test_every_answer_ever_has_its_parts_in_columns(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A number with its unit, a bound with its sign, a ratio with both its numbers, beside what was entered.
    """
    await open_case(coordinator, "recipient")
    await coordinator.say("LVEF <35\nALT 120/40\nDLCO 55-58\nplatelets 49000/mm3")
    await coordinator.press(words("en").count("button.store", 4).unescape())
    async with clinic.application.database.snapshot() as session:
        found = Asked(await read(session, now=NOW), words("en"), Study())
    given = {row["item"]: row for row in reader.rows(as_workbook(found).content, "answers_ever")}
    names = ("value", "unit", "comparator", "to", "result", "upper")
    told = {key: tuple(row[name] for name in names) for key, row in given.items()}
    assert told == {
        "lvef": (35, "%", "<", None, None, None),
        "transaminases_xuln": (3, "x ULN", None, None, 120, 40),
        "dlco": (55, "% predicted", ">=", 58, None, None),
        "platelets": (49, "10^9/L", None, None, None, None),
    }


async def test_the_parts_of_scores_are_a_table(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A row for each site or row, as it was given; and they stand on the checklist with the score.
    """
    await skip(clinic, coordinator, "recipient", until="mrss")
    await coordinator.say("1 2 3 " + "1 " * 14)
    await coordinator.press(words("en")("button.store_worked", value="20 points").unescape()[:14])
    async with clinic.application.database.snapshot() as session:
        snapshot = await read(session, now=NOW)
    found = reader.rows(as_workbook(Asked(snapshot, words("en"), Study())).content, "answer_parts")
    scores = {row["part"]: row["value"] for row in found if row["item"] == "mrss"}
    assert len(scores) == 17
    assert (scores["face"], scores["chest"], scores["abdomen"], scores["left_foot"]) == (1, 2, 3, 1)
    paper = " ".join((await made(clinic, "checklist", "01-R-001")).text.split())
    assert "face 1" in paper
    assert "chest 2" in paper
