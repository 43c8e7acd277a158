"""
Screens in which somebody decides.
"""

from bot import taps
from bot.coded import Screen
from bot.render import signatures
from bot.render.buttons import to
from bot.render.card import Button, Card, button, fit
from bot.render.phrases import query_line, verdict_line
from bot.render.proposals import proposed_line
from bot.render.renderers import renders
from bot.screens.decisions import REASONS, Choices, ChooseQuery, DecideScreen, DismissScreen, Include, WhyDecide
from bot.screens.pairs import PairScreen
from bot.screens.signing import FailureScreen, SignScreen
from bot.screens.summary import SummaryScreen
from bot.texts import Words
from db.base.tables import DecisionKind
from db.cases.records import Record


@renders(Choices)
def choices(view: Choices, words: Words) -> Card:
    record = view.record
    lines: list[str] = [
        words("decide.title", code=record.case.code),
        words("summary.stage", stage=words(f"stage.{record.case.stage}")),
        verdict_line(record.assessment.verdict, words),
    ]
    if view.signed is not None:
        lines += signatures.lines(view.signed, record, words)
    if view.proposed is not None:
        lines.append(proposed_line(view.proposed, record, words))
    if view.partner is not None:
        lines.append(words("decide.chosen", code=view.partner.code))
    if view.unsigned is not None:
        lines.append(words("decide.unsigned", code=view.unsigned.code))
    if view.why_not:
        lines += ["", *(words(f"decide.not.{why}") for why in view.why_not)]
    rows = tuple((to(words, step, record.case, _called(step)),) for step in view.steps)
    if view.unsigned is not None and view.unsigned.id != record.case.id:
        other = taps.OpenCase(view.unsigned.id, SignScreen())
        rows = ((button(words("button.sign_other", code=view.unsigned.code), other),), *rows)
    if any(why.startswith("include_") for why in view.why_not):
        rows = ((to(words, PairScreen(), record.case, "button.donors"),), *rows)
    return Card(fit(lines), (*rows, (to(words, SummaryScreen(), record.case),)))


def _called(step: Screen) -> str:
    is_of_proposal = isinstance(step, FailureScreen) and step.criterion
    return "button.confirm_failure" if is_of_proposal else f"decide.step.{step.text.replace(':', '.')}"


def back(record: Record, words: Words) -> tuple[Button, ...]:
    """
    The way back to what can be decided.
    """
    return (to(words, DecideScreen(), record.case, "button.return"),)


@renders(ChooseQuery)
def choose_query(view: ChooseQuery, words: Words) -> Card:
    record = view.record
    lines = [words("decide.title", code=record.case.code), "", words("summary.queries_title")]
    lines += [query_line(one, words) for one in view.queries]
    rows = tuple((to(words, DismissScreen(one), record.case, id=one),) for one in view.queries)
    return Card(fit(lines), (*rows, back(record, words)))


@renders(WhyDecide)
def why_decide(view: WhyDecide, words: Words) -> Card:
    record, case = view.record, view.record.case
    lines = [words("decide.title", code=case.code), "", words(f"decide.why.{view.kind}")]
    if view.partner is not None:
        lines.append(words("decide.partner_too", code=view.partner.code))
    if view.about is not None:
        lines.append(query_line(view.about, words))
    lines += ["", words("decide.typed_reason")]
    rows = tuple(
        (
            button(
                words(f"because.{view.kind}.{reason}"),
                taps.Decide(case.id, case.revision, view.kind, view.about or "-", reason),
            ),
        )
        for reason in REASONS[view.kind]
    )
    return Card(fit(lines), (*rows, back(record, words)))


@renders(Include)
def include(view: Include, words: Words) -> Card:
    case, study, today = view.recipient.case, view.study, view.recipient.as_of
    pair = (view.recipient, view.donor)
    lines = [
        words("include.title", recipient=case.code, donor=view.donor.case.code),
        *(
            words("include.verdict", code=one.case.code, verdict=verdict_line(one.assessment.verdict, words))
            for one in pair
        ),
        words(
            "include.counted",
            recipients=view.counted[0],
            recipients_wanted=study.recipients,
            donors=view.counted[1],
            donors_wanted=study.donors,
        ),
    ]
    if view.counted[0] >= study.recipients or view.counted[1] >= study.donors:
        lines.append(words("include.target_reached"))
    if not study.is_open(today):
        lines.append(words("include.outside", starts=words.day(study.starts), ends=words.day(study.last_day)))
    include_them = taps.Decide(case.id, case.revision, DecisionKind.INCLUDED, view.donor.case.code, "-")
    press = button(words("button.include"), include_them)
    return Card(fit(lines), ((press,), back(view.recipient, words)))
