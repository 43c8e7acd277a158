"""
When the infusion was.
"""

from bot import taps
from bot.render.buttons import in_rows, to
from bot.render.card import Button, Card, button, fit
from bot.render.renderers import renders
from bot.screens.infusions import CORRECTIONS, AskInfusion, ConfirmInfusion, InfusionScreen, WhyInfusion
from bot.screens.summary import SummaryScreen
from bot.screens.visits import VisitsScreen
from bot.texts import Words


@renders(AskInfusion)
def ask_infusion(view: AskInfusion, words: Words) -> Card:
    """
    On which day?
    """
    lines = [words("question.code", code=view.record.case.code), "", words("infusion.question")]
    if view.before is not None:
        lines.append(words("infusion.now", day=words.day(view.before.day)))
    lines.append(words("infusion.hint"))
    return Card(fit(lines), ((_way_back(view, words),),))


def _way_back(view: AskInfusion | ConfirmInfusion | WhyInfusion, words: Words) -> Button:
    return to(words, VisitsScreen() if view.before else SummaryScreen(), view.record.case, "button.return")


@renders(ConfirmInfusion)
def confirm_infusion(view: ConfirmInfusion, words: Words) -> Card:
    """
    Is this the day?
    """
    lines = [words("question.code", code=view.record.case.code), "", words("infusion.confirm", day=words.day(view.day))]
    if view.included_on is not None:
        lines.append(words("infusion.before_inclusion", day=words.day(view.included_on)))
    if view.before is not None:
        lines.append(words("infusion.now", day=words.day(view.before.day)))
    tap = taps.Infuse(view.record.case.id, view.number, view.reason, view.day)
    again = to(words, InfusionScreen(view.reason), view.record.case, "button.retype")
    return Card(fit(lines), ((button(words("button.confirm"), tap), again), (_way_back(view, words),)))


@renders(WhyInfusion)
def why_infusion(view: WhyInfusion, words: Words) -> Card:
    """
    Why is it corrected?
    """
    case = view.record.case
    buttons = [to(words, InfusionScreen(reason, view.day), case, f"reason.{reason}") for reason in CORRECTIONS]
    lines = [
        words("question.code", code=view.record.case.code),
        "",
        words("infusion.why", day=words.day(view.before.day)),
    ]
    return Card(fit(lines), (*in_rows(buttons, 2), (_way_back(view, words),)))
