"""
What the answers stored last have led to: said on the card that follows them.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.rules.frozen import Frozen
from bot.rules.versions import PROTOCOLS
from bot.turn import Turn, View
from db.base.tables import ENDED, Source
from db.cases import records
from db.cases.answers import AT_ONCE
from db.cases.given import GivenAnswer
from db.cases.partners import linked_cases
from db.cases.queries import still_open
from db.cases.records import Record


class Upshot(Frozen):
    """
    Queries that are open since, or raised no longer, each with the code of its case; and the items whose answers a gate
    has set aside, or let count again.
    """

    opened: tuple[tuple[str, str], ...] = ()
    closed: tuple[tuple[str, str], ...] = ()
    set_aside: tuple[str, ...] = ()
    counting: tuple[str, ...] = ()


class AfterAnswer:
    """
    What every view is that follows an answer. None of its fields comes from here, as a view has those of one class.
    """

    __slots__ = ()
    upshot: Upshot | None


async def with_upshot(turn: Turn, record: Record, view: View | None) -> View | None:
    """
    The view with what this person's last answer has led to, for ten minutes.
    """
    if not isinstance(view, AfterAnswer):
        return view
    last = _stored_together(record.answers)
    if not last or last[0].person_id != turn.member.person.id or turn.now - last[0].at > AT_ONCE:
        return view
    return replace(view, upshot=await _upshot(turn, record, last))


def _stored_together(answers: Sequence[GivenAnswer]) -> list[GivenAnswer]:
    """
    The last answer, or all of the last list, or of what was taken back of one. What a day is said of is given already.
    """
    found: list[GivenAnswer] = []
    for one in reversed(answers):
        if one.source == Source.DATED:
            continue
        is_of_them = not found or (one.batch is not None and _group(one) == _group(found[0]))
        if not is_of_them:
            break
        found.insert(0, one)
    return found


def _group(given: GivenAnswer) -> tuple[int | None, bool]:
    return given.batch, given.repeats is None


async def _upshot(turn: Turn, record: Record, last: Sequence[GivenAnswer]) -> Upshot:
    """
    What is so with these answers and was not without them.
    """
    opened: list[tuple[str, str]] = []
    closed: list[tuple[str, str]] = []
    pairs = await _without_and_with(turn, record, last)
    for before, after in pairs:
        was = await still_open(turn.session, record=before)
        now = await still_open(turn.session, record=after)
        opened += [(after.case.code, query) for query in now if query not in was]
        closed += [(after.case.code, query) for query in was if query not in after.assessment.queries]
    was, now = (one.assessment.set_aside for one in (record.before(last[0].revision), record)) if pairs else ((), ())
    return Upshot(
        tuple(opened),
        tuple(closed),
        tuple(key for key in now if key not in was),
        tuple(key for key in was if key not in now and key in record.facts),
    )


async def _without_and_with(turn: Turn, record: Record, last: Sequence[GivenAnswer]) -> list[tuple[Record, Record]]:
    """
    The case without these answers and with them, where a query or a gate looks at one; and likewise each linked case to
    whose queries one is lent.
    """
    keys, first = {one.item for one in last}, last[0].revision
    found = [] if keys.isdisjoint(record.population.hinges) else [(record.before(first), record)]
    for partner in await linked_cases(turn.session, case=record.case):
        population = PROTOCOLS[partner.protocol].population(partner.kind)
        lent = {one.source.key for one in population.linked if one.item.key in population.hinges}
        if partner.stage not in ENDED and not keys.isdisjoint(lent):
            until = {record.case.id: first}
            before = await records.load(turn.session, case=partner, now=turn.now, until=until)
            found.append((before, await turn.record(partner)))
    return found
