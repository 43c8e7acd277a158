"""
All cases at a glance: the dashboard, and the cases that somebody looks for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot import taps
from bot.render.card import VERDICT_SIGNS, Button, Card, button, fit
from bot.render.cases import case_line
from bot.render.renderers import renders
from bot.rules.assessment import Verdict
from bot.rules.protocol import Kind
from bot.rules.versions import PROTOCOLS
from bot.screens.overview import Board, Found, Group
from bot.texts import Words
from bot.typed import search
from db.base.tables import Case, Stage
from db.cases.overview import (
    NEAR,
    OLDEST,
    SINGLE,
    STAGES,
    Filter,
)

_OF_INTEREST = (Stage.SCREENING, Stage.FINISHED, Stage.SIGNED, Stage.SCREEN_FAILURE, Stage.INCLUDED)


@renders(Board)
def board(view: Board, words: Words) -> Card:
    """
    Counts, the groups worth a look, and the accrual.
    """
    lines: list[str] = [words("board.title"), "", *_counted(view, words)]
    rows: list[tuple[Button, ...]] = []
    for group in view.groups:
        if not group.cases:
            continue
        lines += ["", words(f"group.{group.name}"), *(_in_group(group, case, words) for case, _ in group.cases)]
        sign = words(f"group.{group.name}.sign")
        row = [button(f"{sign} {case.code}", taps.Read(case.id)) for case, _ in group.cases]
        if group.has_more:
            row.append(
                button(words("button.all_of", group=words(f"group.{group.name}.sign")), _find(Filter(group=group.name)))
            )
        rows.append(tuple(row))
    lines += ["", *_accrual(view, words)]
    pictures = tuple(
        button(words(f"document.{kind}"), taps.Document(kind, taps.ALL_CASES)) for kind in ("flow", "accrual", "ahead")
    )
    menu = (
        button(words("button.cases"), taps.Menu("cases:0")),
        button(words("button.find"), taps.Menu("find")),
        button(words("button.documents"), taps.Menu("documents")),
        button(words("button.home"), taps.Menu("home")),
    )
    return Card(fit(lines), (*rows, pictures, menu))


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
        item = PROTOCOLS[case.protocol].population(case.kind).item[case.missing.strip()]
        detail: str = words.label(item, case.kind)
        if case.awaited:
            detail = words("board.awaited", item=detail)
    elif group.name == SINGLE:
        detail = words("board.criterion", id=case.failing, name=words(f"criterion.{case.failing}.short"))
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


def _find(wanted: Filter, page: int = 0) -> taps.Menu:
    return taps.Menu(f"find:{search.encode(wanted, page)}")


@renders(Found)
def found(view: Found, words: Words) -> Card:
    """
    The cases that are looked for, and buttons that narrow or widen what they are.
    """
    lines: list[str] = [words("find.title"), described(view.wanted, words), ""]
    lines += [_line(case, words) for case in view.cases] or [words("find.none")]
    lines += ["", words("find.how")]
    rows = [
        tuple(button(case.code, taps.Read(case.id)) for case in view.cases[at : at + 3])
        for at in range(0, len(view.cases), 3)
    ]
    turn = [
        button(words(key), _find(view.wanted, page))
        for key, page, is_there in (
            ("button.previous", view.page - 1, view.page > 0),
            ("button.next", view.page + 1, view.has_more),
        )
        if is_there
    ]
    narrowing = tuple(row for row in _narrowing(view, words) if row)
    bottom = (button(words("button.board"), taps.Menu("board")), button(words("button.home"), taps.Menu("home")))
    return Card(fit(lines), (*rows, *((tuple(turn),) if turn else ()), *narrowing, bottom))


def _line(case: Case, words: Words) -> str:
    line = case_line(case, words)
    return line if case.stage == Stage.SCREENING else words("find.line", line=line, stage=words(f"stage.{case.stage}"))


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
        yield replace(wanted, verdict=None), f"{sign} {words(f'verdict.{wanted.verdict}.short').unescape()}"
    if wanted.stage:
        yield replace(wanted, stage=None), words(f"stage.{wanted.stage}").unescape()
    if wanted.kind:
        yield replace(wanted, kind=None), words(f"kind.{wanted.kind}").unescape()
    if wanted.site is not None:
        yield replace(wanted, site=None), words("find.site", number=f"{wanted.site:02d}").unescape()
    if wanted.group:
        yield replace(wanted, group=None), words(f"group.{wanted.group}.short").unescape()
    if wanted.missing:
        yield replace(wanted, missing=None), words("find.missing", item=_label(wanted.missing, words)).unescape()
    if wanted.code:
        yield replace(wanted, code=None), wanted.code


def _label(key: str, words: Words) -> str:
    for protocol in PROTOCOLS.values():
        for population in (protocol.recipient, protocol.donor):
            if key in population.item:
                return words.label(population.item[key], population.kind)
    return key


def _narrowing(view: Found, words: Words) -> Sequence[tuple[Button, ...]]:
    """
    A button that takes away each part of the filter, then those that would add one.
    """
    wanted = view.wanted
    less = [button(words("button.without", what=text), _find(wider)) for wider, text in _chosen(wanted, words)]
    verdicts = (
        ()
        if wanted.verdict
        else tuple(button(VERDICT_SIGNS[verdict], _find(replace(wanted, verdict=verdict))) for verdict in Verdict)
    )
    kinds = (
        () if wanted.kind else tuple(button(words(f"kind.{kind}"), _find(replace(wanted, kind=kind))) for kind in Kind)
    )
    stages = (
        ()
        if wanted.stage or wanted.group
        else tuple(button(words(f"stage.{stage}"), _find(replace(wanted, stage=stage))) for stage in _OF_INTEREST)
    )
    groups = (
        ()
        if wanted.group or wanted.stage
        else tuple(
            button(words(f"group.{group}.short"), _find(replace(wanted, group=group)))
            for group in (NEAR, SINGLE, OLDEST)
        )
    )
    sites = (
        ()
        if wanted.site is not None or len(view.sites) == 1
        else tuple(button(f"{number:02d}", _find(replace(wanted, site=number))) for number in view.sites[:8])
    )
    return [
        *(tuple(less[at : at + 2]) for at in range(0, len(less), 2)),
        (*verdicts, *kinds),
        stages[:3],
        stages[3:],
        groups,
        sites,
    ]
