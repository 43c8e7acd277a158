"""
Values that never change.
"""

from functools import cached_property
from typing import Any, ClassVar

import pytest
from msgspec.structs import replace

from bot.rules.frozen import Frozen


class Dose(Frozen):
    """
    One field that must be given.
    """

    milligrams: int
    unit: ClassVar[str] = "mg"
    given: tuple[int, ...] = ()


class NotedDose(Dose):
    """
    The same fields, and one more.
    """

    remark: str = ""


def test_others_are_not_equal() -> None:
    """
    Neither other values nor the same ones of another class.
    """
    assert Dose(5) == Dose(milligrams=5, given=())
    assert len({Dose(5), Dose(5, ()), Dose(6)}) == 2
    assert Dose(5) != Dose(5, (1,))
    assert NotedDose(5) != Dose(5)


def test_nothing_about_it_changes() -> None:
    """
    No field is set or removed, of a class derived from another neither; another value is made instead.
    """
    dose: Any = NotedDose(5)
    for name in ("milligrams", "remark"):
        with pytest.raises(AttributeError):
            setattr(dose, name, 1)
        with pytest.raises(AttributeError):
            delattr(dose, name)
    assert replace(dose, milligrams=6) == NotedDose(6)
    assert dose == NotedDose(5)


class Parted(Dose):
    """
    What is worked out of its fields once.
    """

    @cached_property
    def parts(self) -> list[int]:
        """
        As many as there are milligrams.
        """
        return [1] * self.milligrams


def test_what_is_worked_out_of_one_is_kept_with_it() -> None:
    """
    It is found once, and has no part in what is equal.
    """
    looked, other = Parted(3), Parted(3)
    assert looked.parts == [1, 1, 1]
    assert looked.parts is looked.parts
    assert looked == other
    assert hash(looked) == hash(other)
