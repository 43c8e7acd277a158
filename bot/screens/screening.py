"""
Screens in which a case is screened: its questions, why they are asked, and the answers to change.
"""

from bot.rules.assessment import Verdict
from bot.rules.items import Item, Ticked
from bot.turn import Turn
from bot.typed import drafts
from bot.views import (
    REASONS,
    Changed,
    ChooseReason,
    Question,
    Section,
    Sections,
    Settled,
    View,
    Why,
)
from db.base.tables import Stage
from db.cases.records import Record


def screening(turn: Turn, record: Record, name: str, rest: str) -> View | None:
    """
    What a screen of screening shows; None where a summary stands in its place.
    """
    key, _, reason = rest.partition(":")
    item = record.population.item.get(key)
    if item is not None:
        match name:
            case "item" | "await":
                return _question(turn, record, item)
            case "change" if key in record.current and reason in REASONS:
                return _question(turn, record, item, reason)
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
    return _question(turn, record, record.population.item[assessment.to_ask[0]])


def question(turn: Turn, record: Record, key: str) -> Question:
    """
    The question about an item, as the chat's screen asks it.
    """
    name, _, rest = turn.chat.screen.partition(":")
    reason = rest.partition(":")[2] if name == "change" else None
    return _question(turn, record, record.population.item[key], reason)


def _question(turn: Turn, record: Record, item: Item, reason: str | None = None) -> Question:
    path = record.path
    before = path[: path.index(item.key)] if item.key in path else path
    draft = drafts.read(turn.chat.draft, record, item)
    return Question(
        record,
        item,
        back=before[-1] if before else None,
        reason=reason,
        ticked=draft.ticked if draft.ticked is not None else _ticked(record, item),
        unusual=draft.value,
        is_suggestion=draft.is_suggestion,
    )


def _ticked(record: Record, item: Item) -> frozenset[str]:
    value = record.facts.get(item.key)
    return value.present if isinstance(value, Ticked) else frozenset()
