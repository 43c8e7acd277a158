"""
What a chat shows: a function of what is stored, so that any replica can show it at any time.

A chat's `screen` is one of

    home, help, language, new, cases:PAGE          outside any case
    ask                                            the next question of the case in focus, or what stands in its place
    item:KEY, change:KEY:REASON                    one item asked again
    await:KEY                                      an awaited item asked again, then the next one
    why:KEY:SCREEN, reason:KEY                     about one item; SCREEN is where Why? was asked
    summary, details, edit, edit:SECTION, changed  about the case
"""

import re

from bot import drafts
from bot.rules.assessment import Verdict
from bot.rules.items import Item
from bot.turn import Turn
from bot.views import (
    REASONS,
    CaseList,
    Changed,
    ChooseKind,
    ChooseLanguage,
    ChooseReason,
    Help,
    Home,
    Question,
    Section,
    Sections,
    Settled,
    Summary,
    View,
    Why,
)
from db import cases
from db.records import Record
from db.tables import Stage

PAGE = 9


async def present(turn: Turn, record: Record | None = None) -> View:
    """
    The view of the chat's screen now. `record` spares reading the case in focus again.
    """
    if turn.chat.screen == "help":
        return Help(turn.may_screen(), await turn.focus())
    if turn.chat.screen == "language":
        return ChooseLanguage()
    if record is None and (case := await turn.focus()) is not None:
        record = await turn.record(case)
    return await _menu(turn) if record is None else _about(turn, record)


async def _menu(turn: Turn) -> View:
    name, _, rest = turn.chat.screen.partition(":")
    match name:
        case "new" if turn.may_screen():
            return ChooseKind()
        case "cases":
            page = int(rest) if re.fullmatch(r"[0-9]{1,4}", rest) else 0
            found = await cases.in_screening(turn.session, sites=turn.sites, limit=PAGE + 1, offset=page * PAGE)
            return CaseList(found[:PAGE], page, len(found) > PAGE)
        case _:
            count = await cases.count_in_screening(turn.session, sites=turn.sites)
            return Home(count, turn.may_screen())


def _about(turn: Turn, record: Record) -> View:
    name, _, rest = turn.chat.screen.partition(":")
    may_screen = turn.may_screen(record.case.site_id)
    if name in {"summary", "details"} or not may_screen:
        return Summary(record, name == "details", may_screen)
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


def _ask(turn: Turn, record: Record) -> View:
    assessment, case = record.assessment, record.case
    if not assessment.to_ask or case.stage != Stage.SCREENING:
        return Summary(record, in_full=False, may_screen=True)
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
    return value if isinstance(value, frozenset) else frozenset()
