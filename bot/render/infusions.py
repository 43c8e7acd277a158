"""
When the infusion was.
"""

from bot import taps
from bot.render.card import Button, Card, button, fit
from bot.render.renderers import renders
from bot.render.visits import go, heading, in_rows
from bot.screens.infusions import CORRECTIONS, AskInfusion, ConfirmInfusion, WhyInfusion
from bot.texts import Words


@renders(AskInfusion)
def ask_infusion(view: AskInfusion, words: Words) -> Card:
    """
    On which day?
    """
    lines = [heading(view.record, words), "", words("infusion.question")]
    if view.before is not None:
        lines.append(words("infusion.now", day=words.day(view.before.day)))
    lines.append(words("infusion.hint"))
    return Card(fit(lines), ((_way_back(view, words),),))


def _way_back(view: AskInfusion | ConfirmInfusion | WhyInfusion, words: Words) -> Button:
    return go("button.return", view.record, "visits" if view.before else "summary", words)


@renders(ConfirmInfusion)
def confirm_infusion(view: ConfirmInfusion, words: Words) -> Card:
    """
    Is this the day?
    """
    lines = [heading(view.record, words), "", words("infusion.confirm", day=words.day(view.day))]
    if view.included_on is not None:
        lines.append(words("infusion.before_inclusion", day=words.day(view.included_on)))
    if view.before is not None:
        lines.append(words("infusion.now", day=words.day(view.before.day)))
    tap = taps.Infuse(view.record.case.id, view.number, view.reason, view.day.isoformat())
    again = go("button.retype", view.record, f"infusion:{view.reason}", words)
    return Card(fit(lines), ((button(words("button.confirm"), tap), again), (_way_back(view, words),)))


@renders(WhyInfusion)
def why_infusion(view: WhyInfusion, words: Words) -> Card:
    """
    Why is it corrected?
    """
    case = view.record.case
    day = f":{view.day}" if view.day else ""
    buttons = [button(words(f"reason.{reason}"), taps.Go(case.id, f"infusion:{reason}{day}")) for reason in CORRECTIONS]
    lines = [heading(view.record, words), "", words("infusion.why", day=words.day(view.before.day))]
    return Card(fit(lines), (*in_rows(buttons, 2), (_way_back(view, words),)))
