"""
The command line, as a script or a second reader uses it: cases in, assessments out, a line each.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.commands.assess import lines
from bot.rules import file_form
from bot.rules.versions import LATEST
from tests.commands import started
from tests.commands.started import Ended
from tests.rules.cases import POPULATIONS, WELL, WELL_DONOR, filed

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 5, 10)
KEYS = ["case", "kind", "as_of", "verdict", "criteria", "missing", "queries", "recheck_on", "on_limit"]
GOOD = b'{"case": "R-001", "kind": "recipient", "as_of": "2026-05-10", "answers": {"age": 44}}'


def case(kind: str = "recipient", **answers: object) -> bytes:
    """
    A line with a case; its answers as the tests of the rules write them.
    """
    given = {"case": "R-001", "kind": kind, "as_of": "2026-05-10", "answers": filed(answers)}
    return file_form.dumps(given).encode()


def results(*source: bytes) -> list[dict[str, Any]]:
    """
    What comes out for these lines, each read back, with whether it was good.
    """
    return [json.loads(text) | {"is_good": is_good} for text, is_good in lines(source, LATEST, lambda: TODAY)]


def refused(line: bytes) -> dict[str, Any]:
    """
    The answer to a bad line, which keeps no other line from being assessed.
    """
    before, found, after = results(GOOD, line, GOOD)
    assert before["is_good"]
    assert after == before
    assert not found.pop("is_good")
    assert found.keys() == {"case", "error"}
    return found


Run = Callable[..., Ended]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """
    Run a command in an empty directory, as an installed bot would.
    """

    def run(*arguments: str, given: bytes = b"", **environment: str) -> Ended:
        return started.run(tmp_path, *arguments, environment=surroundings(**environment), given=given)

    return run


def command(*arguments: str) -> list[str]:
    """
    The command line of the bot.
    """
    return [sys.executable, "-m", "bot", *arguments]


def surroundings(**more: str) -> dict[str, str]:
    """
    An environment that sets nothing of the bot's but where it lies.
    """
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "SYSTEMROOT", "LANG")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


@pytest.fixture
def piped(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """
    The assess command, waiting at the other end of two pipes.
    """
    with subprocess.Popen(  # noqa: S603  the interpreter that runs the tests
        command("assess"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path, env=surroundings()
    ) as process:
        yield process
        process.kill()


def test_a_result_has_exactly_the_promised_keys() -> None:
    """
    Case, kind, day, verdict, criteria, missing, queries, day to look again and values on a limit; in this order.
    """
    [(text, is_good)] = lines([GOOD], LATEST, lambda: TODAY)
    found = json.loads(text)
    assert is_good
    assert list(found) == KEYS
    assert (found["case"], found["kind"], found["as_of"]) == ("R-001", "recipient", "2026-05-10")
    assert "\n" not in text


@pytest.mark.parametrize("kind", sorted(POPULATIONS))
def test_a_result_speaks_of_every_criterion(kind: str) -> None:
    """
    Every numbered criterion and lettered part is there, once, in the protocol's order.
    """
    [found] = results(case(kind))
    assert list(found["criteria"]) == [judged.id for judged in POPULATIONS[kind].judged]
    assert set(found["criteria"].values()) == {"unknown"}
    assert (found["verdict"], found["queries"], found["recheck_on"], found["on_limit"]) == ("incomplete", [], None, [])


@pytest.mark.parametrize(
    ("kind", "answers", "verdict", "missing", "on_limit"),
    [
        ("recipient", WELL, "eligible", [], []),
        ("recipient", WELL | {"age": "70"}, "not_eligible", [], ["age"]),
        ("recipient", WELL | {"cd4": None}, "incomplete", ["cd4"], []),
        ("recipient", WELL | {"mrss": "16", "spap": "40", "lvef": "35"}, "eligible", [], ["spap", "lvef"]),
        ("donor", WELL_DONOR, "eligible", [], []),
        ("donor", WELL_DONOR | {"age": "65"}, "eligible", [], ["age"]),
        ("donor", WELL_DONOR | {"relationship": "unrelated"}, "not_eligible", [], []),
        ("donor", WELL_DONOR | {"pregnant": None}, "incomplete", ["pregnant"], []),
    ],
)
def test_a_case_is_assessed(
    kind: str, answers: dict[str, Any], verdict: str, missing: list[str], on_limit: list[str]
) -> None:
    """
    Verdict, what is missing and what sits on a limit, for cases that a person can check.
    """
    [found] = results(case(kind, **answers))
    assert (found["verdict"], found["missing"], found["on_limit"]) == (verdict, missing, on_limit)


def test_queries_and_the_day_to_look_again_come_out() -> None:
    """
    A contradiction is named by its query; the wait after cyclophosphamide by the day on which it ends.
    """
    waiting = {"cyclophosphamide_high_dose": True, "cyclophosphamide_last_dose": "2026-03-31"}
    [found] = results(case(**WELL | waiting | {"heart_findings": [], "effusion_haemodynamic_compromise": True}))
    assert found["queries"] == ["Q3"]
    assert found["recheck_on"] == "2026-09-30"


def test_null_is_no_answer() -> None:
    """
    An answer that is null counts as none.
    """
    assert results(case(age=None, sex=None)) == results(case())


def test_a_case_without_a_day_is_assessed_as_of_today() -> None:
    """
    Without `as_of`, or with null, today counts.
    """
    without = b'{"case": "R-001", "kind": "recipient", "answers": {}}'
    null = b'{"case": "R-001", "kind": "recipient", "as_of": null, "answers": {}}'
    assert [found["as_of"] for found in results(without, null)] == ["2026-05-10", "2026-05-10"]


def test_empty_lines_are_skipped() -> None:
    """
    Empty lines, or lines of blanks, give nothing.
    """
    assert len(results(b"\n", GOOD + b"\r\n", b"  \t\n", GOOD)) == 2


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ({"shoe_size": "44"}, "shoe_size"),
        ({"shoe_size": None}, "shoe_size"),
        ({"relationship": "sibling"}, "relationship"),
        ({"age": True}, "age"),
        ({"age": []}, "age"),
        ({"age": "44.5"}, "age"),
        ({"age": "-1"}, "age"),
        ({"age": "121"}, "age"),
        ({"age": "forty"}, "age"),
        ({"consent_signed": "1"}, "consent_signed"),
        ({"consent_signed": "true "}, "consent_signed"),
        ({"sex": "other"}, "sex"),
        ({"sex": True}, "sex"),
        ({"malignancy": "myelodysplasia"}, "malignancy"),
        ({"malignancy": ["sunburn"]}, "malignancy"),
        ({"malignancy": [None]}, "malignancy"),
        ({"malignancy": {}}, "malignancy"),
        ({"pao2": "7.9 bar"}, "pao2"),
        ({"pao2": "7.9 kpa"}, "pao2"),
        ({"pao2": "1.33 kPa"}, "pao2"),
        ({"pao2": "26.67 kPa"}, "pao2"),
        ({"haemoglobin": "80 g/kg"}, "haemoglobin"),
        ({"dlco": "0.9"}, "dlco"),
        ({"dlco": "200.1"}, "dlco"),
        ({"dlco": "fifty"}, "dlco"),
        ({"bp_first": "165"}, "bp_first"),
        ({"bp_first": "165-112"}, "bp_first"),
        ({"bp_first": "112/165"}, "bp_first"),
        ({"bp_first": "301/100"}, "bp_first"),
        ({"cyclophosphamide_last_dose": "2026-05-11"}, "cyclophosphamide_last_dose"),
        ({"cyclophosphamide_last_dose": "2026-02-30"}, "cyclophosphamide_last_dose"),
        ({"cyclophosphamide_last_dose": "20260201"}, "cyclophosphamide_last_dose"),
        ({"cyclophosphamide_last_dose": "2026-W01-1"}, "cyclophosphamide_last_dose"),
        ({"cyclophosphamide_last_dose": "1899-12-31"}, "cyclophosphamide_last_dose"),
    ],
)
def test_a_bad_answer_is_named(answers: dict[str, Any], named: str) -> None:
    """
    An unknown item, a wrong type, an unknown unit, a value that cannot be, a day to come: the error names the item,
    what came and what is expected, and the other lines are assessed.
    """
    found = refused(case(**answers))
    assert found["case"] == "R-001"
    key, _, rest = found["error"].partition(": ")
    assert key.strip('"') == named
    assert "expected " in rest
    if named not in {"shoe_size", "relationship"}:
        [came] = filed(answers).values()
        assert rest.startswith(f"got {file_form.dumps(came)}, ")


def line(**changes: object) -> bytes:
    """
    A good line with changes; a key set to `...` is left out.
    """
    given = {"case": "R-001", "kind": "recipient", "as_of": "2026-05-10", "answers": {}} | changes
    return json.dumps({key: value for key, value in given.items() if value is not ...}).encode()


@pytest.mark.parametrize(
    ("bad", "named", "name"),
    [
        (line(case=...), "case: got null", None),
        (line(case=None), "case: got null", None),
        (line(case=7), "case: got 7", None),
        (line(kind=...), "kind: got null", "R-001"),
        (line(kind="patient"), 'kind: got "patient"', "R-001"),
        (line(kind=["donor"]), 'kind: got ["donor"]', "R-001"),
        (line(as_of="yesterday"), "as_of: got ", "R-001"),
        (line(as_of="2026-02-30"), "as_of: got ", "R-001"),
        (line(as_of="2026-05-10T00:00"), "as_of: got ", "R-001"),
        (line(as_of="2026-W19-7"), "as_of: got ", "R-001"),
        (line(as_of="20260510"), "as_of: got ", "R-001"),
        (line(as_of=20260510), "as_of: got 20260510", "R-001"),
        (line(as_of="0001-01-01"), "as_of: got ", "R-001"),
        (line(as_of="9999-12-31"), "as_of: got ", "R-001"),
        (line(as_of=""), 'as_of: got ""', "R-001"),
        (line(answers=...), "answers: got null", "R-001"),
        (line(answers=None), "answers: got null", "R-001"),
        (line(answers=[]), "answers: got []", "R-001"),
        (line(colour="blue"), "colour: unknown key", "R-001"),
        (line(Case="R-001", case=...), "Case: unknown key", None),
    ],
)
def test_a_bad_case_is_named(bad: bytes, named: str, name: str | None) -> None:
    """
    A case without a name, a kind or answers, with another key or a day that is none, is refused by the key.
    """
    found = refused(bad)
    assert found["case"] == name
    assert found["error"].startswith(named)
    assert "expected " in found["error"]


@pytest.mark.parametrize(
    "bad",
    [
        b"hello",
        b'{"case": "R-001"',
        GOOD + GOOD,
        b"{'case': 'R-001'}",
        b"[]",
        b"null",
        b"true",
        b"17",
        b'"R-001"',
        b'{"case": "R-001", "case": "R-002", "kind": "donor", "answers": {}}',
        b'{"case": "R-001", "kind": "donor", "answers": {"age": 20, "age": 40}}',
        b'{"case": "R-001", "kind": "donor", "answers": {"age": NaN}}',
        b'{"case": "R-001", "kind": "donor", "answers": {"age": Infinity}}',
        b'{"case": "R-\xff", "kind": "donor", "answers": {}}',
        b'{"case": "R-\xed\xa0\x80", "kind": "donor", "answers": {}}',
        b"\x00",
    ],
)
def test_what_is_no_case_is_refused(bad: bytes) -> None:
    """
    What is no JSON, no object, no UTF-8, or says a key twice: refused, and the other lines are assessed.
    """
    assert refused(bad)["case"] is None


@pytest.mark.parametrize(
    "number",
    ["1e999999", "-1e999999", "1e999999999999999999", "1e99999999999999999999", "1e-99999999999999999999", "9" * 999],
)
def test_a_huge_number_is_refused(number: str) -> None:
    """
    A number of any size is refused as any other that cannot be.
    """
    error = refused(b'{"case": "R-001", "kind": "recipient", "answers": {"dlco": %s}}' % number.encode())["error"]
    assert len(error) < 500


@pytest.mark.parametrize("depth", [10, 300, 400, 940, 1000, 100_000])
@pytest.mark.parametrize(("opened", "closed"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_deep_nesting_is_refused(opened: bytes, closed: bytes, depth: int) -> None:
    """
    An answer, or a line, nested to any depth is refused as any other wrong type.
    """
    nested = opened * depth + b"1" + closed * depth
    assert len(refused(b'{"case": "R-001", "kind": "recipient", "answers": {"age": %s}}' % nested)["error"]) < 500
    assert len(refused(nested)["error"]) < 500


def test_a_long_value_is_cut_in_its_error() -> None:
    """
    An error stays readable, whatever came.
    """
    assert len(refused(case(sex="x" * 100_000))["error"]) < 500
    assert len(refused(case(**{"x" * 100_000: True}))["error"]) < 500
    assert len(refused(line(**{"x" * 100_000: True}))["error"]) < 500


def test_cases_come_from_a_file_or_from_standard_input(run: Run, tmp_path: Path) -> None:
    """
    The same lines give the same results, in order, either way; all good ends in status 0.
    """
    given = b"\n".join([case("donor", **WELL_DONOR), b"", GOOD, case(**WELL), case("donor")]) + b"\n"
    (tmp_path / "cases.jsonl").write_bytes(given)
    from_file, from_pipe = run("assess", "cases.jsonl"), run("assess", given=given)
    assert (from_file.status, from_pipe.status) == (0, 0)
    assert from_file.output == from_pipe.output
    assert from_file.errors == from_pipe.errors == b""
    found = [json.loads(text) for text in from_file.output.splitlines()]
    assert [one["verdict"] for one in found] == ["eligible", "incomplete", "eligible", "incomplete"]
    assert [one["kind"] for one in found] == ["donor", "recipient", "recipient", "donor"]
    assert all(list(one) == KEYS for one in found)


def test_a_bad_line_ends_in_status_1_after_all_others(run: Run) -> None:
    """
    Every line has its result, in order; the exit status tells that one was bad.
    """
    found = run("assess", given=GOOD + b"\nnonsense\n" + GOOD)
    assert found.status == 1
    assert found.errors == b""
    first, second, third = (json.loads(text) for text in found.output.splitlines())
    assert first == third
    assert first["verdict"] == "incomplete"
    assert second.keys() == {"case", "error"}


def test_no_lines_give_no_results(run: Run) -> None:
    """
    Nothing in, nothing out, and that is no error.
    """
    found = run("assess", given=b"\n")
    assert (found.status, found.output, found.errors) == (0, b"", b"")


def test_half_a_character_keeps_no_other_line_from_its_result(run: Run) -> None:
    """
    Text that cannot be written as UTF-8 is refused or written escaped, wherever it stands, and the rest comes out.
    """
    halves = [
        rb'{"case": "R-\ud800", "kind": "donor", "answers": {}}',
        rb'{"case": "R-001", "kind": "donor", "answers": {"sex": "\ud800"}}',
        rb'{"case": "R-001", "kind": "donor", "answers": {}, "\ud800": 1}',
    ]
    for half in halves:
        found = run("assess", given=half + b"\n" + GOOD + b"\n")
        assert b"Traceback" not in found.errors
        assert len(found.output.splitlines()) == 2
        assert json.loads(found.output.splitlines()[1])["case"] == "R-001"


def test_names_in_any_script_come_out_as_they_went_in(tmp_path: Path) -> None:
    """
    A case's name keeps its letters, whatever the terminal's encoding.
    """
    named = json.dumps({"case": "Ré-Ω-患", "kind": "donor", "answers": {}}, ensure_ascii=False).encode()
    for environment in ({}, {"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}):
        found = subprocess.run(  # noqa: S603  the interpreter that runs the tests
            command("assess"),
            input=named,
            capture_output=True,
            check=True,
            cwd=tmp_path,
            env=surroundings(**environment),
            timeout=60,
        )
        assert found.stderr == b""
        assert json.loads(found.stdout)["case"] == "Ré-Ω-患"


def test_each_result_comes_before_the_next_line_is_given(piped: subprocess.Popen[bytes]) -> None:
    """
    Results stream: a script may wait for one before it writes the next case.
    """
    for number in range(5):
        name = f"R-{number:03}"
        piped.stdin.write(json.dumps({"case": name, "kind": "recipient", "answers": {}}).encode() + b"\n")
        piped.stdin.flush()
        assert json.loads(piped.stdout.readline())["case"] == name
    piped.stdin.close()
    assert piped.stdout.read() == b""
    assert piped.wait() == 0


def test_a_file_that_is_not_there_is_named(run: Run) -> None:
    """
    A missing file, or a directory, is said in a sentence, with status 2.
    """
    for path in ("nowhere.jsonl", "."):
        found = run("assess", path)
        assert found.status == 2
        assert found.output == b""
        assert path in found.errors.decode()
        assert "Traceback" not in found.errors.decode()


def test_today_is_the_sites_today(run: Run) -> None:
    """
    Without a day, the site's time zone says which day it is.
    """
    zone = "Pacific/Kiritimati"
    before = datetime.now(ZoneInfo(zone)).date()
    found = run("assess", given=b'{"case": "A", "kind": "donor", "answers": {}}', SITE_TIME_ZONE=zone)
    after = datetime.now(ZoneInfo(zone)).date()
    assert before <= date.fromisoformat(json.loads(found.output)["as_of"]) <= after


def test_assess_starts_without_a_database_or_telegram(run: Run, tmp_path: Path) -> None:
    """
    Assessing needs no token and leaves no file behind.
    """
    assert run("assess", given=GOOD).status == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_protocol_is_printed_to_proofread(run: Run, language: str) -> None:
    """
    Every criterion, part, query and item is on the table, in either language, in plain text.
    """
    found = run("protocol", "--language", language)
    text = found.output.decode()
    assert (found.status, found.errors) == (0, b"")
    for population in POPULATIONS.values():
        for criterion in population.criteria:
            assert all(f"\n| {part.id} | " in text for part in criterion.family)
        assert all(f"\n| {query.id} | " in text for query in population.queries)
        assert all(f"`{key}`" in text for key, used in population.uses.items() if used)
    for entity in ("&lt;", "&gt;", "&amp;", "&#", "&quot;", "&nbsp;", "<b>", "<i>", "<code>"):
        assert entity not in text


def test_the_protocol_is_translated(run: Run) -> None:
    """
    The two tables say the same of the same criteria in different words, and English is the default.
    """
    english, french = (run("protocol", "--language", language).output.decode() for language in ("en", "fr"))
    assert run("protocol").output.decode() == english
    ours, theirs = (
        [row.split(" | ")[0] for row in text.splitlines() if row.startswith("| ")] for text in (english, french)
    )
    assert ours == theirs
    wordings = zip(english.splitlines(), french.splitlines(), strict=True)
    assert all(one != other for one, other in wordings if one.startswith(("| R-", "| D-", "| Q")))


def test_the_protocol_is_printed_as_cql(run: Run) -> None:
    """
    Both libraries, each from its own first line on; or the one that a translator is given.
    """
    both, donor = run("protocol", "--cql").output.decode(), run("protocol", "--cql", "--kind", "donor")
    assert (donor.status, donor.errors) == (0, b"")
    first, second = both.split("\nlibrary ")
    assert first.startswith("library NCT02213705_Recipient version '1'\n")
    assert f"library {second}" == donor.output.decode()
    assert run("protocol", "--markdown").output == run("protocol").output


def test_the_protocol_is_printed_as_fhir(run: Run) -> None:
    """
    A bundle with a group, an evidence variable and a library for each kind of case.
    """
    found = run("protocol", "--fhir")
    kinds = [entry["resource"]["resourceType"] for entry in json.loads(found.output)["entry"]]
    assert (found.status, kinds) == (0, ["Group", "EvidenceVariable", "Library"] * 2)
