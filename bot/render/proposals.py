"""
Screens in which a screen failure is proposed to those who sign.
"""

from bot import taps
from bot.render.buttons import to
from bot.render.card import Card, button, fit
from bot.render.phrases import short
from bot.render.reasons import reason
from bot.render.renderers import renders
from bot.screens.decisions import DecideScreen
from bot.screens.proposals import ConfirmProposal, Proposed
from bot.screens.screening import Again
from bot.texts import Words
from db.cases.records import Record


@renders(ConfirmProposal)
def propose(view: ConfirmProposal, words: Words) -> Card:
    case = view.record.case
    lines = [
        words("propose.confirm", code=case.code, day=words.day(view.day)),
        words("sign.reason", id=view.criterion, name=short(view.criterion, words)),
        "",
        words("propose.follows"),
    ]
    tap = taps.Propose(case.id, case.revision, view.criterion, view.day)
    last = (to(words, Again(), case, "button.another_day"), to(words, DecideScreen(), case, "button.return"))
    return Card(fit(lines), ((button(words("button.propose"), tap),), last))


def proposed_line(proposed: Proposed, record: Record, words: Words) -> str:
    """
    A screen failure that waits for an investigator.
    """
    what = words("proposed.line", id=proposed.criterion, name=short(proposed.criterion, words))
    if proposed.day is not None:
        what = words("history.on_day", what=what, day=words.day(proposed.day))
    if proposed.reason:
        what = words("history.because", what=what, reason=reason(proposed.reason, words))
    return words("proposed.by", what=what, person=proposed.name, time=words.moment(record.local(proposed.at)))
