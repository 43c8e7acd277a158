"""
What other values would change: the differences are shown, and nothing is stored.
"""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.assessment import assess
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from bot.typed.what_if import Supposed, read_values
from tests.chat.conversation import AWAITED, asked, everything, skip
from tests.chat.test_limits_of_telegram import record_from
from tests.conftest import Chatter, Clinic
from tests.rules.cases import TODAY, examples
from tests.rules.oracle import case_strategy


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("dlco=58", {"dlco": Decimal(58)}),
        (
            "dlco=58 mrss=16 haemoglobin=112 g/L bp_first=165/112",
            {"dlco": Decimal(58), "mrss": Decimal(16), "haemoglobin": "112 g/L", "bp_first": "165/112"},
        ),
        ("DLCO = 58,5 % ; mrss=16,", {"dlco": Decimal("58.5"), "mrss": Decimal(16)}),
        ("preg=no sex=f child=oui", {"pregnant": False, "sex": "female", "childbearing_potential": True}),
        ("toxic=toxic_oil+bleo, silice", {"toxic_exposure": ["bleomycin", "silica", "toxic_oil"]}),
        ("malignancy=none toxic=aucun", {"malignancy": [], "toxic_exposure": []}),
        ("immuno=résistance", {"immunosuppression_status": "resistant"}),
        ("cvf=80", {"fvc": Decimal(80)}),
        ("CVF 80 Hb 11,2 g/dL", {"fvc": Decimal(80), "haemoglobin": Decimal("11.2")}),
        ("dlco env. 58", {"dlco": Decimal(58)}),
        ("cyclophosphamide_last=3 mai 2025", {"cyclophosphamide_last_dose": "2025-05-03"}),
        ("pao2=7,9 kPa dlco=58 dlco=61", {"pao2": "7.9 kPa", "dlco": Decimal(61)}),
    ],
)  # fmt: skip
def test_values_are_read_as_they_are_typed(text: str, values: dict[str, Any]) -> None:
    """
    In either language, several options joined by + or comma, items by an unambiguous beginning.
    """
    assert read_values(text, LATEST.recipient, today=TODAY) == Supposed(values, ())


@pytest.mark.parametrize(
    ("text", "problem", "item"),
    [
        ("dlco", "type", "dlco"),
        ("hello", "", ""),
        ("bp=165/112", "item", "bp_first"),
        ("left=none", "", ""),
        ("xyz=1", "", ""),
        ("relationship=sibling", "", ""),
        ("dlco=", "type", "dlco"),
        ("dlco=300", "range", "dlco"),
        ("dlco=58 mmHg", "unit", "dlco"),
        ("dlco=NA", "type", "dlco"),
        ("mrss=16.5", "type", "mrss"),
        ("sex=x", "option", "sex"),
        ("heart_findings=av_block_2_3+x", "option", "heart_findings"),
        ("heart_findings=re", "option", "heart_findings"),
        ("pregnant=perhaps", "type", "pregnant"),
        ("baseline_pft_date=tomorrow", "type", "baseline_pft_date"),
        ("baseline_pft_date=1/1/2099", "future", "baseline_pft_date"),
        ("haemoglobin=112", "slip", "haemoglobin"),
        ("platelets=1,250", "ambiguous_number", "platelets"),
        ("age=Marie Dupont", "personal", "age"),
    ],
)
def test_what_is_not_taken_says_why_and_spoils_nothing(text: str, problem: str, item: str) -> None:
    """
    The values before and behind it are supposed all the same.
    """
    found = read_values(f"lvef=60\n{text}\nmpap=20", LATEST.recipient, today=TODAY)
    assert found.values == {"lvef": Decimal(60), "mpap": Decimal(20)}
    [left] = found.left
    assert (left.line, left.problem, left.item) == (2, problem, item)
    assert "Dupont" not in left.text


@examples(200)
@given(st.text(max_size=60) | st.from_regex(r"([a-z]{1,5}=[a-z0-9 ,+/]{0,8} ?){1,3}", fullmatch=True))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    """
    What is read is such as its items take.
    """
    for key, raw in read_values(text, LATEST.recipient, today=TODAY).values.items():
        LATEST.recipient.item[key].read(raw)


