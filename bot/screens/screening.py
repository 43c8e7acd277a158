"""
Screens in which a case is screened: the next question, or what stands in its place.
"""

from bot.coded import Screen
from bot.rules.assessment import Verdict
from bot.rules.items import Item
from bot.screens.at_stake import with_stake
from bot.screens.base import CaseScreen
from bot.screens.questions import REASONS, ChooseReason, Question, Why, of_item
from bot.screens.stored import Stored, TakesLists, stored_last
from bot.screens.upshot import AfterAnswer, Upshot, with_upshot
from bot.turn import Turn, View
from db.base.tables import Stage
from db.cases import answers
from db.cases.records import Record


class Settled(TakesLists, AfterAnswer):
    """
    The verdict is settled as not eligible, though questions are left.
    """

    stored: Stored | None = None
    upshot: Upshot | None = None


class ScreeningScreen(CaseScreen):
    """
    A screen for whoever screens the case, about one of its items where it has a `key`.
    """

    otherwise = "ask"
    is_under_way = True

    async def find(self, turn: Turn, record: Record) -> View | None:
        if not turn.may_screen(record.case.site_id):
            return None
        view = await with_upshot(turn, record, self.step(turn, record))
        return await with_stake(turn.session, view)

    def step(self, turn: Turn, record: Record) -> View | None:
        """
        What it shows; None where it does not apply.
        """
        item = record.population.item.get(getattr(self, "key", ""))
        return None if item is None else self.about(turn, record, item)

    def about(self, turn: Turn, record: Record, item: Item) -> View | None:
        """
        What it shows of an item; None where it does not apply.
        """
        return of_item(turn, record, item)


class Continue(Screen):
    """
    The next question, whatever stage the case is at; once none is left, the first awaited item.
    """

    code = "continue"


class Again(Screen):
    """
    The screen that stands, without the value typed on it.
    """

    code = "again"


class Return(Screen):
    """
    The screen on which Why? was asked.
    """

    code = "return"


class AskScreen(ScreeningScreen):
    """
    The next question, or what stands in its place.
    """

    code = "ask"
    otherwise = "summary"
    is_under_way = False

    def step(self, turn: Turn, record: Record) -> View | None:
        assessment, case = record.assessment, record.case
        if not assessment.to_ask or case.stage not in {Stage.SCREENING, Stage.INCLUDED}:
            return None
        if assessment.verdict is Verdict.NOT_ELIGIBLE and not case.in_full:
            # The screening of whoever is included is over.
            return Settled(record, stored_last(turn, record)) if case.stage == Stage.SCREENING else None
        return of_item(turn, record, record.population.item[assessment.to_ask[0]])


class ItemScreen(ScreeningScreen):
    """
    One item asked again. What was not answered just now is changed for a reason.
    """

    code = "item"
    key: str

    async def find(self, turn: Turn, record: Record) -> View | None:
        view, by = await super().find(turn, record), turn.member.person.id
        if not isinstance(view, Question):
            return view
        needs_reason = await answers.asks_why(turn.session, record=record, item=self.key, person_id=by, now=turn.now)
        why = ChooseReason(record, view.item, view.back, is_back=True, ends=view.ends)
        return why if needs_reason else view


class AwaitScreen(ScreeningScreen):
    """
    An awaited item asked again, and then the next one.
    """

    code = "await"
    key: str


class ChangeScreen(ScreeningScreen):
    """
    One item asked again, to change its answer for a reason.
    """

    code = "change"
    key: str
    reason: str

    @property
    def is_typed(self) -> bool:
        return self.reason not in REASONS

    def about(self, turn: Turn, record: Record, item: Item) -> View | None:
        if self.key not in record.current:
            return None
        return of_item(turn, record, item, self.reason)


class WhyScreen(ScreeningScreen):
    """
    Why an item is asked for; and the screen on which that was asked, to return to.
    """

    code = "why"
    key: str
    asked_on: Screen = AskScreen()

    def about(self, turn: Turn, record: Record, item: Item) -> View | None:
        return Why(record, item)
