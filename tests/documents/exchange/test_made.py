"""
Stored cases, handed over to other programs and opened again.
"""

import csv
from collections.abc import Mapping
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest

from bot.documents.exchange import fhir_case, made, odm_case, redcap_lines
from bot.documents.kinds import Asked
from bot.documents.reading import read
from bot.documents.snapshot import CaseFile, Snapshot
from bot.rules import file_form
from bot.rules.assessment import Assessment, assess, read_answers
from bot.rules.v1 import PROTOCOL
from bot.texts import words
from tests.chat.ward import NOW, two_wards
from tests.conftest import Clinic

Answers = Mapping[str, object]


@pytest.fixture
async def snapshot(clinic: Clinic) -> Snapshot:
    """
    Two sites with cases at every stage.
    """
    await two_wards(clinic)
    async with clinic.application.database.snapshot() as session:
        return await read(session, now=NOW)


def asked(clinic: Clinic, snapshot: Snapshot, code: str | None = None) -> Asked:
    """
    What a document is made of.
    """
    return Asked(snapshot, words("en"), clinic.settings.study, code)


def unpacked(content: bytes) -> dict[str, bytes]:
    """
    The files of an archive.
    """
    with ZipFile(BytesIO(content)) as held:
        return {name: held.read(name) for name in held.namelist()}


def again(file: CaseFile, answers: Answers) -> Assessment:
    """
    A case as assessed from the answers that came back.
    """
    record = file.record
    linked = {key: one.value for key, one in record.borrowed.items() if key not in file.population.item}
    awaited = {key for key, raw in answers.items() if raw is None}
    facts = read_answers(file.population, answers, record.as_of)
    return assess(file.population, facts, record.as_of, awaited=awaited, linked=linked)


async def test_stored_cases_opened_from_fhir_assess_the_same(clinic: Clinic, snapshot: Snapshot) -> None:
    """
    A file for each case, and one for the study.
    """
    found = unpacked(made.as_fhir(asked(clinic, snapshot)).content)
    assert set(found) == {f"{code}.json" for code in snapshot.by_code} | {"NCT02213705-1.json"}
    for file in snapshot.files:
        (line,) = fhir_case.lines(found[f"{file.case.code}.json"].decode(), PROTOCOL, file.record.as_of)
        assert again(file, line.answers) == file.record.assessment


async def test_one_case_in_fhir_is_a_bundle_of_it_alone(clinic: Clinic, snapshot: Snapshot) -> None:
    """
    Under its code.
    """
    code = next(file.case.code for file in snapshot.files if file.partners)
    document = made.as_fhir(asked(clinic, snapshot, code))
    resource: Any = file_form.loads(document.content)
    assert document.name == f"{code}.fhir.json"
    assert [entry["resource"]["id"] for entry in resource["entry"]][1:] == [code] * 3


async def test_stored_cases_opened_from_odm_assess_the_same(clinic: Clinic, snapshot: Snapshot) -> None:
    """
    All in one file; what a linked donor lends is no answer of the recipient, and comes with the link.
    """
    content = made.as_odm(asked(clinic, snapshot)).content
    back = {line.code: line.answers for line in odm_case.lines(content.decode(), PROTOCOL, NOW.date())}
    assert set(back) == set(snapshot.by_code)
    for file in snapshot.files:
        lent = {key: one.value for key, one in file.record.borrowed.items() if key in file.population.item}
        assert again(file, {**back[file.case.code], **lent}) == file.record.assessment


async def test_stored_cases_opened_from_redcap_assess_the_same(clinic: Clinic, snapshot: Snapshot) -> None:
    """
    A dictionary and records for each population.
    """
    found = unpacked(made.as_redcap(asked(clinic, snapshot)).content)
    names = {
        f"NCT02213705-1-{kind}-{what}.csv" for kind in ("recipient", "donor") for what in ("dictionary", "records")
    }
    assert set(found) == names
    assert len(next(csv.reader(StringIO(found["NCT02213705-1-donor-dictionary.csv"].decode())))) == 18
    read_again = {
        line.code: line
        for name, content in found.items()
        if name.endswith("records.csv")
        for line in redcap_lines.lines(content.decode(), PROTOCOL, NOW.date())
    }
    assert set(read_again) == set(snapshot.by_code)
    for code, file in snapshot.by_code.items():
        assert read_again[code].problems == ()
        assert again(file, read_again[code].answers) == file.record.assessment


async def test_no_person_is_named(clinic: Clinic, snapshot: Snapshot) -> None:
    """
    People are numbers there.
    """
    for kind in (made.as_odm, made.as_redcap, made.as_fhir):
        content = kind(asked(clinic, snapshot)).content
        whole = b"".join(unpacked(content).values()) if content.startswith(b"PK") else content
        assert not any(f">{person.name}<".encode() in whole for person in snapshot.people.values())
        assert not any(str(person.telegram_id).encode() in whole for person in snapshot.people.values())
