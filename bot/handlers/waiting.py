"""
What somebody had typed or ticked and now leaves without having stored it, or can store no longer: that is said.
"""

from bot.coded import Screen
from bot.events import Command, Event, Typed
from bot.screens.base import CaseScreen
from bot.screens.screening import AskScreen
from bot.taps import Menu, OpenCase
from bot.turn import READERS, Note, Turn, View
from bot.typed import drafts, pending
from bot.typed.codes import code_and_rest
from bot.typed.drafts import Kept
from db.base.tables import Case, Source
from db.cases import cases
from db.cases.records import Record

_LEAVES = (Command, Menu, OpenCase)


async def left_behind(turn: Turn, event: Event, before: Screen | None, draft: Kept | None, view: View) -> Note | None:
    """
    What `draft`, which the card showed before, leaves unstored, where the card now shows another thing; or that what
    the screen `before` held is dropped.
    """
    if turn.member.person.accepted_at is None:
        return None
    if draft is not None and draft in drafts.kept(turn.chat.draft):
        if drafts.on_card(turn.chat.draft, view.asks) == draft or _returns(turn.screen, before):
            return None
        case = await cases.by_id(turn.session, case_id=drafts.case_of(draft), sites=turn.member.sites(READERS))
        return None if case is None else await _waits(turn, case, draft)
    if before is None or not before.holds_unconfirmed or not _leaves(event) or type(turn.screen) is type(before):
        return None
    return Note("note.not_kept")


def overtaken(turn: Turn, before: Screen | None) -> Note | None:
    """
    What was kept for an item that has been answered since, or for a case that has ended: it is dropped, and said unless
    the person's own answer took its place. Of several one at a time is said. The screen `before`, on which that item
    was being answered, is left.
    """
    record = turn.known
    if turn.chat.draft is None or record is None:
        return None
    for draft in drafts.outdated(turn.chat.draft, record):
        turn.chat.draft = drafts.without(turn.chat.draft, draft)
        key = drafts.item_of(draft)
        if drafts.has_ended_since(draft, record):
            if key or pending.opened(draft).number:  # what a list was refused for has been said
                return Note("note.draft_ended", name=record.case.code)
        elif not _is_own(turn, record, key):
            if type(turn.screen) is type(before) and getattr(before, "key", None) == key:
                turn.show(AskScreen(), record)
            return _answered(record, key)
    return None


def _is_own(turn: Turn, record: Record, key: str) -> bool:
    last = next((one for one in reversed(record.answers) if one.item == key), None)
    return (
        key not in record.borrowed
        and last is not None
        and last.person_id == turn.member.person.id
        and last.source != Source.IMPORTED
    )


def _answered(record: Record, key: str) -> Note:
    if key not in record.current and key not in record.borrowed:
        return Note("note.not_kept")
    return Note("note.draft_overtaken", record.population.item[key], record.population.kind, record.raw(key))


def _leaves(event: Event) -> bool:
    if isinstance(event, Command) and event.name == "cancel":
        return False  # it says so itself
    return isinstance(event, _LEAVES) or (isinstance(event, Typed) and bool(code_and_rest(event.text)[0]))


def _returns(screen: Screen | None, before: Screen | None) -> bool:
    """
    Whether one comes back from a screen to the one before: nothing is left behind.
    """
    return isinstance(screen, CaseScreen) and getattr(screen, "asked_on", None) == before


async def _waits(turn: Turn, case: Case, draft: Kept) -> Note | None:
    key = drafts.item_of(draft)
    if not key:
        if number := pending.opened(draft).number:
            return Note("note.list_waits", name=case.code, number=number)
        turn.keep(drafts.without(turn.chat.draft, draft))  # what of it was refused has been said
        return None
    population = (await turn.record(case)).population
    item, value = population.item[key], draft["value"]
    if value is not None:
        return Note("note.value_waits", item, population.kind, value, name=case.code)
    return Note("note.parts_wait", item, population.kind, name=case.code)
