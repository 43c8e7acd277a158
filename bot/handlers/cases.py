"""
Events that put a case in focus: by its code, from the list, or a new one.
"""

from bot import taps
from bot.events import Command
from bot.handlers.menus import to
from bot.handlers.routes import command, on
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from bot.screens import present
from bot.turn import READERS, SCREENERS, Note, Reply, StaleError, Turn
from bot.typed.answers import kind_in
from bot.typed.codes import code_in
from db.base.tables import Case, Site
from db.cases import cases
from db.people import team


@command("cases", READERS, rank=20)
async def on_cases(turn: Turn, _: Command) -> Reply:
    """
    List the cases being screened.
    """
    return await to(turn, "cases:0")


@command("new", SCREENERS, rank=10)
async def on_new_command(turn: Turn, command: Command) -> Reply:
    """
    Ask for the kind of case, or open one of the kind named.
    """
    kind = kind_in(command.argument)
    return await _open(turn, kind, by_command=True) if kind else await to(turn, "new")


@on(taps.New, SCREENERS)
async def on_new(turn: Turn, tap: taps.New) -> Reply:
    """
    Open a case. With one in focus already, the button is from an earlier screen: a second tap opens no second case.
    """
    if turn.chat.case_id is not None or tap.kind not in set(Kind):
        raise StaleError
    return await _open(turn, Kind(tap.kind), by_command=False)


@on(taps.NewAt, SCREENERS)
async def on_new_at(turn: Turn, tap: taps.NewAt) -> Reply:
    """
    Open a case at one of several sites.
    """
    if turn.chat.case_id is not None or tap.kind not in set(Kind) or not turn.may_screen(tap.site):
        raise StaleError
    return await _opened(turn, Kind(tap.kind), tap.site, by_command=False)


async def _open(turn: Turn, kind: Kind, *, by_command: bool) -> Reply:
    """
    Open a case where the person screens; whoever screens at several sites is asked at which.
    """
    sites = await team.sites_within(turn.session, sites=turn.sites)
    if len(sites) == 1:
        return await _opened(turn, kind, sites[0].id, by_command=by_command)
    turn.show(f"new:{kind}")
    return Reply(await present(turn), fresh=by_command, tidy=by_command)


async def _opened(turn: Turn, kind: Kind, site_id: int, *, by_command: bool) -> Reply:
    case = await open_case(turn, kind, site_id)
    turn.show("ask", case)
    return Reply(await present(turn), note=Note("note.opened", name=case.code), fresh=by_command, tidy=by_command)


async def open_case(turn: Turn, kind: Kind, site_id: int) -> Case:
    """
    A new case of this kind at a site.
    """
    return await cases.open_new(
        turn.session,
        kind=kind,
        site=await turn.session.get_one(Site, site_id),
        protocol=LATEST,
        person_id=turn.member.person.id,
        by=turn.actor,
        now=turn.now,
    )


@command("resume", SCREENERS, rank=30)
async def on_resume(turn: Turn, command: Command) -> Reply:
    """
    Go on with a case.
    """
    return await on_code(turn, command.argument, "ask")


async def show_case(turn: Turn, text: str, screen: str) -> Reply:
    """
    A screen of the case named, or of the one in focus where none is.
    """
    case = await turn.focus() if not text else None
    if case is None:
        return await on_code(turn, text, screen)
    turn.show(screen, case)
    return Reply(await present(turn), fresh=True, tidy=True)


async def on_code(turn: Turn, text: str, screen: str) -> Reply:
    """
    Put the case with this code in focus. One that the person may not see is answered like one that never was.
    """
    case = await find(turn, text)
    if case is None:
        turn.show("cases:0")
        code = code_in(text)
        note = Note("note.no_case", name=code) if code else Note("note.which_case")
        return Reply(await present(turn), note=note, fresh=True, tidy=True)
    turn.show(screen, case)
    return Reply(await present(turn), fresh=True, tidy=True)


async def find(turn: Turn, text: str) -> Case | None:
    """
    The case that a text names, at one of the person's sites.
    """
    code = code_in(text)
    return None if code is None else await cases.by_code(turn.session, code=code, sites=turn.sites)


@on(taps.Open, READERS)
async def on_open(turn: Turn, tap: taps.Open) -> Reply:
    """
    Put a case from the list in focus.
    """
    case = await cases.by_id(turn.session, case_id=tap.case, sites=turn.sites)
    if case is None:
        raise StaleError
    turn.show("ask", case)
    return Reply(await present(turn))
