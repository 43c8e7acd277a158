"""
Screens in which a case is screened: the next question, or what stands in its place.
"""

from dataclasses import dataclass

from bot.rules.assessment import Verdict
from bot.screens.editing import REASONS, Changed, ChooseReason, Section, Sections
from bot.screens.questions import Why, of_item
from bot.turn import Turn, View
from db.base.tables import Stage
from db.cases.records import Record


@dataclass(frozen=True)
class Settled(View):
    """
    The verdict is settled as not eligible, though questions are left.
    """

    record: Record


def screening(turn: Turn, record: Record, name: str, rest: str) -> View | None:
    """
    What a screen of screening shows; None where a summary stands in its place.
    """
    key, _, reason = rest.partition(":")
    item = record.population.item.get(key)
    if item is not None:
        match name:
            case "item" | "await":
                return of_item(turn, record, item)
            case "change" if key in record.current and reason in REASONS:
                return of_item(turn, record, item, reason)
            case "reason" if key in record.current:
                return ChooseReason(record, item)
            case "why":
                return Why(record, item)
    match name:
        case "edit" if record.current:
            in_section = any(known.section == rest and known.key in record.current for known in record.population.items)
            return Section(record, rest) if in_section else Sections(record)
        case "changed" if record.answers:
            last = record.answers[-1]
            return Changed(record.before(last.revision), record, record.population.item[last.item])
        case _:
            return _ask(turn, record)


def _ask(turn: Turn, record: Record) -> View | None:
    assessment, case = record.assessment, record.case
    if not assessment.to_ask or case.stage != Stage.SCREENING:
        return None
    if assessment.verdict is Verdict.NOT_ELIGIBLE and not case.in_full:
        return Settled(record)
    return of_item(turn, record, record.population.item[assessment.to_ask[0]])
