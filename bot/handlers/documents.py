"""
Events about documents: what can be had, and one handed over.
"""

from msgspec.structs import replace

from bot import taps
from bot.documents.kinds import KINDS
from bot.events import Command
from bot.handlers.cases import meant
from bot.handlers.routes import command, on
from bot.screens import present
from bot.screens.documents import CaseDocumentsScreen, DocumentsScreen, roles_for
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
        return turn.show(CaseDocumentsScreen(), await meant(turn, command.argument))
    return turn.show(DocumentsScreen())


@command("picture", READERS, rank=104)
async def on_picture(turn: Turn, command: Command) -> Reply:
    """
    Hand over a picture: the one named, or the values of the case named or in focus. Otherwise list what can be had.
    """
    kind = _PICTURES.get(fold(command.argument))
    if kind is not None:
        return replace(turn.show(DocumentsScreen(), await turn.focus()), wanted=_wanted(turn, kind))
    if command.argument and code_in(command.argument) is None:
        return turn.show(DocumentsScreen(), await turn.focus(), Note("documents.which"))
    reply = await on_documents(turn, command)
    case = await turn.focus()
    return reply if case is None else replace(reply, wanted=_wanted(turn, _OF_CASE, case))


@on(taps.GetDocument, READERS)
async def on_document(turn: Turn, tap: taps.GetDocument) -> Reply:
    """
    Hand over a document, above the card that stands.
    """
    case = await turn.focus_on(tap.case) if tap.case != taps.ALL_CASES else None
    kind = KINDS.get(tap.kind)
    roles = roles_for(tap.kind)
    if kind is None or not turn.may(roles, case.site_id if case else None):
        raise StaleError
    if (case is None and kind.of_case) or (case is not None and "case" not in kind.narrowed):
        raise StaleError
    await present(turn)  # the card stays what it is for everyone
    turn.roles = roles  # the document tells of the sites at which the person has one of these
    return Reply(toast="toast.making", fresh=True, wanted=_wanted(turn, tap.kind, case))


def _wanted(turn: Turn, kind: str, case: Case | None = None) -> Wanted:
    return Wanted(kind, case.code if case else None, turn.sites, turn.actor)
