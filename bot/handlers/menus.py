"""
Events that lead to a screen: start, help, language, a button that goes somewhere; and what the bot cannot read.
"""

from dataclasses import replace

from bot import taps
from bot.events import Command, Edited, OldButton, Unreadable
from bot.handlers.routes import command, on
from bot.handlers.screening import go_on
from bot.screens import KEEPING, MENUS, present
from bot.texts import LANGUAGES
from bot.turn import READERS, Note, Reply, StaleError, Turn
from db.base.tables import Case
from db.trail import audit


async def on_start(turn: Turn, _: Command) -> Reply:
    """
    Show where the chat stands: the card in focus, or what can be done.
    """
    case = await turn.focus()
    if case is None or turn.chat.screen in KEEPING:
        turn.show("ask" if case else "home", case)
    return Reply(await present(turn), fresh=True, tidy=True)


@command("help", READERS, rank=240)
async def on_help(turn: Turn, _: Command) -> Reply:
    """
    Explain the bot.
    """
    return await to(turn, "help", await turn.focus())


@command("language", READERS, rank=230)
async def on_language(turn: Turn, command: Command) -> Reply:
    """
    Ask for the language, or set the one named.
    """
    if command.argument.casefold() in LANGUAGES:
        return replace(
            await on_set_language(turn, taps.SetLanguage(command.argument.casefold())), fresh=True, tidy=True
        )
    return await to(turn, "language", await turn.focus())


async def to(turn: Turn, screen: str, case: Case | None = None) -> Reply:
    """
    Go to a screen, at the end of the chat.
    """
    turn.show(screen, case)
    return Reply(await present(turn), fresh=True, tidy=True)


@on(taps.Menu, READERS)
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


@on(taps.Go, READERS)
async def on_go(turn: Turn, tap: taps.Go) -> Reply:
    """
    Show another screen of the case in focus.
    """
    case = await turn.focus(tap.case)
    if tap.screen == "continue" and case is not None:
        return await go_on(turn, case)
    turn.show(_screen(turn.chat.screen, tap.screen), case)
    return Reply(await present(turn))


def _screen(before: str, wanted: str) -> str:
    """
    The screen to go to. Why? keeps the one it was asked on, and Return goes back there.
    """
    asked_on = before.split(":", 2)[2:] if before.startswith("why:") else []
    if wanted == "return":
        return asked_on[0] if asked_on else "ask"
    # Pressed twice, the screen it was asked on is still that of the first press.
    return f"{wanted}:{asked_on[0] if asked_on else before}" if wanted.startswith("why:") else wanted


@on(taps.SetLanguage, READERS)
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


@on(Edited, READERS)
async def on_edited(turn: Turn, _: Edited) -> Reply:
    """
    Say that edited messages are not read.
    """
    return Reply(await present(turn), note=Note("note.edited"))


@on(Unreadable, READERS)
async def on_unreadable(turn: Turn, _: Unreadable) -> Reply:
    """
    Say that only text is read, and take the file out of the chat.
    """
    return Reply(await present(turn), note=Note("note.unreadable"), tidy=True)


@on(OldButton, READERS)
async def on_old_button(_: Turn, __: OldButton) -> Reply:
    """
    Show the present state in the place of an old screen.
    """
    raise StaleError
