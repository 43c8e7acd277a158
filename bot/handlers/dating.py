"""
Events that say from which examination a result is: its day, and its source.
"""

from datetime import timedelta

from bot import taps
from bot.handlers.reasons import says_nothing
from bot.handlers.routes import on, reads
from bot.screens import on_card
from bot.screens.dating import Dating, DayScreen
from bot.screens.screening import AskScreen
from bot.screens.stored import Stored, stored_last
from bot.turn import SCREENERS, Note, Reply, StaleError, Turn
from bot.typed.answers import is_yes
from bot.typed.days import read_day
from bot.typed.personal import personal
from db.base.tables import Examination
from db.cases import answers
from db.cases.given import Examined
from db.cases.records import Record

_DAYS = {"today": timedelta(0), "yesterday": timedelta(1)}
_LONGEST = 60


@on(taps.SayExamined, SCREENERS)
async def on_examined(turn: Turn, tap: taps.SayExamined) -> Reply:
    """
    Give what was stored last a day or a source from a button.
    """
    case = await turn.focus_on(tap.case)
    record = await turn.record(case)
    stored = stored_last(turn, record)
    if case.revision != tap.revision or stored is None or not stored.can_be_dated:
        raise StaleError
    if tap.what == "said":
        return await _confirmed(turn, await on_card(turn, Dating, tap.case))
    if tap.what in _DAYS:
        return await _examine(turn, record, stored, Examined(on=record.as_of - _DAYS[tap.what]))
    if tap.what not in set(Examination) - {Examination.OTHER}:
        raise StaleError
    return await _examine(turn, record, stored, Examined(by=tap.what))


@reads(Dating)
async def on_day_or_source(turn: Turn, view: Dating, text: str) -> Reply:
    """
    Give it a day that is typed; or ask whether words are a source that no button is for. A plain yes confirms them.
    """
    record, said = view.record, " ".join(text.split())
    if view.said and is_yes(said):
        return await _confirmed(turn, view)
    if personal(said):
        return Reply(Note("note.source_personal"))
    day = read_day(said, today=record.as_of)
    if day is not None and day <= record.as_of:
        return await _examine(turn, record, view.stored, Examined(on=day))
    is_unfit = day is not None or len(said) > _LONGEST or any(map(str.isdigit, said)) or says_nothing(said)
    if is_unfit or not any(map(str.isalpha, said)):
        return Reply(Note("note.day_expected"))
    return turn.show(DayScreen(said), record)


async def _confirmed(turn: Turn, view: Dating) -> Reply:
    if not view.said:
        raise StaleError
    return await _examine(turn, view.record, view.stored, Examined(by=Examination.OTHER, words=view.said))


async def _examine(turn: Turn, record: Record, stored: Stored, said: Examined) -> Reply:
    """
    Say it of each result of which the list itself did not.
    """
    after = record
    for item in stored.items:
        given = record.current[item]
        own = next(one.examined for one in record.answers if one.revision == given.revision)
        examined = _with(given.examined, own, said)
        if given.text is None or examined == given.examined:
            continue
        after = await answers.examine(
            turn.session, record=after, item=item, examined=examined, by=turn.actor, now=turn.now
        )
    return turn.show((turn.screen or AskScreen()).afresh(), after, Note("note.dated"))


def _with(now: Examined, own: Examined, said: Examined) -> Examined:
    if said.on is not None:
        return now if own.on else now._replace(on=said.on)
    return now if own.by else now._replace(by=said.by, words=said.words)
