"""
A reader of as much of CQL as the libraries use, written from its grammar and knowing nothing of the declarations.

Precedence, from loose to tight: or, and, comparison, not, sum. So `not a = b` compares with what `not a` is.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bot.rules import kleene
from bot.rules.months import add_months
from bot.rules.values import NotMeasurable, Quantity, Ratio, Span

TOKEN = re.compile(r"\s*(//[^\n]*|\"[^\"]*\"|'[^']*'|\d+(?:\.\d+)?|\w+|<=|>=|[<>=+*(),:-])")
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq}
DECLARATION = re.compile(r"^parameter (\w+) (\w+)(?: default null)?(?: //.*)?$", re.MULTILINE)
DEFINITION = re.compile(r'^define "([^"]+)":\n((?:  .*\n)+)', re.MULTILINE)


class Library:
    """
    A library: what parameters of which types it takes, and what each definition says of values for them.
    """

    def __init__(self, text: str) -> None:
        self.name = text.partition("\n")[0]
        self.parameters = dict(DECLARATION.findall(text))
        self.definitions: dict[str, str] = dict(DEFINITION.findall(text))

    def value(self, name: str, given: Mapping[str, Any]) -> Any:  # noqa: ANN401  of whatever type it is
        """
        What a definition says.
        """
        return Reading(self, given).read(self.definitions[name])


class Reading:
    """
    One reading of a definition with these values.
    """

    def __init__(self, library: Library, given: Mapping[str, Any]) -> None:
        self.library, self.given = library, given
        self.tokens: list[str] = []

    def read(self, text: str) -> Any:  # noqa: ANN401  as above
        """
        The value of an expression, all of it.
        """
        self.tokens = [found for found in TOKEN.findall(text) if not found.startswith("//")]
        assert sum(map(len, re.findall(r"\S", TOKEN.sub("", text)))) == 0
        value = self.either()
        assert not self.tokens, self.tokens
        return value

    def take(self, *wanted: str) -> str | None:
        """
        The next token, if it is one of these.
        """
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in wanted else None

    def need(self, token: str) -> None:
        """
        Take the token that has to come next.
        """
        assert self.take(token), (token, self.tokens[:3])

    def _joined(self, word: str, part: Callable[[], Any], join: Callable[[list[Any]], Any]) -> Any:  # noqa: ANN401  as above
        parts = [part()]
        while self.take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else join(parts)

    def either(self) -> Any:  # noqa: ANN401  as above
        """
        Parts joined by "or".
        """
        return self._joined("or", self.both, kleene.any_of)

    def both(self) -> Any:  # noqa: ANN401  as above
        """
        Parts joined by "and".
        """
        return self._joined("and", self.compared, kleene.all_of)

    def compared(self) -> Any:  # noqa: ANN401  as above
        """
        A comparison, null where either side is; or what stands there without one.
        """
        left = self.negated()
        if (symbol := self.take(*COMPARE)) is None:
            return left
        right = self.negated()
        return None if left is None or right is None else COMPARE[symbol](left, right)

    def negated(self) -> Any:  # noqa: ANN401  as above
        """
        What follows "not".
        """
        return kleene.negation(self.negated()) if self.take("not") else self.sum()

    def sum(self) -> Any:  # noqa: ANN401  as above
        """
        A date with months added or taken off, a number with another, or a product.
        """
        value = self.product()
        while sign := self.take("+", "-"):
            other = self.product() * (1 if sign == "+" else -1)
            if self.take("months"):
                value = None if value is None else add_months(value, int(other))
            else:
                value = None if value is None else value + other
        return value

    def product(self) -> Any:  # noqa: ANN401  as above
        """
        Factors.
        """
        value = self.term()
        while self.take("*"):
            other = self.term()
            value = None if value is None or other is None else value * other
        return value

    def term(self) -> Any:  # noqa: ANN401  one line for each kind of term
        """
        A parameter, a definition, a constant, a call, or an expression in brackets.
        """
        token = self.tokens.pop(0)
        if token == "(":
            value = self.either()
            self.need(")")
            return value
        if token == "case":
            return self.case()
        if token[0] == '"':
            return self.library.value(token[1:-1], self.given)
        if token[0] == "'":
            return token[1:-1]
        if token[0].isdigit():
            return Decimal(token)
        if token == "Coalesce":
            return next((value for value in self.arguments() if value is not None), None)
        if token == "Round":
            number, places = self.arguments()
            return None if number is None else number.quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)
        assert token in self.library.parameters, token
        return self.given.get(token)

    def arguments(self) -> list[Any]:
        """
        What stands in the brackets of a call.
        """
        self.need("(")
        found = [self.either()]
        while self.take(","):
            found.append(self.either())
        self.need(")")
        return found

    def case(self) -> Any:  # noqa: ANN401  as above
        """
        The first choice whose condition is true.
        """
        found: list[Any] = []
        while self.take("when"):
            condition = self.either()
            self.need("then")
            value = self.either()
            found += [value] if condition is True else []
        self.need("else")
        found.append(self.either())
        self.need("end")
        return found[0]


def parameters_of(library: Library, values: Mapping[str, Any], as_of: date) -> Iterator[tuple[str, Any]]:
    """
    The parameters for values as items read them: one a value, or by its name's end one of its parts.
    """
    yield "as_of", as_of
    for name in library.parameters:
        key, _, end = name.rpartition("_")
        if name in values:
            yield name, _plain(values[name])
        elif key in values and end == "any":
            yield name, values[key].includes(values[key].either)
        elif key in values and end in {"sys", "dia"}:
            yield name, values[key].systolic if end == "sys" else values[key].diastolic
        elif key in values and end in {"mmhg", "kpa"} and values[key].unit.lower() == end:
            yield name, _plain(values[key].number)


def _plain(value: Any) -> Any:  # noqa: ANN401  as above
    """
    A value as a form without imprecise ones would hold it: any number that it may be.
    """
    match value:
        case Quantity(number, unit):
            number = _plain(number)
            return number / Decimal("1.73") if unit == "mL/min/1.73m2" else number
        case Span(None, Decimal() as high):
            return high if value.has_high else high - Decimal("0.000001")
        case Span(Decimal() as low, _):
            return low if value.has_low else low + Decimal("0.000001")
        case Ratio(number, upper):
            return number / upper
        case NotMeasurable():
            return Decimal(0)
    return value
