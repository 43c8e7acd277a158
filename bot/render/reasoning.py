"""
Why a criterion stands as it does: all of them to choose from, and the tree of one with the truth of every node.
"""

import re
from dataclasses import dataclass, field
from string import ascii_uppercase

from markupsafe import Markup

from bot import taps
from bot.render.buttons import in_rows, to
from bot.render.card import STATUS_SIGNS, TEXT_LIMIT, Card, Rows, button, fit
from bot.render.examinations import standing
from bot.render.limits import condition
from bot.render.phrases import clause, item_line, lent, short
from bot.render.renderers import renders
from bot.rules.criteria import Criterion, Part, Role, Status
from bot.rules.evaluate import evaluator
from bot.rules.expressions import All, Any, Includes, Leaf, Not, items_of, leaves
from bot.rules.frozen import Frozen
from bot.rules.items import Item
from bot.rules.kleene import Truth
from bot.rules.limits import is_on_limit
from bot.rules.reasoning import Reasoned, reasoned
from bot.screens.reasoning import Criteria, CriteriaScreen, Reasoning, TreeScreen
from bot.screens.summary import SummaryScreen
from bot.texts import Words
from db.cases.records import Record

TRUTH_SIGNS: dict[Truth, str] = {True: "✓", False: "✗", None: "○"}

_IN_A_ROW = 3
_ROOM_FOR_A_NOTE = 80
_MARKS = re.compile("</?[bi]>")


def status_of(part: Criterion | Part, criterion: Criterion, record: Record) -> Status:
    """
    The status of a criterion or part; one without a letter is not in the assessment, and judged like its criterion.
    """
    if (known := record.assessment.statuses.get(part.id)) is not None:
        return known
    truth = record.truth(part.expression)
    if truth is None:
        return Status.UNKNOWN
    return Status.PASS if truth is (criterion.role is Role.INCLUSION) else Status.FAIL


@renders(Criteria)
def criteria(view: Criteria, words: Words) -> Card:
    record = view.record
    lines: list[str] = [words("tree.list", code=record.case.code), words("tree.choose"), ""]
    buttons = []
    for criterion in record.population.criteria:
        for part in criterion.family:
            sign = STATUS_SIGNS[status_of(part, criterion, record)]
            name = short(part.id, words)
            lines.append(
                words("tree.listed", indent="" if part is criterion else "   ", sign=sign, id=part.id, name=name)
            )
            buttons.append(button(f"{sign} {part.id}", taps.Go(record.case.id, TreeScreen(part.id))))
    rows = in_rows(buttons, _IN_A_ROW)
    return Card(fit(lines), (*rows, (to(words, SummaryScreen(), record.case),)))


@renders(Reasoning)
def reasoning(view: Reasoning, words: Words) -> Card:
    """
    The tree, as fully as one message takes: before anything is left out, who answered is told by a letter.
    """
    for style in _STYLES:
        lines = _Tree(view, words, style).lines()
        if sum(len(line) + 1 for line in lines) <= TEXT_LIMIT - _ROOM_FOR_A_NOTE:
            break
    return Card(fit(lines), _rows(view, words))


def _rows(view: Reasoning, words: Words) -> Rows:
    case = view.record.case
    others = [part for part in view.criterion.family if part is not view.part]
    buttons = [button(part.id, taps.Go(case.id, TreeScreen(part.id))) for part in others]
    rows = in_rows(buttons, _IN_A_ROW)
    back = (
        to(words, CriteriaScreen(), case),
        to(words, SummaryScreen(), case),
    )
    return (*rows, back)


class _Style(Frozen):
    """
    How much room a tree takes: people by `letters` and explained below, names cut to so many characters, the options of
    a list left out where any of them counts, and at last nothing bold.
    """

    letters: bool = False
    longest_name: int = 100
    has_options: bool = True
    is_plain: bool = False


_STYLES = (
    _Style(),
    _Style(letters=True, longest_name=40),
    _Style(letters=True, longest_name=24, has_options=False),
    _Style(letters=True, longest_name=8, has_options=False),
    _Style(letters=True, longest_name=2, has_options=False, is_plain=True),
)


