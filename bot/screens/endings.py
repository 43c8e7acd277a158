"""
Screens in which the end of a case is recorded: what happened on which day, what follows from it, and why.
"""

from datetime import date
from typing import Self

from msgspec.structs import replace

from bot.rules.frozen import Frozen
from bot.rules.schedule import Recorded
from bot.screens.base import CaseScreen
from bot.turn import STAFF, Turn, View, asked
from bot.typed import drafts
from db.base.tables import ENDED, Case, DecisionKind, Stage
from db.cases import sign_offs
from db.cases.decisions import DEATH
from db.cases.partners import linked_cases
from db.cases.records import Record
from db.follow_up import planned

ENDINGS: dict[str, tuple[str, ...]] = {
    "consent_refused": ("not_wanted", "burden", "risks", "not_given"),
    "withdrawn": ("patient", "physician", "adverse_event"),
    DEATH: (DEATH,),
    "lost": ("unreachable", "moved"),
}
"""How a case may end, and the reasons offered. Another one can be typed; a death is its own, and takes words."""

_MAY_BE_SEEN_AFTER = frozenset({"withdrawn"})
"""Ends after which somebody may still have come to a visit. Nobody was infused after any; an inclusion has the day on
which it was entered."""

BEFORE_INCLUSION = frozenset({Stage.SCREENING, Stage.FINISHED, Stage.SIGNED, Stage.SCREEN_FAILURE})


class DatedScreen(CaseScreen):
    """
    A screen about something that happened on a day, which is asked for first.
    """

    is_under_way = True

    def on(self, day: date) -> Self:
        """
        The same with this day.
        """
        return replace(self, day=day)


class Fact(Frozen):
    """
    What is known to have happened on a day: "included", "infused", or "visited" in this month of the follow-up.
    """

    what: str
    day: date
    month: int | None = None


class AskDay(View):
    """
    On which day was it? `what` names the event, `screen` goes on once the day is known. A day that was given cannot be
    it, for this came after it: `ruled_out_by`.
    """

    record: Record
    what: str
    screen: DatedScreen
    ruled_out_by: Fact | None = None

    @property
    def asks(self) -> str:
        return asked(self.record.case, f"day:{self.screen.text}")


class Follows(Frozen):
    """
    What follows from the end of a case: so many visits do not take place, these partners count on it no more, the
    sign-off of this pair is void. An inclusion stays. What happened after the day given, though it may have, is
    `later`: the day is likely mistyped.
    """

    visits: int = 0
    partners: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()
    is_included: bool = False
    later: Fact | None = None


class Ending(View):
    """
    The end of a case, to be confirmed with its reason: how it ends, on which day, and what follows; of a death with the
    `words` that were typed about it.
    """

    record: Record
    kind: str
    day: date
    follows: Follows
    words: str = ""

    @property
    def asks(self) -> str:
        return asked(self.record.case, f"ending:{self.kind}:{self.day}:{drafts.digest(self.words)}")


def ways_to_end(turn: Turn, case: Case) -> tuple[str, ...]:
    """
    How a case may end at its stage, as far as this person may record it.
    """
    if case.stage in {*ENDED, Stage.DISCARDED} or not turn.may(STAFF, case.site_id):
        return ()
    return tuple(kind for kind in ENDINGS if kind != DecisionKind.CONSENT_REFUSED or case.stage in BEFORE_INCLUSION)


async def _void_with(turn: Turn, record: Record) -> tuple[str, ...]:
    """
    The codes of the pair whose sign-off rests on what this case lends to the other one.
    """
    pair = await sign_offs.pair_of(turn.session, case=record.case)
    lent = [one.code for case in pair for one in (await turn.record(case)).borrowed.values()]
    return tuple(case.code for case in pair) if record.case.code in lent else ()


async def _facts_after(turn: Turn, record: Record, day: date) -> list[Fact]:
    """
    What is known to have happened after a day, the last first. An infusion that came before the inclusion says that the
    inclusion was recorded late.
    """
    session, case = turn.session, record.case
    facts = [Fact("included", record.local_day(case.included_at))] if case.included_at else []
    if infusion := await planned.infusion(session, case=case):
        facts = [Fact("infused", infusion.day), *(fact for fact in facts if fact.day <= infusion.day)]
    visits = (await planned.rows(session, case=case)).values()
    facts += [Fact("visited", visit.day, visit.month) for visit in visits if visit.kind == Recorded.DONE]
    return sorted((fact for fact in facts if fact.day > day), key=lambda fact: fact.day, reverse=True)


async def _follows(turn: Turn, record: Record, later: Fact | None) -> Follows:
    session, case = turn.session, record.case
    visits = (await planned.rows(session, case=case)).values()
    return Follows(
        sum(visit.is_pending for visit in visits),
        tuple(partner.code for partner in await linked_cases(session, case=case)),
        await _void_with(turn, record),
        is_included=case.included_at is not None,
        later=later,
    )


class EndingScreen(DatedScreen):
    """
    Asks for the day, then whether all is right, and why.
    """

    code = "ending"
    unconfirmed = ("day", "words")
    otherwise = "decide"
    kind: str
    day: date | None = None
    words: str = ""

    async def find(self, turn: Turn, record: Record) -> View | None:
        if self.kind not in ways_to_end(turn, record.case):
            return None
        if self.day is None or self.day > record.as_of:
            return AskDay(record, self.kind, self)
        later = await _facts_after(turn, record, self.day)
        may_be = {"included", "visited"} if self.kind in _MAY_BE_SEEN_AFTER else {"included"}
        if ruling_out := [fact for fact in later if fact.what not in may_be]:
            return AskDay(record, self.kind, self, ruling_out[0])
        follows = await _follows(turn, record, later[0] if later else None)
        return Ending(record, self.kind, self.day, follows, self.words)
