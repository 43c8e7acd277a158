"""
Events about one's own reminders: done, snoozed, muted.
"""

from datetime import timedelta

from bot import taps
from bot.handlers.routes import on, reads, shows
from bot.screens.reminders import (
    AskSnooze,
    CaseRemindersScreen,
    KindsScreen,
    ReminderScreen,
    RemindersScreen,
    SnoozeScreen,
    of_person,
    today,
)
from bot.screens.screening import AskScreen
from bot.turn import READERS, Note, Reply, StaleError, Turn
from bot.typed.days import read_day
from db.follow_up import reminders
from db.follow_up.due import ReminderKind

_SNOOZES = {"day": timedelta(days=1), "week": timedelta(days=7)}
_LONGEST = timedelta(days=366)


shows("reminders", READERS, RemindersScreen(), rank=190)


@on(taps.Remind, READERS)
async def on_remind(turn: Turn, tap: taps.Remind) -> Reply:
    """
    Close, snooze or mute one reminder.
    """
    found = await of_person(turn, tap.reminder)
    if found is None or not await reminders.hold(turn.session, found[0]):
        raise StaleError
    row, case = found
    match tap.action:
        case "until":
            return turn.show(SnoozeScreen(row.id), await turn.focus())
        case "done":
            reminders.close(row, now=turn.now)
        case "day" | "week":
            reminders.snooze(row, until=await today(turn, case) + _SNOOZES[tap.action])
        case "mute" | "mute_kind":
            await _mute(turn, ReminderKind(row.kind), case.id if tap.action == "mute" else taps.ALL_CASES)
        case _:
            raise StaleError
    return await _after(turn, Note(f"note.reminder.{tap.action}", name=case.code))


async def _mute(turn: Turn, kind: ReminderKind, case_id: int) -> None:
    person_id = turn.member.person.id
    await reminders.mute(turn.session, person_id=person_id, kind=kind, case_id=case_id, now=turn.now)


async def _after(turn: Turn, note: Note) -> Reply:
    """
    Back to the case in focus, whose card has moved here; or to the other reminders.
    """
    case = await turn.focus()
    if case is None and not isinstance(turn.screen, CaseRemindersScreen):
        return turn.show(RemindersScreen(), note=note)
    if isinstance(turn.screen, CaseRemindersScreen):
        return turn.show(turn.screen, case, note)
    if isinstance(turn.screen, ReminderScreen | SnoozeScreen | RemindersScreen):
        return turn.show(AskScreen(), case, note)
    return Reply(note)


@reads(AskSnooze)
async def on_day(turn: Turn, view: AskSnooze, text: str) -> Reply:
    """
    Snooze until the day typed.
    """
    day = read_day(text, today=view.today, ahead=True)
    if day is None or not view.today < day <= view.today + _LONGEST:
        return Reply(Note("note.snooze_expected"))
    if not await reminders.hold(turn.session, view.reminder):
        raise StaleError
    reminders.snooze(view.reminder, until=day)
    return await _after(turn, Note("note.reminder.day", name=view.case.code))


@on(taps.MuteKind, READERS)
async def on_mute(turn: Turn, tap: taps.MuteKind) -> Reply:
    """
    Switch a kind of reminder off or on.
    """
    if tap.kind not in set(ReminderKind):
        raise StaleError
    kind = ReminderKind(tap.kind)
    if tap.off:
        await _mute(turn, kind, taps.ALL_CASES)
    else:
        await reminders.unmute(turn.session, person_id=turn.member.person.id, kind=kind)
    return turn.show(KindsScreen())
