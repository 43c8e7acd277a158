"""
Every screen of every state of a case is one that Telegram takes, in both languages.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.catalogues import LANGUAGES
from bot.emulator.html import parse_html, utf16_length
from bot.emulator.parameters import CAPTION_LIMIT
from bot.render import render
from bot.render.card import TEXT_LIMIT, Card
from bot.rules import file_form
from bot.rules.assessment import Verdict
from bot.rules.items import Item, Number, Several
from bot.rules.v1.scores import ACR_EULAR_2013
from bot.rules.versions import LATEST
from bot.screens.authenticator import AuthenticatorState, NewSecret
from bot.screens.base import Page
from bot.screens.cases import CaseList, ChooseCaseSite, ChooseKind
from bot.screens.dating import Dating
from bot.screens.decisions import Choices, ChooseQuery, DismissScreen, EndScreen, Include, IncludeScreen, WhyDecide
from bot.screens.documents import Documents
from bot.screens.editing import Changed, Section, Sections
from bot.screens.endings import ENDINGS, AskDay, Ending, EndingScreen, Fact, Follows
from bot.screens.history import History
from bot.screens.infusions import OfInfusion
from bot.screens.invitations import InvitationLink, Invitations, Invited
from bot.screens.joining import Ended, PrivacyNote, Refusal, Welcome
from bot.screens.menus import ChooseLanguage, Help, Home
from bot.screens.notices import Anew, Apology, Told, Voided
from bot.screens.overview import Board, FoundCases, Group
from bot.screens.pairs import ChoosePartner, ChooseUnlink, DonorOf, Donors, LinkUnrelated
from bot.screens.people import ChooseRole, ChooseSite, Profile, Team
from bot.screens.proposals import ConfirmProposal, Proposed, ProposeScreen
from bot.screens.queries import PAGE, OpenQueries, OpenQuery
from bot.screens.questions import REASONS, ChooseReason, Question, Why
from bot.screens.quick import QuickEntry, WhyQuick
from bot.screens.reasoning import Criteria, Reasoning
from bot.screens.reminders import AskSnooze, Digest, MutedKinds, OneReminder, Reminders, RemindersOfCase
from bot.screens.report import Report
from bot.screens.scores import Adding, Classifying
from bot.screens.screening import Settled
from bot.screens.signing import ChooseCriterion, FailureScreen, Sign, SignScreen
from bot.screens.stored import Stored, TakesLists
from bot.screens.summary import Summary
from bot.screens.upshot import AfterAnswer, Upshot
from bot.screens.values import PAGE as VALUES_A_PAGE
from bot.screens.values import Values
from bot.screens.what_if import WhatIf
from bot.study import Study
from bot.taps import LIMIT, decode
from bot.texts import words
from bot.turn import Note, View
from bot.typed.pending import Left, Pended, Pending
from bot.typed.scores import is_worked_out
from db.base.tables import (
    AuditEntry,
    Case,
    Decision,
    Invitation,
    Membership,
    Person,
    PersonRole,
    Reminder,
    Site,
    Stage,
)
from db.cases.given import Examined, GivenAnswer
from db.cases.overview import STAGES, Count, Filter
from db.cases.projections import project
from db.cases.records import Record
from db.cases.signatures import Dismissed, Signed
from db.follow_up.due import Occurrence, ReminderKind
from db.people.invitations import Open
from db.people.team import Colleague, Held
from tests.chat.conversation import item_of
from tests.chat.follow_up_views import follow_up_views
from tests.rules.oracle import ITEMS, LISTS, case_strategy
from tests.thorough import thorough

MOST_BUTTONS = 100
NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


def record_from(case: dict[str, Any], awaited: frozenset[str] = frozenset(), stage: Stage = Stage.SCREENING) -> Record:
    """
    A record with these answers in file form, as if they had been given one after another.
    """
    population = LATEST.population(case["kind"])
    stored = Case(
        id=999_999_999,
        code=f"99-{case['kind'][0].upper()}-999",
        kind=case["kind"],
        site_id=1,
        number=999,
        protocol=LATEST.version,
        stage=stage,
        opened_by=1,
        verdict=Verdict.INCOMPLETE,
        assessed_on=date.fromisoformat(case["as_of"]),
        revision=len(case["answers"]) + len(awaited),
    )
    answers = {key: raw for key, raw in case["answers"].items() if raw is not None and key not in awaited}
    texts = {**{key: file_form.dumps(raw) for key, raw in answers.items()}, **dict.fromkeys(sorted(awaited))}
    given_ = tuple(GivenAnswer(key, text, at, 1, NOW, "asked") for at, (key, text) in enumerate(texts.items(), start=1))
    record = Record(stored, population, given_, date.fromisoformat(case["as_of"]), ZoneInfo("Europe/Paris"))
    project(record)
    return record


def most_follows(record: Record) -> Upshot:
    """
    Every query opened by one answer, some of another case, and every answer set aside that a gate can.
    """
    queries = [query.id for query in record.population.queries]
    gated = tuple(key for key in record.population.gates if key in record.current)
    opened = ((record.case.code, one) for one in queries)
    return Upshot(tuple(opened), (("99-D-999", "Q9"),), gated, ())


def every_view(record: Record) -> Iterator[View]:
    """
    Each screen that this record can be shown on.
    """
    for may_screen in (True, False):
        yield from (Summary(record, in_full, may_screen) for in_full in (True, False))
    if record.current:
        yield Summary(record, in_full=True, may_screen=True, upshot=most_follows(record))
        yield Settled(record, upshot=most_follows(record))
        yield Sections(record)
        last = record.answers[-1]
        before, item = record.before(last.revision), record.population.item[last.item]
        yield Changed(before, record, item, upshot=most_follows(record))
    yield from read_views(record)
    yield Values(record, Page(record.population.items[:VALUES_A_PAGE], 1, has_more=True))
    for section in {item.section for item in record.population.items if item.key in record.current}:
        yield Section(record, section)
    yield from deciding_views(record)
    yield from list_views(record)
    for item in record.population.items:
        yield Why(record, item)
        ticked = frozenset(item.options) if isinstance(item, Several) else frozenset[str]()
        yield Question(
            record, item, back="uncontrolled_ventricular_arrhythmia", ticked=ticked, stored=all_stored(record)
        )
        yield Question(record, item, ticked=ticked, upshot=most_follows(record))
        if is_worked_out(item):
            yield from _worked_out(record, item)
        if item.key in record.current:
            yield ChooseReason(record, item, ends=(record.case.code, *("99-D-999",) * 12))
            yield Question(record, item, reason=REASONS[-1])
        if record.raw(item.key) is not None:
            yield Question(record, item, unusual=record.raw(item.key))
            yield Question(record, item, unusual=record.raw(item.key), is_suggestion=True)


def _worked_out(record: Record, item: Item) -> Iterator[View]:
    """
    Nothing given, all but one, all; while the answer is changed too.
    """
    if isinstance(item, Number):
        for number in range(len(item.parts) + 1):
            given = dict.fromkeys(item.parts[:number], 3)
            asked = item.parts[number] if number < len(item.parts) else None
            yield Adding(record, item, given, None if asked else item.read(given), REASONS[-1], asked)
    else:
        yield Classifying(record, item, {}, None, REASONS[-1])
        whole: dict[str, object] = {row.key: next(reversed(row.points)) for row in ACR_EULAR_2013.rows}
        whole |= {"fingers_spared": False, "other_disorder": False}
        yield Classifying(record, item, whole, result=True)


def all_stored(record: Record) -> Stored | None:
    """
    All answers, as if they had been one list.
    """
    return Stored(tuple(record.current), batch=1) if record.current else None


def list_views(record: Record) -> Iterator[View]:
    """
    A list of everything, with all of it refused as well, for a case without answers and for this one.
    """
    examined = Examined(record.as_of, "other", "w" * 60)
    values = tuple(Pended(key, record.raw(key), "unusual", examined) for key in record.current)
    items = record.population.items
    left = (*(Left(at, "w" * 60, "range", item.key) for at, item in enumerate(items)), Left(9999, "w" * 60))
    found = Pending(values, (values[:2],) if values else (), tuple(record.current), (), left)
    for at_hand in (record, record.before(1)):
        shown = found.on_a_card(at_hand)
        for changed in (frozenset[str](), frozenset(value.item for value in shown)):
            entry = QuickEntry(at_hand, found, "f" * 8, shown, changed)
            yield entry
            yield WhyQuick(entry)
    if (stored := all_stored(record)) is not None:
        yield Dating(record, stored)
        yield Dating(record, stored, "<" * 60)


def deciding_views(record: Record) -> Iterator[View]:
    """
    Each screen of pairs and decisions that this record can be shown on.
    """
    partner = record_from({"kind": "donor", "as_of": record.as_of.isoformat(), "answers": {}})
    queries = tuple(query.id for query in record.population.queries)
    codes = ("99-R-999", "99-D-999")
    dismissed = tuple(Dismissed(codes[0], query, "Dr <Who>", NOW, "w" * 200) for query in queries[:4])
    signed = Signed("screen_failure", "R-E11", "Dr <Who>", NOW, "investigator", 99, codes, "1.0.0", "f" * 64, dismissed)
    yield Donors(record, (partner,) * 12, partner.case.id, may_screen=True, may_choose=True)
    yield Donors(record, (), None, may_screen=False, may_choose=False)
    yield DonorOf(partner, record.case, may_screen=True)
    yield DonorOf(record, None, may_screen=True)
    yield ChoosePartner(record, (partner.case,) * 12)
    yield ChooseUnlink(record, (partner.case,) * 12)
    yield LinkUnrelated(record, partner.case, partner.case.code, "D-I2")
    steps = (DismissScreen(), FailureScreen(), SignScreen(), SignScreen("pair"), IncludeScreen(), *map(EndScreen, ENDS))
    steps += (ProposeScreen(), FailureScreen("R-E11", NOW.date()), *map(EndingScreen, ENDINGS))
    why_not = (
        "failure_included",
        "include_unchosen",
        "sign_incomplete",
        "sign_parted",
        "uninclude_infused",
        "uninclude_investigator",
    )
    proposed = Proposed("R-E11", NOW.date(), "w" * 200, "Dr <Who>", NOW)
    yield Choices(record, steps, queries, signed, partner.case, why_not, proposed=proposed)
    for is_enrolled in (True, False):
        by_case = {record.case.id: queries, partner.case.id: ()}
        of_none = dict.fromkeys(by_case, ())
        of_record = {record.case.id: dismissed, partner.case.id: dismissed[:1]}
        yield Sign((record, partner), "signed", None, by_case, of_record, is_enrolled)
        yield Sign((record,), "screen_failure", queries and "R-I1", of_none, of_record, is_enrolled)
    yield from (ChooseCriterion(record, screen) for screen in (FailureScreen(), ProposeScreen()))
    yield ConfirmProposal(record, "R-E11", NOW.date())
    later = Fact("visited", NOW.date(), 24)
    follows = Follows(9, (partner.case.code,) * 12, ("99-R-999", "99-D-999"), is_included=True, later=later)
    for kind in ENDINGS:
        yield AskDay(record, kind, EndingScreen(kind), later)
        yield Ending(record, kind, NOW.date(), follows)
    yield AskDay(record, "screen_failure", FailureScreen("R-E11"))
    yield AskDay(record, "screen_failure", ProposeScreen("R-E11"))
    yield ChooseQuery(record, queries)
    yield from (WhyDecide(record, kind) for kind in ENDS)
    yield from (WhyDecide(record, "query_dismissed", query) for query in queries)
    yield Include(record, partner, Study(), (20, 20))


ENDS = ("voided", "reopened", "unincluded", "failure_declined")


def read_views(record: Record) -> Iterator[View]:
    """
    Each screen on which this record is read.
    """
    everyone = tuple(given._replace(person_id=at) for at, given in enumerate(record.answers))
    by_many = replace(record, answers=everyone)
    yield Criteria(record)
    for criterion in record.population.criteria:
        for part in criterion.family:
            yield Reasoning(record, criterion, part, {1: "Ada"})
            yield Reasoning(by_many, criterion, part, dict.fromkeys(range(len(everyone)), "<" * 64))
    entries = [
        AuditEntry(sequence=at, at=NOW, action="answer", entity="", field=given.item, old=given.text, new=given.text)
        for at, given in enumerate(record.answers)
    ]
    longest = sorted(entries, key=lambda entry: len(entry.new or ""))[-10:]
    yield History(record, Page([(entry, "<" * 64) for entry in longest], 1, has_more=True))
    values = {key: record.raw(key) for key in record.facts}
    yield WhatIf(record, record.supposing(values), values)
    empty = replace(record, answers=())
    yield WhatIf(empty, empty.supposing(values), values)
    yield Report(record, [], record.assessment.queries, (), None, [], NOW)


def is_taken(card: Card) -> None:
    """
    Telegram takes this card: its length, its HTML, its buttons.
    """
    text, _ = parse_html(card.html)
    assert utf16_length(text) <= (CAPTION_LIMIT if card.file else TEXT_LIMIT)
    assert text.strip()
    assert "{" not in text
    buttons = [button for row in card.rows for button in row]
    assert len(buttons) <= MOST_BUTTONS
    for button in buttons:
        assert button.label.strip()
        assert len(button.data.encode()) <= LIMIT
        tap = decode(button.data)
        assert tap is not None
        assert tap.data == button.data


ANYTHING = st.one_of(case_strategy("recipient"), case_strategy("donor"))


@thorough("every screen of random cases")
@settings(max_examples=25)
@given(ANYTHING, st.data())
def test_every_screen_of_any_case_is_one_that_telegram_takes(case: dict[str, Any], data: st.DataObject) -> None:
    """
    Whatever was answered, with any items awaited, in each language.
    """
    awaited = data.draw(st.frozensets(st.sampled_from(ITEMS[case["kind"]]), max_size=6))
    record = record_from(case, awaited, data.draw(st.sampled_from([Stage.SCREENING, Stage.FINISHED])))
    for language in LANGUAGES:
        for view in every_view(record):
            is_taken(render(view, words(language)))


def failing_everything() -> dict[str, Any]:
    """
    A recipient for whom every criterion fails that can fail at once, by every comparison of it.
    """
    answers: dict[str, Any] = {}
    for key in ITEMS["recipient"]:
        answers[key] = LISTS.get(key, True)
    answers |= dict.fromkeys(
        [
            "effective_contraception",
            "consent_signed",
            "social_security",
            "family_donor_consents",
            "ssc_acr_eular_2013",
            "severe_visceral_involvement",
            "skin_rapidly_progressive",
            "lung_other_causes_excluded",
            "heart_other_causes_excluded",
            "renal_other_causes_excluded",
            "uncontrolled_hypertension",
        ],
        False,
    )
    answers |= {"sex": "female", "immunosuppression_status": "neither", "cyclophosphamide_last_dose": "2026-05-01"}
    answers |= {
        "bp_first": "299/199",
        "bp_second": "299/199",
        "baseline_pft_date": "2026-04-30",
        "pao2": "1.3345678 kPa",
    }
    answers |= {
        "haemoglobin": "1.0123456789 mmol/L",
        "paco2": "19.123456789012345 kPa",
        "uncontrolled_hypertension": True,
    }
    numbers = {
        "age": 120,
        "mrss": 15,
        "dlco": "29.99999",
        "fvc": "71",
        "tlc": "80",
        "mpap": "149.999",
        "spap": "199.99",
    }
    numbers |= {"baseline_dlco": "30", "baseline_fvc": "70", "baseline_tlc": "70", "bp_hours_apart": "8760"}
    numbers |= {"creatinine_clearance": "0.0001", "lvef": "5.00001", "transaminases_xuln": "499.9999"}
    numbers |= {"bilirubin_xuln": "99.9999", "neutrophils": "0.000001", "platelets": "0.0001", "cd4": "0.001"}
    answers |= {key: Decimal(str(number)) for key, number in numbers.items()}
    return {"kind": "recipient", "as_of": "2026-05-04", "answers": answers}


EXTREMES = {
    "failing everything": (failing_everything(), frozenset[str]()),
    "everything awaited": ({"kind": "recipient", "as_of": "2026-05-04", "answers": {}}, frozenset(ITEMS["recipient"])),
    "nothing answered": ({"kind": "recipient", "as_of": "2026-05-04", "answers": {}}, frozenset[str]()),
    "a donor all awaited": ({"kind": "donor", "as_of": "2026-05-04", "answers": {}}, frozenset(ITEMS["donor"])),
    "on every limit": (
        {
            "kind": "recipient",
            "as_of": "2026-05-04",
            "answers": {
                **{key: Decimal(n) for key, n in {"age": 70, "mrss": 15, "dlco": 30, "spap": 40, "lvef": 35}.items()},
                **{key: Decimal(n) for key, n in {"creatinine_clearance": 20, "platelets": 50, "cd4": 200}.items()},
                **{
                    key: Decimal(n)
                    for key, n in {"transaminases_xuln": 3, "bilirubin_xuln": 3, "haemoglobin": 8}.items()
                },
                "pao2": "8 kPa",
                "paco2": "6.7 kPa",
                "neutrophils": Decimal("0.5"),
                "liver_rise_persistent": True,
            },
        },
        frozenset(ITEMS["recipient"])
        - {"liver_rise_persistent"}
        - {"age", "mrss", "dlco", "spap", "lvef", "cd4", "pao2", "paco2"},
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("extreme", EXTREMES)
def test_the_longest_screens_are_taken_too(extreme: str, language: str) -> None:
    """
    A recipient who fails everything, one of whom everything is awaited, one of whom nothing is known.
    """
    case, awaited = EXTREMES[extreme]
    for stage in (Stage.SCREENING, Stage.FINISHED):
        for view in every_view(record_from(case, awaited, stage)):
            is_taken(render(view, words(language)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("extreme", EXTREMES)
def test_a_note_above_the_longest_screen_still_fits(extreme: str, language: str) -> None:
    """
    Also with a word on a file, on an edited message, on a text that was typed too early, on an answer.
    """
    case, awaited = EXTREMES[extreme]
    record = record_from(case, awaited)
    notes = [Note(f"note.{name}", name=record.case.code) for name in ("unreadable", "edited", "moved_on", "not_asked")]
    notes.append(Note("note.kept", item_of(case["kind"], "sex"), case["kind"], "female"))
    if case["kind"] == "recipient":
        toxic = item_of("recipient", "toxic_exposure")
        notes.append(Note("note.kept", toxic, "recipient", list(LISTS["toxic_exposure"])))
    refused = Note("refused.personal", item_of(case["kind"], "age"), case["kind"])
    for view in every_view(record):
        for note in [*notes, refused] if isinstance(view, Question) else notes:
            is_taken(render(view, words(language), note))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_fails_is_never_cut_off(language: str) -> None:
    """
    The summary of a recipient who fails everything names every failing criterion; with details too.
    """
    record = record_from(failing_everything())
    failing = [key for key, status in record.assessment.statuses.items() if status == "fail" and "-" not in key[2:]]
    numbered = [key for key in failing if key[-1].isdigit()]
    assert len(numbered) >= 15
    for in_full in (True, False):
        summary = Summary(record, in_full, may_screen=True, queries=record.assessment.queries)
        text = parse_html(render(summary, words(language)).html)[0]
        for criterion in numbered:
            assert f"✗ {criterion} " in text
        for query in record.assessment.queries:
            assert f"{query} " in text
        assert "…" not in text


def overviews(record: Record) -> Iterator[View]:
    """
    The dashboard and what is found, with as much on them as there can be.
    """
    counts = [
        Count(kind, stage, verdict, 99_999)
        for kind in ("recipient", "donor")
        for stage in STAGES
        for verdict in Verdict
    ]
    near, single = (
        replace_case(record, missing=" uncontrolled_ventricular_arrhythmia ", failing="R-E10") for _ in "ab"
    )
    groups = [
        Group(name, Filter(group=name), [(case, NOW)] * 3, has_more=True)
        for name, case in (("near", near), ("single", single), ("oldest", record.case))
    ]
    yield Board(counts, groups, {"recipient": 21, "donor": 0}, Study(), NOW.date())
    yield Board([], [], {"recipient": 0, "donor": 0}, Study(starts=NOW.date()), NOW.date())
    longest = Filter(
        "not_eligible", "screen_failure", "recipient", 99, "uncontrolled_ventricular_arrhythmia", "99-R-9999"
    )
    for wanted in (Filter(), longest, replace(longest, stage=None, group="oldest")):
        yield FoundCases(wanted, Page([record.case] * 9, 9998, has_more=True), sites=list(range(1, 99)))
        yield FoundCases(wanted, Page([]), sites=[1])
    longest = max((query.id for query in record.population.queries), key=lambda one: len(words("fr")(f"query.{one}")))
    open_queries = [OpenQuery(record.case, longest, NOW.date()) for _ in range(PAGE)]
    yield OpenQueries(Page(open_queries, 9, has_more=True), 99_999)
    yield OpenQueries(Page([]), 0)


def replace_case(record: Record, **values: str) -> Case:
    """
    A case with other values beside it.
    """
    return Case(**{**record.case.model_dump(), **values})


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_signed_is_never_cut_off(language: str) -> None:
    """
    A screen failure of a recipient with every answer there is, and an eligible pair with all that it is asked, show
    every value.
    """
    record = record_from(failing_everything())
    view = Sign(
        (record,),
        "screen_failure",
        "R-I1",
        {record.case.id: record.assessment.queries},
        {record.case.id: ()},
        is_enrolled=True,
    )
    text = parse_html(render(view, words(language)).html)[0]
    assert "…" not in text
    for key in record.facts:
        assert parse_html(words(language).label(record.population.item[key], "recipient"))[0] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_screens_outside_any_case_are_taken(language: str) -> None:
    """
    Menus, lists, help, refusal, apology.
    """
    record = record_from(failing_everything())
    cases = [record.case] * 9
    proposal = {"case": 1, "code": "01-R-001", "name": "<&>" * 21, "criterion": "R-E11", "day": f"{NOW:%Y-%m-%d}"}
    proposal |= {"decision": "failure_proposed"}
    for view in (
        Home(999, may_screen=True),
        Home(0, may_screen=False),
        ChooseKind(),
        CaseList(Page(cases, 3, has_more=True)),
        CaseList(Page([])),
        ChooseLanguage(),
        Help(may_screen=True),
        Help(may_screen=False),
        *(Help(may_screen=True, part=part) for part in ("type", "commands")),
        Welcome(),
        ChooseCaseSite("donor", [Site(id=1, number=1, name="<S>" * 20, time_zone="UTC")] * 9),
        Apology("0123abcd"),
        NewSecret("A" * 32, "otpauth://totp/NCT02213705:Dr%20Who?secret=A&issuer=NCT02213705"),
        AuthenticatorState(is_ready=False, case=None),
        AuthenticatorState(is_ready=True, case=record_from(failing_everything()).case),
        *overviews(record),
        Told("notice.voided", {"codes": "01-R-001 + 01-D-001", "case": 1}),
        *told_of_voiding(record),
        Told("notice.failure_proposed", proposal),
        Told("notice.failure_confirmed", proposal),
        Told("notice.failure_declined", {"case": 1, "code": "01-R-001", "name": "P", "decision": "failure_declined"}),
    ):
        is_taken(render(view, words(language)))
    assert not render(Refusal(), words(language)).rows


def told_of_voiding(record: Record) -> Iterator[View]:
    """
    A sign-off voided by each kind of change, of as many answers as there are.
    """
    both = (Verdict.ELIGIBLE, Verdict.NOT_ELIGIBLE)
    about = (1, {"99-R-999": both, "99-D-999": both}, "99-R-999", "recipient")
    items, given = record.population.item, record.current.values()
    yield Voided(*about)
    yield Voided(*about, tuple(Anew(items[one.item], one, one, "<&>" * 21) for one in given))
    yield Voided(*about, (Anew(next(iter(items.values())), None, next(iter(given)), "P"),))
    yield from (Voided(*about, action=action, name="<&>" * 21) for action in ("link", "unlink"))
    for kind, reason in (("withdrawn", "death"), ("lost", "moved"), ("reopened", "w" * 200), ("voided", "mistake")):
        decision = Decision(kind=kind, day=NOW.date(), reason=reason)
        yield Voided(*about, decision=decision, name="<&>" * 21)


def views_of_people() -> list[View]:
    """
    Every screen about people, with the longest names and as many roles and sites as a page can hold.
    """
    many = [Site(id=at, number=at, name="<S>" * 20, time_zone="Europe/Paris") for at in range(1, 9)]
    person = Person(id=999_999_999, telegram_id=2**52, name="<&>" * 21, language="en", is_active=False)
    held = tuple(
        Held(Membership(id=at, person_id=1, role=role), site)
        for at, site in enumerate([*many, None])
        for role in PersonRole
    )
    colleague = Colleague(person, held, has_authenticator=True)
    about = Open(Invitation(id=999_999_999, code_hash="", roles="coordinator"), many[0], person)
    return [
        PrivacyNote(person.id, held, person.name),
        PrivacyNote(person.id, held[:1], None),
        Ended(),
        Team(Page([colleague] * 8, 3, has_more=True)),
        Profile(colleague, frozenset(range(99)), is_theirs=True, is_self=True),
        Profile(Colleague(person, ()), frozenset(), is_theirs=False, is_self=False),
        ChooseRole(tuple(PersonRole), colleague),
        ChooseRole(tuple(PersonRole)),
        ChooseSite(PersonRole.MONITOR, Page(many, 0, has_more=True), everywhere=True),
        ChooseSite(PersonRole.COORDINATOR, Page(many, 9), everywhere=False, colleague=colleague),
        Invitations(Page([Invited(about, NOW)] * 8, 1, has_more=True)),
        Invitations(Page([])),
        InvitationLink(Invited(about, NOW), f"https://t.me/{'x' * 32}?start={'x' * 22}"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_screens_about_people_are_taken(language: str) -> None:
    """
    Names that look like markup, many roles, many sites; and what people are told of it.
    """
    for view in views_of_people():
        is_taken(render(view, words(language)))
    about = {"name": "<&>" * 21, "role": "coordinator", "site": None, "telegram_id": 2**52, "undo_person": 1}
    for key in (
        "joined",
        "declined",
        "extended",
        "role_added",
        "role_removed",
        "deactivated",
        "reactivated",
        "blocked",
    ):
        is_taken(render(Told(f"notice.{key}", about), words(language)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_screens_of_the_follow_up_are_taken(language: str) -> None:
    """
    The infusion, the visits, the agenda; a file's caption is shorter than a text may be.
    """
    for view in follow_up_views():
        card = render(view, words(language))
        is_taken(card)
        assert card.file is None or utf16_length(parse_html(card.html)[0]) <= CAPTION_LIMIT


def views_of_reminders() -> list[View]:
    """
    Every screen about reminders, with many of them and of each kind.
    """
    case = record_from(failing_everything()).case
    details = {
        "awaited": "uncontrolled_ventricular_arrhythmia",
        "old_result": "uncontrolled_ventricular_arrhythmia",
        "baseline": "2026-05-04",
        "untouched": "2026-05-04",
        "pair_unsigned": "99-D-999",
        "unsettled": "not_eligible",
        "proposed": "R-E2a",
    }
    rows = [
        Reminder(
            id=999_999_999,
            person_id=1,
            case_id=case.id,
            site_id=1,
            kind=kind,
            key="",
            detail=details.get(kind, "24"),
            day=NOW.date(),
            snoozed_until=NOW.date(),
        )
        for kind in ReminderKind
    ]
    found = [(row, case) for row in rows]
    many = [(row, case.model_copy(update={"id": at})) for at in range(50) for row in rows]
    dues = [(Occurrence(ReminderKind(row.kind), "", NOW.date(), row.detail), case) for row in rows]
    return [
        *(Digest([one], NOW.date()) for one in found),
        Digest(found * 12, NOW.date()),
        Digest(many, NOW.date()),
        RemindersOfCase(rows * 12, case),
        Reminders([(case, rows)] * 30, dues * 5, NOW.date(), 1),
        Reminders([], [], NOW.date(), 0),
        OneReminder(rows[0], case),
        AskSnooze(rows[0], case, NOW.date()),
        MutedKinds(frozenset(ReminderKind)),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_screens_of_reminders_are_taken(language: str) -> None:
    """
    One reminder, a hundred, none.
    """
    for view in views_of_reminders():
        is_taken(render(view, words(language)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_documents_offered_are_taken(language: str) -> None:
    """
    About a case and about all of them.
    """
    for case in (record_from(failing_everything()).case, None):
        is_taken(render(Documents(case), words(language)))


def test_no_kind_of_screen_is_left_out() -> None:
    """
    Every view that there is, is rendered by a test of this file.
    """
    about_a_case = {type(view) for view in every_view(record_from(failing_everything()))}
    outside = {Home, ChooseKind, CaseList, ChooseLanguage, Help, Welcome}
    outside |= {NewSecret, AuthenticatorState, Documents}
    outside |= {type(view) for view in overviews(record_from(failing_everything()))}
    others = {type(view) for view in (*views_of_people(), *follow_up_views(), *views_of_reminders())}
    others |= {Apology, ChooseCaseSite, Refusal, Told, Voided}
    bases = {TakesLists, AfterAnswer, OfInfusion}
    kinds = {kind for base in (View, *bases) for kind in base.__subclasses__()} - bases
    assert about_a_case | outside | others == kinds
