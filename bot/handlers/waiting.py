"""
What somebody had typed or ticked and now leaves without having stored it: that is said.
"""

from bot.events import Command, Event, Typed
from bot.screens.base import CaseScreen
from bot.taps import Menu, OpenCase
from bot.turn import READERS, Note, Screen, Turn, View
from bot.typed import drafts, pending
from bot.typed.codes import code_and_rest
from bot.typed.drafts import Kept
from db.base.tables import Case
from db.cases import cases

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
