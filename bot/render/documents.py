"""
The documents that can be had.
"""

from bot import taps
from bot.documents.kinds import KINDS
from bot.render.buttons import in_rows, menu, to
from bot.render.card import Card, button, fit
from bot.render.renderers import renders
from bot.screens.documents import CaseDocumentsScreen, Documents, DocumentsScreen
from bot.screens.menus import HomeScreen
from bot.screens.overview import BoardScreen
from bot.screens.summary import SummaryScreen
from bot.texts import Words


@renders(Documents)
def documents(view: Documents, words: Words) -> Card:
    case = view.case
    title = words("documents.of_case", code=case.code) if case else words("documents.title")
    kinds = [
        name
        for name, kind in KINDS.items()
        if name not in view.withheld and ("case" in kind.narrowed if case is not None else not kind.of_case)
    ]
    number = case.id if case else taps.ALL_CASES
    buttons = [button(words(f"document.{kind}"), taps.GetDocument(kind, number)) for kind in kinds]
    if view.focus is not None:
        of_case = to(words, CaseDocumentsScreen(), view.focus, "button.documents_of", code=view.focus.code)
        last = (of_case, *menu(words, BoardScreen(), HomeScreen()))
    elif case is None:
        last = menu(words, BoardScreen(), HomeScreen())
    else:
        last = (to(words, DocumentsScreen(), key="button.documents_all"), to(words, SummaryScreen(), case))
    return Card(fit([title, "", words("documents.note")]), (*in_rows(buttons, 2), last))
