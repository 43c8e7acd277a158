"""
An answer that is worked out, part by part or row by row; and the parts of one that was.
"""

from collections.abc import Iterable, Mapping
from functools import partial

from markupsafe import Markup

from bot import taps
from bot.documents.body import figure
from bot.render.buttons import to
from bot.render.card import Button, Card, File, Rows, button, fit
from bot.render.renderers import renders
from bot.rules.items import Bool, Item
from bot.screens.scores import Adding, Classifying, Working, WorkScreen
from bot.screens.screening import Return
from bot.texts import Words
from bot.typed import drafts

_RIGHT, _LEFT = "right_", "left_"


@renders(Adding)
def adding(view: Adding, words: Words) -> Card:
    """
    The part asked for with a button for each of its scores, all parts given, and the total so far.
    """
    parts = view.item.parts  # type: ignore[attr-defined]  # a number that has some
    lines: list[str] = [
        _heading(view, words),
        words.count("score.total", view.total, given=len(view.given), parts=len(parts)),
        "",
        words("score.asked", part=words(f"site.{view.part}")) if view.part else words("score.complete"),
        words("score.scale"),
        _table(view.given, parts, words),
        words("score.digits", number=len(parts)),
    ]
    rows = [*_scores(view), _steps(view, parts, words), *_ending(view, words)]
    picture = File("body.png", is_picture=True, draw=partial(figure, dict(view.given), words))
    return Card(fit(lines), tuple(row for row in rows if row), picture)


def _heading(view: Working, words: Words) -> Markup:
    return words("score.heading", code=view.record.case.code, item=words.label(view.item, view.record.population.kind))


def _scores(view: Adding) -> Rows:
    if view.part is None:
        return ()
    most = view.item.part_most  # type: ignore[attr-defined]  # a number that has parts
    return (
        tuple(
            _choice(view, view.part, str(score), str(score), is_given=view.given.get(view.part) == score)
            for score in range(most + 1)
        ),
    )


def _choice(view: Working, part: str, value: str, label: str, *, is_given: bool) -> Button:
    case = view.record.case
    tap = taps.GivePart(case.id, case.revision, view.item.key, part, value)
    return button(f"● {label}" if is_given else label, tap)


def _steps(view: Adding, parts: tuple[str, ...], words: Words) -> tuple[Button, ...]:
    """
    The part before, and the one after, each by its place.
    """
    at = parts.index(view.part) + 1 if view.part else len(parts) + 1
    case, key = view.record.case, view.item.key
    steps = [(at - 1, "button.part_before"), (at + 1, "button.part_after")]
    return tuple(
        to(words, WorkScreen(key, number), case, name, part=words(f"site.{parts[number - 1]}"))
        for number, name in steps
        if 0 < number <= len(parts)
    )


def _ending(view: Working, words: Words) -> Rows:
    case = view.record.case
    leave = to(words, Return(), case)
    if view.result is None:
        return ((leave,),)
    shown = words.value(view.item, dict(view.given))
    worked = taps.Worked(case.id, case.revision, view.item.key, drafts.digest(view.given))
    return ((button(words("button.store_worked", value=shown), worked),), (leave,))


def _table(given: Mapping[str, object], parts: Iterable[str], words: Words) -> Markup:
    """
    The parts line by line, those that a body has twice with the right one first.
    """
    names = {part: _short(part, words) for part in parts if not part.startswith(_LEFT)}
    width = max(map(len, names.values())) + 1
    right, left = words.plain("site.right"), words.plain("site.left")
    lines = []
    for part, name in names.items():
        if not part.startswith(_RIGHT):
            lines.append(f"{name:<{width}}{_mark(given, part)}")
            continue
        if len(lines) == sum(not key.startswith(_RIGHT) for key in names):
            lines.append(f"{'':<{width}}{right} {left}")
        other = part.replace(_RIGHT, _LEFT)
        lines.append(f"{name:<{width}}{_mark(given, part):<{len(right) + 1}}{_mark(given, other)}")
    return Markup("<pre>{}</pre>").format("\n".join(lines))


def _short(part: str, words: Words) -> str:
    return words.plain(f"site.{part.removeprefix(_RIGHT)}")


def _mark(given: Mapping[str, object], part: str) -> str:
    return str(given.get(part, "·"))


@renders(Classifying)
def classifying(view: Classifying, words: Words) -> Card:
    """
    Every row with its points, what was given, and what that comes to.
    """
    classification = view.item.classification  # type: ignore[attr-defined]  # one that has rows
    least, most = classification.points(view.given)
    lines: list[str] = [
        _heading(view, words),
        words.count("score.points", least, most=most, needed=classification.needed),
        _result(view, words),
        "",
        *(
            words("score.row", row=words(f"row.{key}"), value=_row_value(key, view.given.get(key), words))
            for key in classification.keys
        ),
    ]
    rows = [_row_of(view, row.key, row.points, words) for row in classification.rows]
    rows += [_row_of(view, bar, {True: None, False: None}, words) for bar in classification.bars]
    return Card(fit(lines), (*rows, *_ending(view, words)))


def _result(view: Classifying, words: Words) -> Markup:
    classification = view.item.classification  # type: ignore[attr-defined]  # one that has rows
    lacking = [words(f"row.{bar}") for bar in classification.bars if bar not in view.given]
    if view.result is None and lacking and classification.points(view.given)[0] >= classification.needed:
        return words("score.bars_lacking", rows=words.joined(lacking))
    if view.result is None:
        return words("score.open")
    return words("score.settled", value=words("value.yes" if view.result else "value.no"))


def _row_value(key: str, value: object, words: Words) -> str:
    if value is None:
        return "·"
    if isinstance(value, bool):
        return words("value.yes" if value else "value.no")
    return words(f"row.{key}.{value}")


def _row_of(view: Working, key: str, points: Mapping[bool | str, int | None], words: Words) -> tuple[Button, ...]:
    """
    A row's values as buttons; what is given is taken back by its own.
    """
    buttons = []
    for value, worth in points.items():
        said = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
        name = words(f"row.{key}.yes") if value is True else _row_value(key, value, words)
        label = words("score.worth", value=name, points=worth) if worth else name
        is_given = key in view.given and view.given[key] == value
        buttons.append(_choice(view, key, taps.AWAITED if is_given else str(said), label, is_given=is_given))
    return tuple(buttons)


def in_full(item: Item, raw: object, words: Words) -> str:
    """
    An answer in file form as people write it, with what it was worked out from.
    """
    value, parts = words.value(item, raw), parts_of(item, raw, words)
    return value if parts is None else words("score.of", value=value, parts=parts)


def parts_of(item: Item, raw: object, words: Words) -> Markup | None:
    """
    What an answer was worked out from, in a line; None where it was not.
    """
    if not isinstance(raw, dict):
        return None
    if isinstance(item, Bool):
        return words.joined(
            words("score.row", row=words(f"row.{key}"), value=_row_value(key, value, words))
            for key, value in raw.items()
            if value is not None
        )
    return words.joined(_part(part, raw, words) for part in raw if not part.startswith(_LEFT))


def _part(part: str, raw: Mapping[str, object], words: Words) -> Markup:
    name = _short(part, words)
    if not part.startswith(_RIGHT):
        return words("score.part", part=name, score=raw[part])
    return words("score.pair", part=name, right=raw[part], left=raw[part.replace(_RIGHT, _LEFT)])
