"""
`make mutants`: the rules with one change at a time. Some test of theirs has to fail for each.

The changes are cosmic-ray's, and three of this project's own: a limit stated in words, a comparison's neighbour, a part
left out. They are made in a copy, each in a process of its own, which has everything but the rules and their tests
loaded already. What tests/mutants.toml explains may survive.
"""

import argparse
import io
import os
import re
import shutil
import signal
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis.strategies  # noqa: F401  loaded here once, and not once a mutant
import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator, operator_names
from hypothesis import settings

HOME = Path(__file__).parents[1]
RULES, TESTS = Path("bot/rules"), Path("tests/rules")
PATIENCE = 120
_QUICK = ("--noconftest", "--assert=plain", "--exitfirst", "--tb=no", "-p", "no:cacheprovider")
_KNOWN = f"--deselect={TESTS}/test_fingerprint.py::test_the_rules_in_use_keep_theirs"

# Of all the operators that could take the place of one, those that make sense between the same values: the others fail
# as soon as a module is loaded, and "is" does not differ from "==" for a truth.
_ORDER = "(Lt|LtE|Gt|GtE|Eq|NotEq|In|NotIn)"
WANTED = re.compile(
    r"core/(AddNot|ExceptionReplacer|NumberReplacer|RemoveDecorator|ZeroIterationForLoop"
    r"|Replace(AndWithOr|OrWithAnd|BreakWithContinue|ContinueWithBreak|FalseWithTrue|TrueWithFalse)"
    rf"|ReplaceComparisonOperator_({_ORDER}_{_ORDER}|Is_IsNot|IsNot_Is)|ReplaceUnaryOperator_Delete_.*"
    r"|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Add|Mul_Div|BitAnd_BitOr|BitOr_BitAnd))"
)

# How records are made, what only type checkers read, and a star that is no product.
UNWANTED = re.compile(r"@dataclass|@staticmethod|TYPE_CHECKING|\*,.*=> .*[+/],|slots")

NEIGHBOURS = {"below": "at_most", "at_most": "below", "above": "at_least", "at_least": "above"}


class _Named(Operator):
    """
    What the library asks of an operator and this program does not.
    """

    @classmethod
    def examples(cls) -> tuple[()]:
        """
        None.
        """
        return ()


class Neighbour(_Named):
    """
    The limit counts to the other side.
    """

    def mutation_positions(self, node: Any) -> Iterator[Any]:  # noqa: ANN401  a node of parso's
        """
        Names of comparisons, where they are called.
        """
        previous = node.get_previous_leaf() if node.type == "name" else None
        if previous is not None and previous.value == "." and node.value in NEIGHBOURS:
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:  # noqa: ANN401, ARG002  as above
        """
        The other name.
        """
        node.value = NEIGHBOURS[node.value]
        return node


class Digit(_Named):
    """
    A number that stands in quotes, one more or less in its last digit.
    """

    def mutation_positions(self, node: Any) -> Iterator[Any]:  # noqa: ANN401  a node of parso's
        """
        Quoted numbers.
        """
        if node.type == "string" and re.fullmatch(r'"\d+(\.\d+)?"', node.value):
            yield from [(node.start_pos, node.end_pos)] * 2

    def mutate(self, node: Any, index: int) -> Any:  # noqa: ANN401  as above
        """
        The next number up or down.
        """
        whole, point, part = node.value.strip('"').partition(".")
        number = int(whole + part) + (1, -1)[index]
        text = str(number).zfill(len(part) + 1)
        node.value = f'"{text[: len(text) - len(part)]}{point}{text[len(text) - len(part) :] if part else ""}"'
        return node


class Left(_Named):
    """
    One part of a conjunction or alternative is left out.
    """

    def mutation_positions(self, node: Any) -> Iterator[Any]:  # noqa: ANN401  a node of parso's
        """
        Each operand of `&`, `|`, `and` and `or`.
        """
        if node.type in {"expr", "and_expr", "and_test", "or_test"}:
            yield from [(node.start_pos, node.end_pos)] * len(node.children[::2])

    def mutate(self, node: Any, index: int) -> Any:  # noqa: ANN401  as above
        """
        The others, joined as before.
        """
        at = 2 * index
        del node.children[at - 1 if at else 0 : at + 1 if at else 2]
        return node


@dataclass(frozen=True)
class Mutant:
    """
    One change: in which file, what the whole file then says, and the change itself as it is explained and reported.
    """

    path: Path
    code: str
    change: str


