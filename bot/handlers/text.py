"""
Typed text: what it means depends on what the card asks.
"""

from bot.events import Typed
from bot.handlers.cases import named
from bot.handlers.quick import of_case_named
from bot.handlers.routes import READERS_OF, on
from bot.screens import present
from bot.screens.summary import SummaryScreen
from bot.turn import READERS, Note, Reply, Turn
from bot.typed.codes import code_in


@on(Typed, READERS)
async def on_typed(turn: Turn, typed: Typed) -> Reply:
    """
    Hand text to whoever asked for it; a case code is always one, and a list of values may follow it.
    """
    if code_in(typed.text) is not None:
        return turn.show(SummaryScreen(), await named(turn, typed.text), fresh=True)
    if (reply := await of_case_named(turn, typed.text)) is not None:
        return reply
    view = await present(turn)
    if type(view) not in READERS_OF or view.asks is None:
        return await of_case_named(turn, typed.text, is_asked=False) or Reply(Note("note.not_asked"))
    if turn.chat.card_for != view.asks or turn.is_for_an_earlier_card:
        # Sent while an earlier text was still being worked, and meant for the question that this one answered.
        return Reply(Note("note.moved_on"))
    return await READERS_OF[type(view)](turn, view, typed.text)
