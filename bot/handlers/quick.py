"""
Events about lists of values: typed, confirmed, taken back.
"""

from bot import taps
from bot.coded import Screen
from bot.handlers.cases import named
from bot.handlers.reasons import read_reason
from bot.handlers.routes import on, reads
from bot.handlers.screening import go_to, take_up, voided
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from bot.screens import present
from bot.screens.base import CaseScreen
from bot.screens.editing import Changed, Section, Sections
from bot.screens.history import History
from bot.screens.questions import REASONS, Why
from bot.screens.quick import QuickEntry, QuickScreen, WhyQuick, WhyQuickScreen
from bot.screens.reasoning import Criteria, Reasoning
from bot.screens.screening import AskScreen, Settled
from bot.screens.stored import TakesLists, stored_last
from bot.screens.summary import Summary, SummaryScreen
from bot.screens.values import Values
from bot.turn import SCREENERS, Note, NotTaken, RefusedError, Reply, StaleError, Turn
from bot.typed import drafts, pending
from bot.typed.answers import is_yes
from bot.typed.codes import code_and_rest
from bot.typed.found import Sheet
from bot.typed.pending import Pending
from bot.typed.sheets import read_list
from db.cases import answers
from db.cases.answers import Entered, NotTakenBackError
from db.cases.records import Record


def names_items(sheet: Sheet) -> bool:
    """
    Whether a text named an item, or what is printed beside it, and said something of it.
    """
    return bool(sheet.found or sheet.unsure or sheet.refused or sheet.beside)


async def of_case_named(turn: Turn, text: str, *, is_asked: bool = True) -> Reply | None:
    """
    Ask to confirm a list that begins with the code of a case; None where the text is none, of which nothing is
    understood while something is asked.
    """
    code, rest = code_and_rest(text)
    if not code or not rest:
        return None
    kind = Kind.RECIPIENT if "r" in code.casefold() else Kind.DONOR
    if is_asked and not names_items(read_list(rest, LATEST.population(kind), today=turn.now.date())):
        return None
    case = await named(turn, code)
    if not turn.may_screen(case.site_id):
        raise RefusedError(Note("note.not_allowed"))
    record = await turn.record(case)
    return wait(turn, record, pending.of_sheet(read_list(rest, record.population, today=record.as_of), record))


def wait(turn: Turn, record: Record, found: Pending) -> Reply:
    """
    Ask to confirm a list, together with one that waits already. Where there is nothing to confirm, what was wrong is
    said above the screen that stands, or above the case where none is in focus.
    """
    before, screen = pending.read(turn.chat.draft, record), _asked_on(turn)
    whole = before.having(found) if before else found
    if not isinstance(screen, CaseScreen) or turn.chat.case_id != record.case.id:
        screen = AskScreen()
    if not whole.number:
        if before is not None:
            turn.keep(drafts.without(turn.chat.draft, pending.kept_for(turn.chat.draft, record)))
        if turn.chat.case_id in {None, record.case.id}:  # another one stays: what is typed next is for its card
            turn.show(screen, record)
        return Reply(not_taken=NotTaken(record, whole))
    turn.show(QuickScreen(screen), record)
    return turn.keep(pending.write(whole, record, turn.chat.draft))


def _asked_on(turn: Turn) -> Screen:
    """
    The screen to return to from a list.
    """
    screen = turn.screen
    return screen.asked_on if isinstance(screen, QuickScreen) else screen or AskScreen()


async def on_list(turn: Turn, view: TakesLists, text: str) -> Reply:
    """
    Read a list where nothing else is asked.
    """
    reply = _read(turn, view.record, text) or await of_case_named(turn, text, is_asked=False)
    return reply or Reply(Note("note.not_asked"))


for _kind in (Summary, Settled, Sections, Section, Criteria, Reasoning, History, Values, Why):
    reads(_kind)(on_list)


@reads(Changed)
async def on_list_after(turn: Turn, view: Changed, text: str) -> Reply:
    """
    The same where a change was shown.
    """
    reply = _read(turn, view.after, text) or await of_case_named(turn, text, is_asked=False)
    return reply or Reply(Note("note.not_asked"))


