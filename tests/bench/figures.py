"""
Figures side by side with what they are compared with.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table as Drawn


@dataclass(frozen=True)
class Figure:
    """
    One figure, the median of its runs; `spread` are the runs. `reach` is what is striven for.
    """

    name: str
    value: float
    unit: str
    beside: str = ""
    reach: str = ""
    is_met: bool | None = None
    spread: Sequence[float] = ()


class Table:
    """
    Says each figure as it comes, and all of them at the end.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._figures: list[Figure] = []

    def add(self, figure: Figure) -> None:
        """
        Take a figure.
        """
        self._figures.append(figure)
        self._console.print(f"  {figure.name}: {_number(figure.value)} {figure.unit}", highlight=False, style="dim")

    def show(self) -> None:
        """
        Draw the table.
        """
        drawn = Drawn("figure", "measured", "runs", "beside", "reach", "", box=box.SIMPLE)
        for figure in self._figures:
            runs = f"{_number(min(figure.spread))} to {_number(max(figure.spread))}" if figure.spread else ""
            mark = "" if figure.is_met is None else "reached" if figure.is_met else "missed"
            measured = f"{_number(figure.value)} {figure.unit}"
            drawn.add_row(figure.name, measured, runs, figure.beside, figure.reach, mark)
        self._console.print(drawn)


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 20 else f"{value:.2f}"