@examples(100)
@given(st.sampled_from(Kind).flatmap(lambda kind: st.tuples(case_strategy(kind), case_strategy(kind))))
def test_supposing_is_assessing_with_the_values_in_place(cases: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """
    With none, it is the assessment itself; the record stays as it is.
    """
    case, other = cases
    record = record_from(case)
    before, fresh = record.assessment, record_from(case)
    assert record.supposing({}).assessment == before
    day = record.as_of.isoformat()
    values = {
        key: raw
        for key, raw in other["answers"].items()
        if raw is not None and not (isinstance(raw, str) and raw[:1] in "12" and len(raw) == 10 and raw > day)
    }
    supposed = record.supposing(values)
    items = record.population.item
    facts = record.facts | {key: items[key].read(raw) for key, raw in values.items()}
    assert supposed.assessment == assess(record.population, facts, record.as_of, awaited=record.awaited - values.keys())
    assert (record.answers, record.assessment) == (fresh.answers, before)


async def test_differences_are_shown_and_nothing_is_stored(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Verdict, criteria, what would be missing then.
    """
    await skip(clinic, coordinator, "donor", positive_pcr=AWAITED)
    before = await everything(clinic)
    card = await coordinator.say("/whatif 1d1 age=66 positive_pcr=none")
    assert "Age: 45 years → 66 years" in card.text
    assert "Positive PCR: not available yet → None" in card.text
    assert "🟡 incomplete → 🔴 not eligible" in card.text
    assert "D-I1 Age: passes → fails" in card.text
    assert "D-E2 Contraindication to donation: open → passes" in card.text
    assert "No longer missing (1): Positive PCR" in card.text
    assert "Nothing would be missing" in card.text
    assert await everything(clinic) == before


async def test_values_are_typed_on_the_screen_one_after_another(clinic: Clinic, coordinator: Chatter) -> None:
    """
    They add up until they are cleared; the typed text does not stay in the chat.
    """
    await skip(clinic, coordinator, "recipient", until="dlco")
    await coordinator.say("1r1")
    assert "Type values" in (await coordinator.press("What if")).text
    await coordinator.say("dlco=70")
    card = await coordinator.say("fvc=80")
    assert "DLCO: no answer → 70" in card.text
    assert "Then missing too (5): TLC" in card.text
    card = await coordinator.say("dlco=50")
    assert "DLCO: no answer → 50" in card.text
    assert "Then missing too" not in card.text
    assert len(coordinator.api.chat(coordinator.user_id)) == 1
    assert "DLCO" not in (await coordinator.press("Clear")).text
    await coordinator.press("Summary")
    assert asked(await coordinator.press("Continue")) == "dlco"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sex=x", "Sex: “sex=x”. Not one of the choices. Type one of: female, male. For example: Female."),
        ("pregnant=x", "Pregnancy: “pregnant=x”. Not understood. Type yes or no. For example: Yes."),
        ("dlco=300", "DLCO: “dlco=300”. Out of range. Type a number, 1 to 200"),
        ("haemoglobin=112", "Haemoglobin: “haemoglobin=112”. Is 112 g/L = 11.2 g/dL meant? Then write the unit too."),
        ("dlco=55-65", "DLCO: “dlco=55-65”. The limit of 60 % predicted lies within: type the exact value."),
        ("bp=165/112", "“bp=165/112” could be for several items"),
        ("nothing=3", "“nothing=3” not understood"),
    ],
)
async def test_what_is_not_taken_is_said_by_line(clinic: Clinic, coordinator: Chatter, text: str, said: str) -> None:
    """
    With the item and what is expected; what was supposed before stays, and the good values of the same text count.
    """
    await skip(clinic, coordinator, "recipient", until="dlco")
    await coordinator.say("/whatif 1r1 fvc=80")
    card = await coordinator.say(f"lvef=60\n{text}")
    assert "Not taken:" in card.text
    assert f"✗ line 2, {said}" in card.text or f"✗ line 2: {said}" in card.text
    assert "FVC: no answer → 80" in card.text
    assert "LVEF: no answer → 60" in card.text
    assert "Not taken:" not in (await coordinator.say("mpap=20")).text


@pytest.mark.parametrize("text", ["58", "Marie Dupont", "xyz=1", "left=none"])
async def test_text_that_gives_no_value_changes_nothing(clinic: Clinic, coordinator: Chatter, text: str) -> None:
    """
    It is said how values are written.
    """
    await skip(clinic, coordinator, "recipient", until="dlco")
    await coordinator.say("/whatif 1r1 fvc=80")
    card = await coordinator.say(text)
    assert "Write item=value" in card.text.splitlines()[0]
    assert "FVC: no answer → 80" in card.text
    assert all("Dupont" not in message.text for message in coordinator.api.chat(coordinator.user_id))


async def test_a_screen_that_nobody_was_shown_supposes_nothing(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Junk in a button's data.
    """
    await skip(clinic, coordinator, "donor", until="relationship")
    for junk in ("{", "[]", '{"age": 999}', '{"xyz": 1}', '{"age": null}', "1"):
        card = await coordinator.tap(f"g:1:whatif:{junk}")
        assert "Type values" in card.text


async def test_a_supposed_value_on_a_limit_is_marked(clinic: Clinic, coordinator: Chatter) -> None:
    """
    15 points and a DLCO of 60 % sit on their limits, 16 and 59 do not.
    """
    await skip(clinic, coordinator, "recipient")
    await coordinator.say("/whatif 1-r-1 mrss=15 dlco=60")
    marked = [line for line in coordinator.card.text.splitlines() if "on the limit" in line]
    assert ["points" in line or "DLCO" in line for line in marked] == [True, True]
    await coordinator.say("/whatif 1-r-1 mrss=16 dlco=59")
    assert "on the limit" not in coordinator.card.text
