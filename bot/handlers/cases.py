"""
Events that put a case in focus: by its code, from a list, or a new one.
"""

from bot import taps
from bot.events import Command
from bot.handlers.routes import command, on, shows
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from bot.screens.base import CaseScreen
from bot.screens.cases import CasesScreen, NewScreen
from bot.screens.screening import AskScreen
from bot.turn import READERS, SCREENERS, Note, RefusedError, Reply, StaleError, Turn
from bot.typed.answers import kind_in
from bot.typed.codes import code_in
from db.base.tables import Case, PersonRole, Site
from db.cases import cases
from db.people.sites import sites_within

shows("cases", READERS, CasesScreen(), rank=20)


@command("new", SCREENERS, rank=10)
async def on_new_command(turn: Turn, command: Command) -> Reply:
    """
    Ask for the kind of case, or open one of the kind named.
    """
    kind = kind_in(command.argument)
    return await _open(turn, kind) if kind else turn.show(NewScreen())


@on(taps.New, SCREENERS)
async def on_new(turn: Turn, tap: taps.New) -> Reply:
    """
    Open a case. With one in focus already, the button is from an earlier screen: a second tap opens no second case.
    """
    if turn.chat.case_id is not None or tap.kind not in set(Kind):
        raise StaleError
    return await _open(turn, Kind(tap.kind))


@on(taps.NewAt, SCREENERS)
async def on_new_at(turn: Turn, tap: taps.NewAt) -> Reply:
    """
    Open a case at one of several sites.
    """
    if turn.chat.case_id is not None or tap.kind not in set(Kind) or not turn.may_screen(tap.site):
        raise StaleError
    return await _open_at(turn, Kind(tap.kind), tap.site)


async def _open(turn: Turn, kind: Kind) -> Reply:
    """
    Open a case where the person screens; whoever screens at several sites is asked at which.
    """
    sites = await sites_within(turn.session, sites=turn.sites)
    return await _open_at(turn, kind, sites[0].id) if len(sites) == 1 else turn.show(NewScreen(kind))


async def _open_at(turn: Turn, kind: Kind, site_id: int) -> Reply:
    case = await open_case(turn, kind, site_id)
    return turn.show(AskScreen(), case, Note("note.opened", name=case.code))


async def open_case(turn: Turn, kind: Kind, site_id: int) -> Case:
    """
    A new case of this kind at a site.
    """
    return await cases.open_new(
        turn.session,
        kind=kind,
        site=await turn.session.get_one(Site, site_id),
        protocol=LATEST,
        by=turn.actor,
        now=turn.now,
    )


@command("resume", SCREENERS, rank=30)
async def on_resume(turn: Turn, command: Command) -> Reply:
    """
    Go on with a case.
    """
    return turn.show(AskScreen(), await named(turn, command.argument))


@on(taps.OpenCase, READERS)
async def on_open(turn: Turn, tap: taps.OpenCase) -> Reply:
    """
    Put a case from a list in focus.
    """
    case = await cases.by_id(turn.session, case_id=tap.case, sites=turn.sites)
    if case is None or not isinstance(tap.screen, CaseScreen):
        raise StaleError
    return turn.show(tap.screen, case)


def shows_case(name: str, roles: frozenset[PersonRole], screen: CaseScreen, *, rank: int) -> None:
    """
    Declare a command that does nothing but show a screen of the case named, or of the one in focus.
    """

    async def show(turn: Turn, command: Command) -> Reply:
        return turn.show(screen, await meant(turn, command.argument))

    command(name, roles, rank=rank)(show)


async def meant(turn: Turn, text: str) -> Case:
    """
    The case that a text names, or the one in focus where it says nothing. Raises RefusedError.
    """
    return (None if text else await turn.focus()) or await named(turn, text)


async def named(turn: Turn, text: str) -> Case:
    """
    The case that a text names. One that the person may not see is answered like one that never was. Raises
    RefusedError, with a list of cases to choose from.
    """
    code, case = code_in(text), await find(turn, text)
    if case is None:
        note = Note("note.no_case", name=code) if code else Note("note.which_case")
        raise RefusedError(note, CasesScreen())
    return case


async def find(turn: Turn, text: str) -> Case | None:
    """
    The case that a text names, at one of the person's sites.
    """
    code = code_in(text)
    return None if code is None else await cases.by_code(turn.session, code=code, sites=turn.sites)