def mutants(path: Path) -> Iterator[Mutant]:
    """
    Every mutant of a file of which an operator changes what it says.
    """
    source = (HOME / path).read_text(encoding="utf-8")
    tree = get_ast(source)
    chosen = [get_operator(name)() for name in operator_names() if WANTED.fullmatch(name)]
    for operator in (*chosen, Neighbour(), Digit(), Left()):
        nodes = [node for node in ast_nodes(tree) for _ in operator.mutation_positions(node)]
        for occurrence, node in enumerate(nodes):
            code = None if _is_hint(node) else mutate_code(source, operator, occurrence)
            if code is None:
                continue
            change = f"{path}:{_place(node)}: {_change(source, code)}"
            if not UNWANTED.search(change):
                yield Mutant(path, code, change)


def _is_hint(node: Any) -> bool:  # noqa: ANN401  a node of parso's
    """
    Whether a node stands where a type is annotated, or in a type that is given a name.
    """
    while node.parent is not None and node.parent.type not in {"suite", "file_input"}:
        at = node.parent.children.index(node)
        is_behind = at > 0 and node.parent.children[at - 1] in (":", "->")
        if node.parent.type in {"funcdef", "tfpdef", "annassign"} and is_behind:
            return True
        if node.parent.type == "annassign" and node.parent.children[1].get_code().strip() == "TypeAlias":
            return True
        node = node.parent
    return False


def _place(node: Any) -> str:  # noqa: ANN401  as above
    inner = node.search_ancestor("funcdef", "classdef")
    return inner.name.value if inner is not None else ""


def _change(source: str, code: str) -> str:
    lines = list(unified_diff(source.splitlines(), code.splitlines(), n=0, lineterm=""))[3:]
    was, now = ([line[1:].strip() for line in lines if line[0] == sign] for sign in "-+")
    return re.sub(r" +", " ", f"{' '.join(was)} => {' '.join(now)}")


def survives(copy: Path, path: Path) -> bool:
    """
    Whether all tests pass on what the copy holds now, the quickest to fail first: those of the module, those that try
    given cases, those that try random ones. Whole random cases take longest and are left out, and so are the page that
    is made of the rules and the known fingerprint of those in use, which would tell any change of a formula, tested or
    not.
    """
    files = sorted(set((copy / TESTS).glob("test_*.py")) - {copy / TESTS / "test_protocol_page.py"})
    random = {file.name for file in files if "hypothesis" in file.read_text(encoding="utf-8")}
    names, own = {file.name for file in files}, {f"test_{path.stem}.py"}
    groups = (own & names, names - own - random, random - own - {"test_assessment_properties.py"})
    return all(_pass(copy, [str(TESTS / name) for name in sorted(group)]) for group in groups if group)


def _pass(copy: Path, files: Iterable[str]) -> bool:
    child = os.fork()
    if not child:
        _become_tests(copy, files)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status == 0
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _become_tests(copy: Path, files: Iterable[str]) -> None:
    status = 1
    try:
        os.setsid()
        os.chdir(copy)
        sys.path[0] = str(copy)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            status = pytest.main([*_QUICK, _KNOWN, *files])
    finally:
        os._exit(int(status))


def main() -> int:
    """
    Try all mutants, or those of some files; 1 if one survives that nobody explained, or one is explained and does not.
    """
    parser = argparse.ArgumentParser(prog="make mutants", description="the rules with one change at a time")
    parser.add_argument("files", nargs="*", type=Path, help="of bot/rules; all by default")
    parser.add_argument("--list", action="store_true", help="say what would be tried")
    options = parser.parse_args()
    paths = options.files or sorted(path.relative_to(HOME) for path in (HOME / RULES).rglob("*.py"))
    explained = {
        change
        for reason in tomllib.loads((HOME / "tests/mutants.toml").read_text(encoding="utf-8"))["survivors"]
        for change in reason["changes"]
    }
    settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
    settings.load_profile("mutants")
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    sys.dont_write_bytecode = True
    began, tried, survived = time.monotonic(), 0, set()
    with TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("bot", "tests"):
            shutil.copytree(HOME / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        if not options.list and not survives(copy, paths[0]):
            print("the tests fail without any change")
            return 1
        for path in paths:
            for mutant in mutants(path):
                tried += 1
                if options.list:
                    print(mutant.change)
                    continue
                (copy / path).write_text(mutant.code, encoding="utf-8")
                os.utime(copy / path, (tried, tried))  # what a test's own process compiles is told apart by its time
                if survives(copy, path):
                    survived.add(mutant.change)
                    print(f"{'explained' if mutant.change in explained else 'SURVIVED'} {mutant.change}", flush=True)
            shutil.copy2(HOME / path, copy / path)
            print(f"{path}: {tried} so far, {time.monotonic() - began:.0f} s", flush=True)
    idle = {change for change in explained - survived if any(change.startswith(f"{path}:") for path in paths)}
    for change in sorted(idle if not options.list else ()):
        print(f"explained, but it does not survive: {change}")
    print(f"{tried} mutants, {len(survived)} survived, {len(survived - explained)} of them unexplained")
    return int(bool(survived - explained or idle))


if __name__ == "__main__":
    sys.exit(main())
