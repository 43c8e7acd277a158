"""
When the infusion was.
"""

from bot import taps
from bot.render.buttons import in_rows, to
from bot.render.card import Button, Card, button, fit
from bot.render.reasons import ask_why
from bot.render.renderers import renders
from bot.rules.criteria import Status
from bot.screens.infusions import (
    CORRECTIONS,
    EXPLANATIONS,
    MISTAKES,
    AskInfusion,
    ConfirmInfusion,
    InfusionScreen,
    NoInfusionScreen,
    OfInfusion,
    WhyInfusion,
    WhyInfusionBack,
)
from bot.screens.screening import Again
from bot.screens.summary import SummaryScreen
from bot.screens.visits import VisitsScreen
from bot.texts import Words


@renders(AskInfusion)
def ask_infusion(view: AskInfusion, words: Words) -> Card:
    lines = [words("question.code", code=view.record.case.code), "", words("infusion.question")]
    if view.before is not None:
        lines.append(words("infusion.now", day=words.day(view.before.day)))
    lines.append(words("infusion.hint"))
    return Card(fit(lines), ((_way_back(view, words),),))


def _way_back(view: OfInfusion | WhyInfusion, words: Words) -> Button:
    return to(words, VisitsScreen() if view.before else SummaryScreen(), view.record.case, "button.return")


@renders(ConfirmInfusion)
def confirm_infusion(view: ConfirmInfusion, words: Words) -> Card:
    case = view.record.case
    lines = [words("question.code", code=case.code), "", words("infusion.confirm", day=words.full_day(view.day))]
    if view.deviation:
        lines += [words("infusion.deviates"), *(_named(one, view, words) for one in view.deviation)]
    if view.before is not None:
        lines.append(words("infusion.now", day=words.day(view.before.day)))
    if view.wants_reason:
        lines += ["", words("infusion.explain"), words("decide.typed_reason")]
    confirm = {reason: f"because.infused.{reason}" for reason in EXPLANATIONS} if view.wants_reason else {"-": _YES}
    rows = tuple(
        (button(words(key), taps.Infuse(case.id, view.number, reason, view.day)),) for reason, key in confirm.items()
    )
    return Card(fit(lines), (*rows, (to(words, Again(), case, "button.retype"), _way_back(view, words))))


_YES = "button.confirm"


def _named(deviation: str, view: ConfirmInfusion, words: Words) -> str:
    """
    In what the infusion deviates, with the criteria that fail or the day of the inclusion.
    """
    said = words(f"paper.deviates.{deviation}")
    more = ""
    if deviation == "not_eligible":
        more = ", ".join(view.record.assessment.ids(view.record.population, Status.FAIL))
    elif deviation == "incomplete":
        kind, items = view.record.population.kind, view.record.population.item
        more = words.joined(words.label(items[key], kind) for key in view.record.assessment.missing)
    elif view.since is not None and deviation in {"before_inclusion", "long_after_inclusion"}:
        more = words.day(view.since)
    return words("infusion.deviation_more", what=said, more=more) if more else words("infusion.deviation", what=said)


@renders(WhyInfusion)
def why_infusion(view: WhyInfusion, words: Words) -> Card:
    case = view.record.case
    buttons = [to(words, InfusionScreen(view.day, reason), case, f"reason.{reason}") for reason in CORRECTIONS]
    question = words("infusion.why", day=words.day(view.before.day))
    back = ((to(words, NoInfusionScreen(), case, "button.take_infusion_back"),),) if view.may_take_back else ()
    return ask_why(case, question, words, *in_rows(buttons, 2), *back, (_way_back(view, words),))


@renders(WhyInfusionBack)
def take_infusion_back(view: WhyInfusionBack, words: Words) -> Card:
    case = view.record.case
    question = words("infusion.why_back", day=words.day(view.before.day))
    rows = tuple(
        (
            button(
                words(f"because.infusion_taken_back.{reason}"),
                taps.TakeInfusionBack(case.id, view.before.number, reason),
            ),
        )
        for reason in MISTAKES
    )
    return ask_why(case, question, words, *rows, (to(words, VisitsScreen(), case, "button.return"),))
