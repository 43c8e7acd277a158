"""
Events about documents: what can be had, and one handed over.
"""

from dataclasses import replace

from bot import taps
from bot.documents.kinds import KINDS
from bot.events import Command
from bot.handlers.cases import show_case
from bot.handlers.menus import to
from bot.handlers.routes import command, on
from bot.screens import present
from bot.screens.documents import roles_for
from bot.turn import READERS, Note, Reply, StaleError, Turn, Wanted
from bot.typed.codes import code_in
from bot.typed.letters import fold
from db.base.tables import Case

_PICTURES = {
    **dict.fromkeys(("flow", "consort", "parcours"), "flow"),
    **dict.fromkeys(("accrual", "inclusions"), "accrual"),
    **dict.fromkeys(("ahead", "visits", "visites"), "ahead"),
}
_OF_CASE = "values"


@command("documents", READERS, rank=102)
async def on_documents(turn: Turn, command: Command) -> Reply:
    """
    List the documents about the case named or in focus, or those about all cases.
    """
    if command.argument or await turn.focus() is not None:
        return await show_case(turn, command.argument, "documents")
    return await to(turn, "documents")


@command("picture", READERS, rank=104)
async def on_picture(turn: Turn, command: Command) -> Reply:
    """
    Hand over a picture: the one named, or the values of the case named or in focus. Otherwise list what can be had.
    """
    kind = _PICTURES.get(fold(command.argument))
    if kind is not None:
        return replace(await to(turn, "documents"), wanted=_wanted(turn, kind))
    if command.argument and code_in(command.argument) is None:
        return replace(await to(turn, "documents"), note=Note("documents.which"))
    shown = await on_documents(turn, command)
    case = await turn.focus()
    return shown if case is None else replace(shown, wanted=_wanted(turn, _OF_CASE, case))


@on(taps.Document, READERS)
async def on_document(turn: Turn, tap: taps.Document) -> Reply:
    """
    Hand over a document, above the card that stands.
    """
    case = await turn.focus(tap.case) if tap.case != taps.ALL_CASES else None
    kind = KINDS.get(tap.kind)
    roles = roles_for(tap.kind)
    if kind is None or not turn.may(roles, case.site_id if case else None):
        raise StaleError
    if (case is None and kind.of_case) or (case is not None and "case" not in kind.narrowed):
        raise StaleError
    view = await present(turn)
    turn.roles = roles  # it tells of the sites at which the person has one of these
    return Reply(view, toast="toast.making", fresh=True, wanted=_wanted(turn, tap.kind, case))


def _wanted(turn: Turn, kind: str, case: Case | None = None) -> Wanted:
    return Wanted(kind, case.code if case else None, turn.sites, turn.actor)
