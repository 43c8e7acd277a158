"""
The flow of cases through the study, as CONSORT draws it: how many were assessed, kept out and why, included, infused,
followed.
"""

from collections import Counter
from collections.abc import Iterable

from bot.documents.snapshot import CaseFile, Snapshot
from bot.rules.frozen import Frozen
from bot.rules.protocol import Kind
from bot.rules.schedule import Recorded
from bot.rules.versions import PROTOCOLS
from bot.texts import Words
from db.base.tables import LogLine, Stage
from db.cases.decisions import DEATH, is_death

_KEPT_OUT = frozenset({Stage.SCREEN_FAILURE, Stage.CONSENT_REFUSED, Stage.WITHDRAWN, Stage.LOST})


class Flow(Frozen):
    """
    How many cases of a kind came how far. `excluded` counts those that were never included by what kept them out, a
    criterion or a stage; `ended_before` and `ended` those that ended after inclusion, before an infusion and after, by
    stage. A donor counts as infused where the recipient was; that one is not followed.
    """

    kind: Kind
    assessed: int
    excluded: Counter[str]
    screening: int
    included: int
    waiting: int
    ended_before: Counter[str]
    infused: int
    ended: Counter[str]
    followed: int
    completed: int


def flow(snapshot: Snapshot, kind: Kind) -> Flow:
    """
    Count the cases of a kind, those too of which only a line is left.
    """
    files = snapshot.of_kind(kind)
    lines = [line for line in snapshot.taken_out if line.kind == kind]
    out = [file for file in files if file.case.included_at is None and file.case.stage in _KEPT_OUT]
    included = [file for file in files if file.case.included_at is not None]
    infused: list[CaseFile] = []
    waiting: list[CaseFile] = []
    for file in included:
        (infused if _is_infused(file, snapshot) else waiting).append(file)
    gone = [line for line in lines if line.stage in _KEPT_OUT]
    return Flow(
        kind=kind,
        assessed=len(files) + len(lines),
        excluded=Counter([*map(_kept_out_by, out), *map(_line_kept_out_by, gone)]),
        screening=len(files) - len(out) - len(included) + sum(line.stage in _SCREENING for line in lines),
        included=len(included) + sum(line.stage == Stage.INCLUDED for line in lines),
        waiting=sum(file.case.stage == Stage.INCLUDED for file in waiting),
        ended_before=_ended(waiting),
        infused=len(infused),
        ended=_ended(infused),
        followed=sum(file.case.stage == Stage.INCLUDED for file in infused),
        completed=sum(_is_completed(file) for file in infused),
    )


_SCREENING = frozenset({Stage.SCREENING, Stage.FINISHED, Stage.SIGNED})


def _is_infused(file: CaseFile, snapshot: Snapshot) -> bool:
    """
    Whether a recipient was infused, or a donor's recipient was.
    """
    if file.case.kind == Kind.RECIPIENT:
        return file.infused_on is not None
    files = [snapshot.by_code[code] for code in file.partners if code in snapshot.by_code]
    return any(one.infused_on is not None for one in files)


def _is_completed(file: CaseFile) -> bool:
    last = PROTOCOLS[file.case.protocol].visits[-1].month
    return any(one.visit.month == last and one.visit.kind == Recorded.DONE for one in file.visits)


def _kept_out_by(file: CaseFile) -> str:
    if file.case.stage != Stage.SCREEN_FAILURE:
        return file.case.stage
    signed = file.signed
    return (signed.about if signed else None) or Stage.SCREEN_FAILURE


def _line_kept_out_by(line: LogLine) -> str:
    return line.reason if line.stage == Stage.SCREEN_FAILURE and line.reason else line.stage


def _ended(files: Iterable[CaseFile]) -> Counter[str]:
    """
    Those that ended, by stage; whoever died, by that.
    """
    found: Counter[str] = Counter()
    for file in files:
        if file.case.stage in _KEPT_OUT:
            last = next((one for one in reversed(file.decided) if one.kind == file.case.stage), None)
            has_died = last is not None and is_death(last.kind, last.about, last.reason)
            found[DEATH if has_died else file.case.stage] += 1
    return found


def drawing(found: Flow, words: Words) -> dict[str, object]:
    """
    The boxes of one kind from top to bottom: those on the way, and beside the way those who left it.
    """
    kind = found.kind
    rows: list[dict[str, object]] = [
        _box("picture.flow.assessed", found.assessed, words),
        _beside("picture.flow.excluded", found.excluded, words),
        _beside("picture.flow.screening", Counter(), words, number=found.screening),
        _box("picture.flow.included", found.included, words),
        _beside("picture.flow.ended", found.ended_before, words),
        _beside("picture.flow.waiting", Counter(), words, number=found.waiting),
        _box(f"picture.flow.infused.{kind}", found.infused, words),
    ]
    if kind is Kind.RECIPIENT:
        rows += [
            _beside("picture.flow.ended", found.ended, words),
            _box("picture.flow.followed", found.followed, words),
            _box("picture.flow.completed", found.completed, words),
        ]
    return {"title": words.plain(f"picture.kind.{kind}"), "rows": rows}


def _box(key: str, number: int, words: Words) -> dict[str, object]:
    return {"title": words.plain("picture.flow.box", what=words.plain(key), number=number)}


def _beside(key: str, counted: Counter[str], words: Words, number: int | None = None) -> dict[str, object]:
    total = counted.total() if number is None else number
    lines = [
        words.plain("picture.flow.reason", number=counted[one], what=_named(one, words)) for one in _sorted(counted)
    ]
    return {**_box(key, total, words), "lines": lines}


def _sorted(counted: Counter[str]) -> list[str]:
    """
    The most frequent first.
    """
    return sorted(counted, key=lambda name: (-counted[name], name))


def _named(name: str, words: Words) -> str:
    """
    A criterion with its short name, or an end.
    """
    if name == DEATH:
        return words.plain("history.decision.death")
    short = words.find(f"criterion.{name}.short")
    return words.plain(f"stage.{name}") if short is None else f"{name} {short.unescape()}"


def sentence(found: Flow, words: Words) -> str:
    """
    The same in words.
    """

    def reasons(counted: Counter[str]) -> str:
        names = [f"{_short(name, words)} {counted[name]}" for name in _sorted(counted)]
        return words.plain("picture.flow.reasons", reasons=", ".join(names)) if names else ""

    ended = found.ended_before + (found.ended if found.kind is Kind.RECIPIENT else Counter())
    return words.plain(
        f"picture.flow.told.{found.kind}",
        assessed=found.assessed,
        excluded=found.excluded.total(),
        reasons=reasons(found.excluded),
        screening=found.screening,
        included=found.included,
        infused=found.infused,
        followed=found.followed,
        completed=found.completed,
        ended=ended.total(),
        ends=reasons(ended),
    )


def _short(name: str, words: Words) -> str:
    return name if words.find(f"criterion.{name}.short") else _named(name, words)
