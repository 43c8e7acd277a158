"""
The documents that can be had.
"""

from bot import taps
from bot.documents.kinds import KINDS
from bot.render.card import Card, button, fit
from bot.render.renderers import renders
from bot.screens.documents import Documents
from bot.texts import Words


@renders(Documents)
def documents(view: Documents, words: Words) -> Card:
    """
    A button for each.
    """
    case = view.case
    title = words("documents.of_case", code=case.code) if case else words("documents.title")
    kinds = [
        name
        for name, kind in KINDS.items()
        if name not in view.withheld and ("case" in kind.narrowed if case is not None else not kind.of_case)
    ]
    number = case.id if case else taps.ALL_CASES
    buttons = [button(words(f"document.{kind}"), taps.Document(kind, number)) for kind in kinds]
    rows = tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
    if case is None:
        last = (button(words("button.board"), taps.Menu("board")), button(words("button.home"), taps.Menu("home")))
    else:
        all_cases = button(words("button.documents_all"), taps.Menu("documents"))
        last = (all_cases, button(words("button.summary"), taps.Go(case.id, "summary")))
    return Card(fit([title, "", words("documents.note")]), (*rows, last))
