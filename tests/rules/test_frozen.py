"""
Values that never change.
"""

from dataclasses import FrozenInstanceError, field, fields, replace
from typing import Any, ClassVar

import pytest

from bot.rules.frozen import Frozen


class Dose(Frozen):
    """
    One field that must be given.
    """

    milligrams: int
    unit: ClassVar[str] = "mg"
    given: tuple[int, ...] = ()


class Remark(Frozen):
    """
    Defaults that are made for each, and one that only its name gives.
    """

    about: dict[str, int] = field(default_factory=dict)
    secret: str = field(default="", repr=False, kw_only=True)


class NotedDose(Remark, Dose):
    """
    The fields of two.
    """


def test_what_is_left_out_is_as_by_default_and_order_or_names_make_no_difference() -> None:
    """
    By place, by name or mixed; a default that is made is made for each.
    """
    assert Dose(5) == Dose(milligrams=5) == Dose(5, ()) == Dose(5, given=()) == Dose(given=(), milligrams=5)
    assert hash(Dose(5)) == hash(Dose(given=(), milligrams=5))
    assert Dose(5).given == ()
    assert Remark().about == {}
    assert Remark().about is not Remark().about
    assert Remark({"a": 1}).about == {"a": 1}
    assert Remark(secret="s").secret == "s"
    assert vars(NotedDose(5, (1,), {"a": 1}, secret="s")) == {
        "milligrams": 5,
        "given": (1,),
        "about": {"a": 1},
        "secret": "s",
    }


@pytest.mark.parametrize(
    ("kind", "given", "named"),
    [
        (Dose, (), {}),
        (Dose, (), {"given": ()}),
        (Dose, (1, (), 3), {}),
        (Dose, (1,), {"other": 2}),
        (Dose, (), {"other": 2}),
        (Dose, (1,), {"unit": "g"}),
        (Dose, (1,), {"milligrams": 2}),
        (Remark, ({}, "s"), {}),
        (Frozen, (1,), {}),
        (Frozen, (), {"other": 1}),
    ],
)
def test_what_does_not_fit_is_refused(kind: type[Frozen], given: tuple[object, ...], named: dict[str, object]) -> None:
    """
    Too little, too much, twice, or under a name that is no field's.
    """
    with pytest.raises(TypeError):
        kind(*given, **named)


def test_others_are_not_equal() -> None:
    """
    Neither other values nor the same ones of another class.
    """
    assert Dose(5) != Dose(6)
    assert Dose(6) != Dose(5)
    assert Dose(5) != Dose(5, (1,))
    assert NotedDose(5) != Dose(5)
    assert Dose(5) != 5
    assert len({Dose(5), Dose(5, ()), Dose(6)}) == 2


def test_nothing_about_it_changes() -> None:
    """
    Neither a field nor anything else is set or removed; another one is made instead.
    """
    dose: Any = Dose(5)
    for name in ("milligrams", "given", "other"):
        with pytest.raises(FrozenInstanceError):
            setattr(dose, name, 1)
        with pytest.raises(FrozenInstanceError):
            delattr(dose, name)
    assert replace(dose, milligrams=6) == Dose(6)
    assert dose == Dose(5)


def test_it_is_a_dataclass_to_whoever_looks() -> None:
    """
    Its fields are found, it is taken apart by place, and what is not to be shown is not.
    """
    assert [one.name for one in fields(NotedDose)] == ["milligrams", "given", "about", "secret"]
    match Dose(5, (1,)):
        case Dose(milligrams, given):
            assert (milligrams, given) == (5, (1,))
        case _:
            pytest.fail("it was not taken apart")
    assert repr(Remark({"a": 1}, secret="s")) == "Remark(about={'a': 1})"
