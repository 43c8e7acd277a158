"""
All cases at a glance: the dashboard, and the cases that somebody looks for.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from bot import taps
from bot.render.buttons import in_rows, menu, of_cases, to, turning
from bot.render.card import VERDICT_SIGNS, Button, Card, button, fit
from bot.render.cases import case_line
from bot.render.phrases import short
from bot.render.renderers import renders
from bot.rules.assessment import Verdict
from bot.rules.protocol import Kind
from bot.rules.versions import PROTOCOLS
from bot.screens.cases import CasesScreen
from bot.screens.documents import DocumentsScreen
from bot.screens.menus import HomeScreen
from bot.screens.overview import Board, BoardScreen, FindScreen, FoundCases, Group
from bot.screens.summary import SummaryScreen
from bot.texts import Words
from db.base.tables import Case, Stage
from db.cases.overview import (
    FAILING,
    NEAR,
    OLDEST,
    SINGLE,
    STAGES,
    Filter,
)

_OF_INTEREST = (Stage.SCREENING, Stage.FINISHED, Stage.SIGNED, Stage.SCREEN_FAILURE, Stage.INCLUDED)


_NAMED = 3


@renders(Board)
def board(view: Board, words: Words) -> Card:
    lines: list[str] = [words("board.title"), "", *_counted(view, words)]
    rows: list[tuple[Button, ...]] = []
    for group in view.groups:
        if not group.cases:
            continue
        lines += ["", words(f"group.{group.name}"), *(_in_group(group, case, words) for case, _ in group.cases)]
        sign = words(f"group.{group.name}.sign")
        row = [button(f"{sign} {case.code}", taps.OpenCase(case.id, SummaryScreen())) for case, _ in group.cases]
        if group.has_more:
            row.append(button(words("button.all_of", group=words(f"group.{group.name}.sign")), _find(group.wanted)))
        rows.append(tuple(row))
    lines += ["", *_accrual(view, words)]
    pictures = tuple(
        button(words(f"document.{kind}"), taps.GetDocument(kind, taps.ALL_CASES))
        for kind in ("flow", "accrual", "ahead")
    )
    last = menu(words, CasesScreen(), FindScreen(), DocumentsScreen(), HomeScreen())
    return Card(fit(lines), (*rows, pictures, last))


def _counted(view: Board, words: Words) -> list[str]:
    """
    A line for each stage that any case is at, with its verdicts.
    """
    lines: list[str] = []
    for stage in STAGES:
        here = [count for count in view.counts if count.stage == stage]
        if not here:
            continue
        verdicts = [
            f"{VERDICT_SIGNS[verdict]} {number}"
            for verdict in Verdict
            if (number := sum(count.number for count in here if count.verdict == verdict))
        ]
        lines.append(
            words(
                "board.stage",
                stage=words(f"stage.{stage}"),
                number=sum(count.number for count in here),
                verdicts="  ".join(verdicts),
            )
        )
    return lines or [words("cases.none")]


def _in_group(group: Group, case: Case, words: Words) -> str:
    if group.name == NEAR:
        detail: str = words.brief(case.missing.strip(), case.kind)
        if case.awaited:
            detail = words("board.awaited", item=detail)
    elif group.wanted.verdict == Verdict.NOT_ELIGIBLE:
        detail = words("board.fails", ids=case.failing.replace(" ", ", "))
    elif group.wanted.verdict == Verdict.INCOMPLETE:
        detail = words.joined(words.brief(key, case.kind) for key in case.missing.split()[:_NAMED])
    elif group.name == FAILING:
        criterion = group.proposed[case.id]
        detail = words("board.criterion", id=criterion, name=short(criterion, words))
    elif group.name == SINGLE:
        detail = words("board.criterion", id=case.failing, name=short(case.failing, words))
    else:
        detail = words("board.touched", day=words.day(next(day for one, day in group.cases if one is case).date()))
    return words("board.case", code=case.code, detail=detail)


def _accrual(view: Board, words: Words) -> list[str]:
    study = view.study
    lines: list[str] = [
        words(
            "board.accrual",
            recipients=view.included[Kind.RECIPIENT],
            recipients_wanted=study.recipients,
            donors=view.included[Kind.DONOR],
            donors_wanted=study.donors,
        )
    ]
    if view.included[Kind.RECIPIENT] > study.recipients or view.included[Kind.DONOR] > study.donors:
        lines.append(words("board.past_target"))
    if not study.is_open(view.today):
        lines.append(words("board.outside", start=words.day(study.starts), end=words.day(study.last_day)))
    return lines


def _find(wanted: Filter) -> taps.Menu:
    return taps.Menu(FindScreen(wanted))


@renders(FoundCases)
def found(view: FoundCases, words: Words) -> Card:
    lines: list[str] = [words("find.title"), described(view.wanted, words), ""]
    lines += [case_line(case, words) for case in view.page.items] or [words("find.none")]
    lines += ["", words("find.how")]
    rows = of_cases(view.page.items, SummaryScreen())
    pages = turning(words, view.page, FindScreen(view.wanted))
    narrowing = tuple(row for row in _narrowing(view, words) if row)
    bottom = (to(words, BoardScreen()), to(words, HomeScreen()))
    return Card(fit(lines), (*rows, *pages, *narrowing, bottom))


def described(wanted: Filter, words: Words) -> str:
    """
    What is looked for, in words.
    """
    parts: list[str] = [text for _, text in _chosen(wanted, words)]
    return words("find.wanted", parts=", ".join(parts)) if parts else words("find.everything")


def _chosen(wanted: Filter, words: Words) -> Iterator[tuple[Filter, str]]:
    """
    Each part of a filter in words, with the filter without it.
    """
    if wanted.verdict:
        sign = VERDICT_SIGNS[Verdict(wanted.verdict)]
        yield replace(wanted, verdict=None), f"{sign} {words.plain(f'verdict.{wanted.verdict}.short')}"
    if wanted.stage:
        yield replace(wanted, stage=None), words.plain(f"stage.{wanted.stage}")
    if wanted.kind:
        yield replace(wanted, kind=None), words.plain(f"kind.{wanted.kind}")
    if wanted.site is not None:
        yield replace(wanted, site=None), words.plain("team.site", number=f"{wanted.site:02d}")
    if wanted.group:
        yield replace(wanted, group=None), words.plain(f"group.{wanted.group}.short")
    if wanted.missing:
        yield replace(wanted, missing=None), words.plain("find.missing", item=_label(wanted.missing, words))
    if wanted.code:
        yield replace(wanted, code=None), wanted.code


def _label(key: str, words: Words) -> str:
    for protocol in PROTOCOLS.values():
        for population in (protocol.recipient, protocol.donor):
            if key in population.item:
                return words.label(population.item[key], population.kind)
    return key


def _narrowing(view: FoundCases, words: Words) -> Sequence[tuple[Button, ...]]:
    """
    A button that takes away each part of the filter, then those that would add one.
    """
    wanted = view.wanted
    less = [button(words("button.without", what=text), _find(wider)) for wider, text in _chosen(wanted, words)]
    is_grouped = wanted.stage is not None or wanted.group is not None
    stages = () if is_grouped else _OF_INTEREST
    groups = () if is_grouped else (NEAR, SINGLE, OLDEST)
    sites = view.sites[:8] if len(view.sites) > 1 else ()
    return [
        *in_rows(less, 2),
        (
            *_adding(wanted, "verdict", VERDICT_SIGNS),
            *_adding(wanted, "kind", {kind: words(f"kind.{kind}") for kind in Kind}),
        ),
        *in_rows(_adding(wanted, "stage", {stage: words(f"stage.{stage}") for stage in stages}), 3),
        _adding(wanted, "group", {group: words(f"group.{group}.short") for group in groups}),
        _adding(wanted, "site", {number: f"{number:02d}" for number in sites}),
    ]


def _adding(wanted: Filter, part: str, labels: Mapping[Any, str]) -> tuple[Button, ...]:
    """
    A button for each value that a part of the filter could have; none where it has one.
    """
    if getattr(wanted, part) is not None:
        return ()
    return tuple(button(label, _find(replace(wanted, **{part: value}))) for value, label in labels.items())
