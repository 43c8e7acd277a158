"""
Events that work an answer out: a part or row given, all digits typed, the result taken.
"""

from bot import taps
from bot.handlers.questions import keep
from bot.handlers.routes import on, reads
from bot.rules.items import Number
from bot.screens.questions import of_item
from bot.screens.scores import Adding, Classifying, Working, WorkScreen, takes
from bot.turn import SCREENERS, Note, Reply, StaleError, Turn
from bot.typed import drafts
from bot.typed.drafts import Draft
from bot.typed.scores import digits_of


async def _working(turn: Turn, tap: taps.GivePart | taps.Worked) -> tuple[Working, WorkScreen]:
    """
    What is being worked out, if this button belongs to it. Raises StaleError.
    """
    case, screen = await turn.focus_on(tap.case), turn.screen
    if not isinstance(screen, WorkScreen) or screen.key != tap.item or case.revision != tap.revision:
        raise StaleError
    record = turn.known = await turn.record(case)
    view = await screen.find(turn, record)
    if not isinstance(view, Working) or turn.chat.card_for != view.asks:
        raise StaleError
    return view, screen


@on(taps.GivePart, SCREENERS)
async def on_part(turn: Turn, tap: taps.GivePart) -> Reply:
    """
    Take a part or row, and go on to the next that is not given. The button says its value, so that a second tap on it
    changes nothing more.
    """
    view, screen = await _working(turn, tap)
    value = _value(view, tap.value)
    if not takes(view, tap.part, value):
        raise StaleError
    given = {key: one for key, one in {**view.given, tap.part: value}.items() if one is not None}
    turn.show(WorkScreen(screen.key, asked_on=screen.asked_on), view.record)
    return turn.keep(drafts.write(Draft(parts=given), view.record, view.item, turn.chat.draft))


def _value(view: Working, said: str) -> object:
    if isinstance(view.item, Number):
        return int(said) if said.isdecimal() and said.isascii() else said
    return {"yes": True, "no": False, taps.AWAITED: None}.get(said, said)


@on(taps.Worked, SCREENERS)
async def on_worked(turn: Turn, tap: taps.Worked) -> Reply:
    """
    Store what the parts make, with the parts, if they are still those that the card shows.
    """
    view, screen = await _working(turn, tap)
    if view.result is None or drafts.digest(view.given) != tap.digest:
        raise StaleError
    turn.show(screen.asked_on, view.record)
    return await keep(turn, of_item(turn, view.record, view.item, view.reason), dict(view.given))


@reads(Adding)
async def on_digits(turn: Turn, view: Adding, text: str) -> Reply:
    """
    Take all parts at once; what they make is to be confirmed.
    """
    parts = digits_of(view.item, text)
    if parts is None:
        return Reply(Note("refused.digits", view.item, view.record.population.kind))
    return turn.keep(drafts.write(Draft(parts=parts), view.record, view.item, turn.chat.draft))


@reads(Classifying)
async def on_words(_: Turn, view: Classifying, __: str) -> Reply:
    """
    Rows are given by their buttons.
    """
    return Reply(Note("refused.rows", view.item, view.record.population.kind))