@reads(QuickEntry)
async def on_more(turn: Turn, view: QuickEntry, text: str) -> Reply:
    """
    Add a further list to the one that waits. A plain yes confirms it; words, where answers change, may be why.
    """
    if is_yes(text) and view.values and not view.changes:
        return await _store(turn, view, None)
    if (reply := _read(turn, view.record, text)) is not None:
        return reply
    if view.changes and not any(map(str.isdigit, text)):
        return turn.show(WhyQuickScreen(_asked_on(turn), read_reason(text)), view.record)
    return Reply(Note("note.quick_waits"))


def _read(turn: Turn, record: Record, text: str) -> Reply | None:
    if not turn.may_screen(record.case.site_id):
        return None
    sheet = read_list(text, record.population, today=record.as_of)
    return wait(turn, record, pending.of_sheet(sheet, record)) if names_items(sheet) else None


@on(taps.Listed, SCREENERS)
async def on_listed(turn: Turn, tap: taps.Listed) -> Reply:
    """
    Do with the list that waits what a button says, if it is still the one that was shown.
    """
    await turn.focus_on(tap.case)
    view = await present(turn)
    view, reason = (view.entry, view.reason) if isinstance(view, WhyQuick) else (view, "")
    if not isinstance(view, QuickEntry) or view.digest != tap.digest:
        raise StaleError
    if reason and tap.action == "said":
        return await _store(turn, view, reason)
    return await _do(turn, view, tap)


async def _do(turn: Turn, view: QuickEntry, tap: taps.Listed) -> Reply:
    match tap.action:
        case "cancel":
            return _keep(turn, view, Pending())
        case "out" if tap.at < len(view.pending.values):
            return _keep(turn, view, view.pending.without(tap.at))
        case "is" if tap.at < len(view.pending.unsure) and tap.choice < len(view.pending.unsure[tap.at]):
            return _keep(turn, view, view.pending.chosen(tap.at, tap.choice))
        case "all" if view.values and not view.changes:
            return await _store(turn, view, None)
        case "other" if view.changes:
            return turn.show(WhyQuickScreen(_asked_on(turn)), view.record)
        case reason if reason in REASONS and view.changes:
            return await _store(turn, view, reason)
    raise StaleError


def _keep(turn: Turn, view: QuickEntry, found: Pending) -> Reply:
    turn.drop()
    if not found.number:  # what of it was refused has been said
        return turn.show(_asked_on(turn), view.record, Note("note.cancelled"))
    return wait(turn, view.record, found)


@reads(WhyQuick)
async def on_why_quick(turn: Turn, view: WhyQuick, text: str) -> Reply:
    """
    Store a list with a reason that was typed; or with the one that waits, for a plain yes.
    """
    return await _store(turn, view.entry, view.reason if view.reason and is_yes(text) else read_reason(text))


async def _store(turn: Turn, view: QuickEntry, reason: str | None) -> Reply:
    """
    Store the values shown, all or none; what did not fit on the card is shown next.
    """
    record, signed = view.record, view.record.case.sign_off
    await take_up(turn, record.case)
    entered = [
        Entered(value.item, value.raw, value.examined, reason if value.item in view.changes else None)
        for value in view.values
    ]
    after = await answers.add_many(turn.session, record=record, entered=entered, by=turn.actor, now=turn.now)
    turn.drop()
    later, note = view.pending.values[len(view.values) :], voided(after, signed)
    if later:
        wait(turn, after, Pending(later, view.pending.unsure))
        return Reply(note)
    return await go_to(turn, AskScreen(), after, note)


@on(taps.TakeBack, SCREENERS)
async def on_take_back(turn: Turn, tap: taps.TakeBack) -> Reply:
    """
    Let stand again what stood before a list was stored.
    """
    case = await turn.focus_on(tap.case)
    record = await turn.record(case)
    stored = stored_last(turn, record)
    if stored is None or stored.batch != tap.batch:
        raise StaleError
    try:
        after = await answers.take_back(turn.session, record=record, batch=tap.batch, by=turn.actor, now=turn.now)
    except NotTakenBackError:
        raise StaleError from None
    screen = SummaryScreen() if isinstance(await present(turn), Summary) else AskScreen()
    return turn.show(screen, after, Note("note.taken_back", name=str(len(stored.items))))