@dataclass
class _Tree:
    view: Reasoning
    words: Words
    style: _Style
    people: dict[int, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        view, words = self.view, self.words
        record, part, criterion = view.record, view.part, view.criterion
        status = status_of(part, criterion, record)
        lines: list[str] = [
            words(
                "tree.title",
                code=record.case.code,
                id=part.id,
                name=short(part.id, words),
                clause=clause(part, criterion, record.population, words),
            ),
            words("tree.status", sign=STATUS_SIGNS[status], status=words(f"status.{status}")),
            "",
            words("tree.includes" if criterion.role is Role.INCLUSION else "tree.excludes"),
            *self._nodes(part),
            "",
            words("tree.legend"),
        ]
        if self.people:
            named = [words("tree.person", letter=letter, person=self._name(id_)) for id_, letter in self.people.items()]
            lines.append(Markup(" · ").join(named))
        if reading := words.reading(part):
            lines += ["", words("why.reading", reading=reading)]
        return lines

    def _nodes(self, part: Criterion | Part) -> list[str]:
        record = self.view.record
        lines = self._node(reasoned(part.expression, record.facts, record.as_of), 0)
        return [_MARKS.sub("", line) for line in lines] if self.style.is_plain else lines

    def _node(self, node: Reasoned, depth: int, before: str = "") -> list[str]:
        words = self.words
        start = f"{before or '  ' * depth}{TRUTH_SIGNS[node.truth]} "
        match node.node:
            case All() | Any():
                key = "tree.all" if isinstance(node.node, All) else "tree.any"
                below = [line for part in node.parts for line in self._node(part, depth + 1)]
                return [words("tree.joint", start=start, joint=words(key), part=self._name_of(node)), *below]
            case Not():
                return self._node(node.parts[0], depth, f"{start}{words('table.not')} ")
            case _:
                return [words("tree.leaf", start=start, limit=self._limit(node), found=self._found(node))]

    def _name_of(self, node: Reasoned) -> str:
        """
        The name of a part that has one, where the tree comes to it.
        """
        for part in self.view.criterion.parts:
            if part.expression is node.node and part is not self.view.part:
                return self.words("tree.named", id=part.id, name=short(part.id, self.words))
        return ""

    def _limit(self, node: Reasoned) -> str:
        leaf: Leaf = node.node  # type: ignore[assignment]  # what has no parts is a leaf
        kind = self.view.record.population.kind
        if isinstance(leaf, Includes) and len(leaf.options) == len(leaf.item.options) and not self.style.has_options:
            return self.words("tree.any_option", item=self.words.label(leaf.item, kind))
        return condition(leaf, self.words, kind)

    def _found(self, node: Reasoned) -> str:
        """
        What there is of each item that a comparison looks at.
        """
        leaf: Leaf = node.node  # type: ignore[assignment]  # as above
        record, items = self.view.record, items_of(leaf)
        found = [self._answer(item) for item in items]
        if len(items) > 1:
            found = [item_line(record, item, one, self.words) for item, one in zip(items, found, strict=True)]
        shown = self.words.joined(found)
        on_limit = node.truth is not None and is_on_limit(leaf, record.facts)
        return self.words("finding.on_limit", finding=shown) if on_limit else shown

    def _answer(self, item: Item) -> Markup:
        record, words = self.view.record, self.words
        if item.key in record.borrowed:
            return lent(record, item, words)
        if item.key in record.facts:
            return words("tree.value", value=standing(record, item, words), by=self._by(item))
        if item.key in record.assessment.awaited:
            return words("tree.awaited", by=self._by(item))
        return words(f"tree.{state_of(item, record)}")

    def _by(self, item: Item) -> str:
        given = self.view.record.current[item.key]
        time = self.view.record.local(given.at)
        if not self.style.letters:
            return self.words("tree.by", person=self._name(given.person_id), time=self.words.moment(time))
        letter = self.people.setdefault(given.person_id, _letter(len(self.people)))
        return self.words("tree.by_letter", letter=letter, time=self.words.day(time.date()))

    def _name(self, person_id: int) -> str:
        name = self.words.name(self.view.names.get(person_id, ""))
        longest = self.style.longest_name
        return name if len(name) <= longest else f"{name[:longest]}…"


def state_of(item: Item, record: Record) -> str:
    """
    Why an item has no value: to be asked, awaited, waiting for the answer that opens it, or idle.
    """
    if item.key in record.assessment.missing:
        return "missing"
    gate = item.gate
    if gate is not None and evaluator(gate)(record.facts, record.as_of) is None:
        opens = {one for leaf in leaves(gate) for one in items_of(leaf)}
        # What opens it may itself wait for another answer.
        if any(one.key not in record.facts and state_of(one, record) != "idle" for one in opens):
            return "waiting"
    return "idle"


def _letter(number: int) -> str:
    first, second = divmod(number, len(ascii_uppercase))
    return (ascii_uppercase[first - 1] if first else "") + ascii_uppercase[second]
