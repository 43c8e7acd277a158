"""
Tables of words: names of items, units, answers, what stands beside them, what wards say. Data for people to amend.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


@cache
def table(name: str) -> dict[str, Any]:
    """
    A table of this folder, by the name of its file.
    """
    with (_FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
