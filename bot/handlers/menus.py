"""
Events outside any case: start, help, language, the list of cases, a new case.
"""

from dataclasses import replace

from bot import taps
from bot.events import Command, Edited, OldButton, Unreadable
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from bot.screens import KEEPING, MENUS, present
from bot.texts import LANGUAGES
from bot.turn import StaleError, Turn
from bot.typed.answers import kind_in
from bot.views import Note, Reply
from db.base.tables import Case, Site
from db.cases import cases
from db.people import team
from db.trail import audit


async def on_start(turn: Turn, _: Command) -> Reply:
    """
    Show where the chat stands: the card in focus, or what can be done.
    """
    case = await turn.focus()
    if case is None or turn.chat.screen in KEEPING:
        turn.show("ask" if case else "home", case)
    return Reply(await present(turn), fresh=True, tidy=True)


async def on_help(turn: Turn, _: Command) -> Reply:
    """
    Explain the bot.
    """
    return await _to(turn, "help", await turn.focus())


async def on_new_command(turn: Turn, command: Command) -> Reply:
    """
    Ask for the kind of case, or open one of the kind named.
    """
    kind = kind_in(command.argument)
    return await _open(turn, kind, by_command=True) if kind else await _to(turn, "new")


async def on_cases(turn: Turn, _: Command) -> Reply:
    """
    List the cases being screened.
    """
    return await _to(turn, "cases:0")


async def on_language(turn: Turn, command: Command) -> Reply:
    """
    Ask for the language, or set the one named.
    """
    if command.argument.casefold() in LANGUAGES:
        return replace(
            await on_set_language(turn, taps.SetLanguage(command.argument.casefold())), fresh=True, tidy=True
        )
    return await _to(turn, "language", await turn.focus())


async def _to(turn: Turn, screen: str, case: Case | None = None) -> Reply:
    turn.show(screen, case)
    return Reply(await present(turn), fresh=True, tidy=True)


async def on_menu(turn: Turn, tap: taps.Menu) -> Reply:
    """
    Go to a screen outside any case.
    """
    name = tap.screen.partition(":")[0]
    if name not in {*MENUS, "here"}:
        raise StaleError
    if name != "here":
        turn.show(tap.screen, await turn.focus() if name in KEEPING else None)
    return Reply(await present(turn))


async def on_new(turn: Turn, tap: taps.New) -> Reply:
    """
    Open a case. With one in focus already, the button is from an earlier screen: a second tap opens no second case.
    """
    if turn.chat.case_id is not None or tap.kind not in set(Kind):
        raise StaleError
    return await _open(turn, Kind(tap.kind), by_command=False)


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


async def on_set_language(turn: Turn, tap: taps.SetLanguage) -> Reply:
    """
    Talk in another language from now on.
    """
    person = turn.member.person
    if tap.language not in LANGUAGES:
        raise StaleError
    if tap.language != person.language:
        await audit.record(
            turn.session,
            at=turn.now,
            by=turn.actor,
            action="person.language",
            entity=f"person {person.id}",
            field="language",
            old=person.language,
            new=tap.language,
        )
        person.language = tap.language
    case = await turn.focus()
    turn.show("ask" if case else "home", case)
    return Reply(await present(turn), note=Note("note.language"))


async def on_edited(turn: Turn, _: Edited) -> Reply:
    """
    Say that edited messages are not read.
    """
    return Reply(await present(turn), note=Note("note.edited"))


async def on_unreadable(turn: Turn, _: Unreadable) -> Reply:
    """
    Say that only text is read, and take the file out of the chat.
    """
    return Reply(await present(turn), note=Note("note.unreadable"), tidy=True)


async def on_old_button(_: Turn, __: OldButton) -> Reply:
    """
    Show the present state in the place of an old screen.
    """
    raise StaleError
