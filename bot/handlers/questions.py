"""
Events that answer a question: a button, options ticked, a typed value, its confirmation.
"""

from contextlib import suppress

from bot import taps
from bot.coded import Screen
from bot.events import Event
from bot.handlers.quick import names_items, of_case_named, wait
from bot.handlers.reasons import read_reason
from bot.handlers.routes import on, reads
from bot.handlers.screening import go_to, take_up, voided
from bot.rules.items import AWAITED, Bool, Item, Several
from bot.screens.editing import ChangedScreen, ReasonScreen
from bot.screens.questions import ChooseReason, Question, of_item
from bot.screens.scores import WorkScreen
from bot.screens.screening import AskScreen, AwaitScreen, ChangeScreen
from bot.screens.summary import SummaryScreen
from bot.taps import EXPECTED, OFF, TICKED
from bot.turn import SCREENERS, Note, Reply, StaleError, Turn, asked
from bot.typed import drafts, pending
from bot.typed.answers import is_yes
from bot.typed.drafts import Draft
from bot.typed.found import Found, Sheet
from bot.typed.highest import alone, part_named
from bot.typed.options import with_awaited
from bot.typed.personal import personal
from bot.typed.rows import read_row
from bot.typed.sheets import read_list
from bot.typed.values import Entry, EntryRefusedError, Slip, after_own_name, parse
from db.cases import answers
from db.cases.given import UNSAID, Examined
from db.cases.records import Record


async def _question(turn: Turn, tap: taps.Pick | taps.Toggle | taps.Done | taps.Confirm) -> Question:
    """
    The question that the card shows, if it is the one this button belongs to. Raises StaleError.
    """
    case, screen = await turn.focus_on(tap.case), turn.screen
    if case.revision != tap.revision or turn.chat.card_for != asked(case, tap.item):
        raise StaleError
    record = turn.known = await turn.record(case)
    return of_item(
        turn, record, record.population.item[tap.item], screen.reason if isinstance(screen, ChangeScreen) else None
    )


async def what_stands(turn: Turn, event: Event) -> Note | None:
    """
    The answer that a button would give once more, as it stands: whoever pressed may not have seen it stored.
    """
    if not isinstance(event, taps.Pick | taps.Done | taps.Confirm | taps.Worked) or event.case != turn.chat.case_id:
        return None
    case = await turn.focus()
    record = turn.known = None if case is None else await turn.record(case)
    return stands(record, event.item) if record is not None and event.item in record.current else None


def stands(record: Record, key: str) -> Note:
    """
    An answer, as it stands.
    """
    return Note("note.stands", record.population.item[key], record.population.kind, record.raw(key))


@on(taps.Pick, SCREENERS)
async def on_answer(turn: Turn, tap: taps.Pick) -> Reply:
    """
    Store a tapped answer and show the step that follows from all of them.
    """
    asking = await _question(turn, tap)
    if tap.choice == taps.NONE and asking.ticked:
        raise StaleError
    return await keep(turn, asking, None if tap.choice == taps.AWAITED else _chosen(asking.item, tap.choice))


def _chosen(item: Item, choice: str) -> object:
    if isinstance(item, Bool):
        return {"yes": True, "no": False}.get(choice, choice)
    return [] if isinstance(item, Several) and choice == taps.NONE else choice


@on(taps.Toggle, SCREENERS)
async def on_toggle(turn: Turn, tap: taps.Toggle) -> Reply:
    """
    Tick or untick an option, or say that its result is awaited. The button says which, so a second tap on it changes
    nothing more.
    """
    asking = await _question(turn, tap)
    if not isinstance(asking.item, Several) or tap.option not in asking.item.options:
        raise StaleError
    marked = {OFF: [], TICKED: [tap.option], EXPECTED: [AWAITED + tap.option]}.get(tap.state)
    if marked is None:
        raise StaleError
    ticked = asking.ticked.difference({tap.option, AWAITED + tap.option}).union(marked)
    return turn.keep(drafts.write(Draft(ticked=ticked), asking.record, asking.item, turn.chat.draft))


@on(taps.Done, SCREENERS)
async def on_done(turn: Turn, tap: taps.Done) -> Reply:
    """
    Store the options ticked.
    """
    asking = await _question(turn, tap)
    if not asking.ticked:
        raise StaleError
    return await keep(turn, asking, sorted(asking.ticked))


@on(taps.Confirm, SCREENERS)
async def on_confirm(turn: Turn, tap: taps.Confirm) -> Reply:
    """
    Store a value that was asked about, if it is still the one.
    """
    asking = await _question(turn, tap)
    if asking.unusual is None or drafts.digest(asking.unusual) != tap.digest:
        raise StaleError
    return await keep(turn, asking, asking.unusual)


@reads(Question)
async def on_text(turn: Turn, asking: Question, text: str) -> Reply:
    """
    Read a typed answer to the question on the card.
    """
    item, record = asking.item, asking.record
    if asking.unusual is not None and is_yes(text):
        return await keep(turn, asking, asking.unusual)
    try:
        entry = parse(item, text, today=record.as_of)
        entry = alone(entry) if part_named(item, text) else entry
    except EntryRefusedError as error:
        reply = await _on_more(turn, asking, text) or await of_case_named(turn, text, is_asked=False)
        return reply or Reply(_refused(record, _with_its_day(text, record, error)))
    if isinstance(entry.raw, dict):  # the parts of a score
        turn.show(WorkScreen(item.key, asked_on=turn.screen or AskScreen()), record)
        return turn.keep(drafts.write(Draft(parts=entry.raw), record, item, turn.chat.draft))
    draft = _to_confirm(turn, asking, entry)
    return (
        turn.keep(drafts.write(draft, record, item, turn.chat.draft)) if draft else await keep(turn, asking, entry.raw)
    )


