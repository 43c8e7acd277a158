"""
A question, and why it is asked.
"""

import re

from markupsafe import Markup

from bot import taps
from bot.render import stored, upshot
from bot.render.buttons import to
from bot.render.card import Button, Card, Rows, button, fit, progress
from bot.render.examinations import said_of, with_day
from bot.render.phrases import short
from bot.render.protocol import formula
from bot.render.reasons import ask_why
from bot.render.renderers import renders
from bot.render.scores import in_full
from bot.render.signatures import at_stake
from bot.rules.criteria import Role
from bot.rules.expressions import All, about
from bot.rules.items import AWAITED, BloodPressure, Bool, Choice, Date, Item, Number, Quantity, Several
from bot.screens.editing import EditScreen
from bot.screens.questions import REASONS, ChooseReason, Question, Why
from bot.screens.scores import WorkScreen
from bot.screens.screening import Again, AskScreen, ChangeScreen, ItemScreen, Return, WhyScreen
from bot.texts import Words
from bot.typed import drafts
from bot.typed.examples import example
from bot.typed.scores import is_worked_out
from db.cases.records import Record


@renders(Question)
def question(view: Question, words: Words) -> Card:
    record, item = view.record, view.item
    before = [*stored.lines(view.stored, record, words), *upshot.lines(view.upshot, record, words)]
    lines = [*before, _heading(record, item, words), *at_stake(view, words)]
    if view.unusual is not None:
        key = "question.suggestion" if view.is_suggestion else "question.unusual"
        shown = in_digits(words.echoed(item, view.unusual), words)
        lines += ["", words(key, item=words.label(item, record.population.kind), value=shown)]
        return Card(fit(lines), _confirm_rows(view, words))
    lines += ["", words("question.asked", question=words.question(item, record.population.kind))]
    if hint := words.hint(item, record.population.kind):
        lines.append(words("question.hint", hint=hint))
    if not isinstance(item, Bool | Choice | Several):
        lines.append(expects(item, words))
    if isinstance(item, Several):
        lines += _options(view, item, words)
    if item.key in record.current:
        shown = in_full(item, record.raw(item.key), words)
        lines += ["", words("question.now", value=with_day(shown, said_of(record, item), words))]
    rows = _answer_rows(view, words)
    if is_worked_out(item):
        rows = (*rows, (to(words, WorkScreen(item.key), record.case),))
    return Card(fit(lines), (*rows, *_footer(view, words), *stored.rows(view.stored, record, words)))


def _heading(record: Record, item: Item, words: Words) -> str:
    asks = record.assessment.asks.get(item.key, ())
    lines = [
        words(
            "question.heading",
            code=record.case.code,
            section=words(f"section.{item.section}"),
            criteria=" ".join(_cited(asks or record.population.uses[item.key])),
        ),
        words(
            "question.progress",
            bar=progress(record.case, record.assessment),
            answered=len(record.facts),
            left=words.count("progress.left", len(record.assessment.to_ask)),
        ),
    ]
    if record.assessment.verdict == "not_eligible":
        lines.append(words("question.not_eligible"))
    return "\n".join(lines)


def in_digits(shown: str, words: Words) -> str:
    """
    A value to be confirmed, again without what separates thousands: a comma there could be read as a decimal sign.
    """
    digits = _SEPARATED.sub("", shown)
    return shown if digits == shown else words("question.in_digits", value=shown, digits=digits)


_SEPARATED = re.compile(r"(?<=\d),(?=\d{3}(?:\D|$))")


def _cited(ids: tuple[str, ...]) -> tuple[str, ...]:
    """
    These criteria and parts as the protocol numbers them: a part that it gives no letter goes by its criterion.
    """
    return tuple(dict.fromkeys("-".join(one.split("-")[:2]) for one in most_exact(ids)))


def most_exact(ids: tuple[str, ...]) -> tuple[str, ...]:
    """
    These criteria and parts, without a criterion that has a part among them.
    """
    return tuple(
        one
        for one in ids
        if not any(other.startswith(one) and not other[len(one)].isdigit() for other in ids if other != one)
    )


def expects(item: Item, words: Words) -> str:
    """
    What to type or press, in one line.
    """
    match item:
        case Bool() | Choice():
            return words("expects.press")
        case Several():
            return words("expects.several")
        case Date():
            return words("expects.date")
        case BloodPressure():
            return words("expects.pressure")
        case Number():
            key = "expects.whole" if item.whole else "expects.number"
            others = Markup().join(words("expects.or_unit", unit=words.unit(unit)) for unit in item.units)
            low, high = words.number(item.hard[0]), words.number(item.hard[1])
            return words(key, low=low, high=high, unit=words.unit(item.unit), others=others)
    raise TypeError(f"no words for a {type(item).__name__}")


def to_type(item: Item, words: Words) -> str:
    """
    What to type for an item where there are no buttons, in one line.
    """
    match item:
        case Bool():
            return words.first(f"typing.{item.key}", "typing.yes_or_no")
        case Choice(options=options):
            return words("typing.choice", options=", ".join(options))
        case Several(options=options):
            return words("typing.several", options=", ".join(options))
        case _:
            return expects(item, words)


def what_to_type(
    key: str, item: Item, words: Words, limit: Quantity | None = None, /, *, by_text: bool = False, **shown: str
) -> str:
    """
    What a key says of an answer to an item: what serves instead, where `by_text` without buttons, and the limit that
    lies within what was typed.
    """
    return words(
        key,
        expected=to_type(item, words) if by_text else expects(item, words),
        example=example(item, words, key.rpartition(".")[2]),
        limit=words.measure(*limit) if limit else "",
        **shown,
    )


