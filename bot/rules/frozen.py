"""
Values that never change.
"""

from typing import dataclass_transform

from msgspec import Struct, StructMeta, field


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class FrozenMeta(StructMeta):
    """
    Tells type checkers that what is derived never changes either.
    """


class Frozen(Struct, metaclass=FrozenMeta, frozen=True, dict=True):
    """
    What every class derived from this is. For a dataclass Python writes and compiles six methods, which takes half a
    millisecond a class and one microsecond an object; this takes a fortieth, and a quarter.
    """
