"""
Libraries loaded without what they would load for others.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Iterator[None]:
    """
    Meanwhile modules of these names are not to be found, which whoever imports them can do without; afterwards they
    are. Those that are loaded already stay.
    """
    hidden = frozenset(names) - sys.modules.keys()
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: cannot be imported
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