def _answer_rows(view: Question, words: Words) -> Rows:
    item, at = view.item, (view.record.case.id, view.record.case.revision, view.item.key)
    match item:
        case Bool():
            return (
                tuple(button(_bool_choice(item, choice, words), taps.Pick(*at, choice)) for choice in ("yes", "no")),
            )
        case Choice(options=options):
            chosen = [button(words(f"option.{item.key}.{option}"), taps.Pick(*at, option)) for option in options]
            return (tuple(chosen),) if len(chosen) == 2 else tuple((one,) for one in chosen)  # noqa: PLR2004  a pair
        case Several():
            return _tick_rows(view, item, words)
    return ()


def _bool_choice(item: Item, choice: str, words: Words) -> Markup:
    """
    What yes, no or not available yet is called for an item.
    """
    common = "button.awaited" if choice == "awaited" else f"value.{choice}"
    return words.first(f"value.{item.key}.{choice}", common)


def _tick_rows(view: Question, item: Several, words: Words) -> Rows:
    """
    Two buttons an option: it is there, or its result is awaited; each takes itself back.
    """
    at = (view.record.case.id, view.record.case.revision, item.key)
    rows: list[tuple[Button, ...]] = []
    for option in item.options:
        ticked, expected = option in view.ticked, AWAITED + option in view.ticked
        tick = taps.Toggle(*at, option, taps.OFF if ticked else taps.TICKED)
        expect = taps.Toggle(*at, option, taps.OFF if expected else taps.EXPECTED)
        rows.append(
            (
                button(_marked(item, option, view.ticked, words), tick),
                button(words("button.expected" if expected else "button.expect"), expect),
            )
        )
    if view.ticked:
        rows.append((button(words.count("button.done", len(view.ticked)), taps.Done(*at)),))
    else:
        rows.append((button(words("button.none"), taps.Pick(*at, taps.NONE)),))
    return tuple(rows)


def _marked(item: Several, option: str, ticked: frozenset[str], words: Words) -> Markup:
    sign = "button.ticked" if option in ticked else "button.unticked"
    return words(sign, option=words(f"option.{item.key}.{option}"))


_HALF_A_ROW = 18
"""More letters than this are cut off on a button that shares its row."""


def _options(view: Question, item: Several, words: Words) -> list[str]:
    """
    The options in full, where buttons would cut one off.
    """
    names = {option: words(f"option.{item.key}.{option}") for option in item.options}
    if max(len(name.unescape()) for name in names.values()) <= _HALF_A_ROW:
        return []
    return ["", *(_marked(item, option, view.ticked, words) for option in names)]


def _footer(view: Question, words: Words) -> Rows:
    case = view.record.case
    at = (case.id, case.revision, view.item.key)
    awaited = button(_bool_choice(view.item, "awaited", words), taps.Pick(*at, taps.AWAITED))
    why = to(words, WhyScreen(view.item.key), case)
    if view.reason is not None:
        return (awaited, why), (to(words, EditScreen(), case, "button.cancel"),)
    pause = button(words("button.pause"), taps.Pause(case.id))
    back = (to(words, ItemScreen(view.back), case, "button.back"),) if view.back else ()
    forward = (to(words, AskScreen(), case, "button.forward"),) if view.item.key in view.record.current else ()
    return (awaited, why), (*back, pause, *forward)


def _confirm_rows(view: Question, words: Words) -> Rows:
    case = view.record.case
    confirm = taps.Confirm(case.id, case.revision, view.item.key, drafts.digest(view.unusual))
    return ((button(words("button.confirm"), confirm), to(words, Again(), case, "button.retype")),)


@renders(Why)
def why(view: Why, words: Words) -> Card:
    record, item, kind = view.record, view.item, view.record.population.kind
    lines: list[str] = [words("why.title", item=words.label(item, kind))]
    for criterion in record.population.criteria:
        for part in criterion.family:
            if part.id not in most_exact(record.population.uses[item.key]):
                continue
            lines += ["", words("why.criterion", id=part.id, name=short(part.id, words))]
            key = "why.includes" if criterion.role is Role.INCLUSION else "why.excludes"
            # Whatever has to hold at once is told together: none of it decides alone. An inclusion criterion's parts
            # are each demanded, and so each told by itself.
            whole = part.expression
            parts = whole.parts if criterion.role is Role.INCLUSION and isinstance(whole, All) else (whole,)
            limits = [formula(found, words, kind) for one in parts for found in about(one, item)]
            lines.append(words(key, limits=words.joined(dict.fromkeys(limits))))
            lines.append(words(f"criterion.{part.id}"))
            if reading := words.reading(part):
                lines.append(words("why.reading", reading=reading))
    return Card(fit(lines), ((to(words, Return(), record.case),),))


@renders(ChooseReason)
def choose_reason(view: ChooseReason, words: Words) -> Card:
    record, item, case = view.record, view.item, view.record.case
    name, value = words.label(item, record.population.kind), words.value(item, record.raw(item.key))
    rows = [(to(words, ChangeScreen(item.key, reason), case, f"reason.{reason}"),) for reason in REASONS]
    question = "\n".join((*at_stake(view, words), words("reason.question", item=name, value=value)))
    return ask_why(case, question, words, *rows, _leaving(view, words))


def _leaving(view: ChooseReason, words: Words) -> tuple[Button, ...]:
    """
    Out of the change; or further back, or on with the questions.
    """
    case = view.record.case
    if not view.is_back:
        return (to(words, EditScreen(), case, "button.cancel"),)
    back = (to(words, ItemScreen(view.back), case, "button.back"),) if view.back else ()
    return (*back, to(words, AskScreen(), case, "button.forward"))