def _to_confirm(turn: Turn, asking: Question, entry: Entry | Slip) -> Draft | None:
    """
    A typed answer that is to be confirmed: one that is unusual, may not be what was meant, or takes the place of what
    was ticked; None for any other.
    """
    item, record, raw = asking.item, asking.record, entry.raw
    ticked = drafts.read(turn.chat.draft, record, item).ticked
    is_other = bool(ticked) and isinstance(raw, list) and set(raw).symmetric_difference(ticked or ()) != set()
    if isinstance(entry, Entry) and not is_other:
        return Draft(ticked, raw) if entry.is_unusual else None
    is_part = isinstance(entry, Slip) and entry.why == "options"
    return Draft(ticked, with_awaited(raw, record.raw(item.key)) if is_part else raw, is_suggestion=True)


def _refused(record: Record, error: EntryRefusedError) -> Note:
    return Note(f"refused.{error.problem}", error.item, record.population.kind, limit=error.limit)


def _with_its_day(text: str, record: Record, error: EntryRefusedError) -> EntryRefusedError:
    """
    Why a value is refused that may have its day behind it: that may be the reason.
    """
    try:
        read_row(error.item, after_own_name(error.item, text) or text, today=record.as_of)
    except EntryRefusedError as refused:
        return refused if refused.problem == "future" else error
    return error


async def _on_more(turn: Turn, asking: Question, text: str) -> Reply | None:
    """
    Read what is more than an answer: a value with the day of the examination, or a list; None where it is neither.
    """
    record = asking.record
    sheet = read_list(text, record.population, today=record.as_of)
    if not names_items(sheet):
        sheet = _with_day(asking.item, text, record)
    if not (sheet.found or sheet.unsure or sheet.beside or any(one.item is not asking.item for one in sheet.refused)):
        return None
    match sheet:
        case Sheet([Found(item, Entry(is_unusual=False) as entry) as found], [], [], []) if item is asking.item:
            return await keep(turn, asking, entry.raw, Examined(found.day, found.source))
    return wait(turn, record, pending.of_sheet(sheet, record))


def _with_day(item: Item, text: str, record: Record) -> Sheet:
    """
    The value and its day, as a list of one; an empty list where there is no such thing.
    """
    with suppress(EntryRefusedError):
        if not personal(text) and (row := read_row(item, text, today=record.as_of)).day:
            return Sheet([Found(item, row.entry, text, row.day)])
    return Sheet()


async def keep(turn: Turn, asking: Question, raw: object, examined: Examined = UNSAID) -> Reply:
    """
    Store an answer in file form and show what follows.
    """
    record, key, signed = asking.record, asking.item.key, asking.record.case.sign_off
    if raw is None and key in record.awaited:
        # Nothing new to store: go on to what else is awaited.
        return await go_to(turn, _next_screen(turn, record, key), record)
    if await _lacks_reason(turn, asking, raw):
        return turn.show(ReasonScreen(key), record, Note("note.reason_first"))
    await take_up(turn, record.case)
    after = await _stored(turn, asking, raw, examined)
    kept = Note("note.awaited" if raw is None else "note.kept", asking.item, record.population.kind, raw)
    note = voided(after, signed) or (None if asking.reason else kept)
    is_edit = asking.reason or isinstance(turn.screen, ReasonScreen)
    return await go_to(turn, ChangedScreen() if is_edit else _next_screen(turn, after, key), after, note)


async def _lacks_reason(turn: Turn, asking: Question, raw: object) -> bool:
    """
    Whether an answer changes one for which a reason was not asked: there was none, when the question was shown.
    """
    record, key, person_id = asking.record, asking.item.key, turn.member.person.id
    if not record.replaces(key, raw) or asking.reason is not None:
        return False
    return await answers.asks_why(turn.session, record=record, item=key, person_id=person_id, now=turn.now)


async def _stored(turn: Turn, asking: Question, raw: object, examined: Examined) -> Record:
    """
    The record with an answer. One given again over Back is a correction of a slip.
    """
    record, key = asking.record, asking.item.key
    return await answers.add(
        turn.session,
        record=record,
        item=key,
        raw=raw,
        by=turn.actor,
        now=turn.now,
        reason=asking.reason or ("back" if record.replaces(key, raw) else None),
        examined=examined,
    )


@reads(ChooseReason)
async def on_reason_to_change(turn: Turn, view: ChooseReason, text: str) -> Reply:
    """
    Read why an answer is to be changed.
    """
    return turn.show(ChangeScreen(view.item.key, read_reason(text)), view.record)


def _next_screen(turn: Turn, record: Record, key: str) -> Screen:
    """
    The next question; or, while awaited items are gone through, the next of those.
    """
    if not isinstance(turn.screen, AwaitScreen) or record.assessment.to_ask:
        return AskScreen()
    keys = list(record.population.item)
    later = [one for one in record.assessment.awaited if keys.index(one) > keys.index(key)]
    return AwaitScreen(later[0]) if later else SummaryScreen()
