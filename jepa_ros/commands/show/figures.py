"""Figures of models side by side."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from jepa_ros.commands.show.terminal import table
from jepa_ros.evaluation.figures import Row


def figures_table(rows: Sequence[Row], names: Sequence[str]) -> RenderableType:
    """Key figures of models side by side, the best of each in green."""
    rows_of = table("", *names)
    for row in rows:
        cells = [Text(text, "green" if index == row.best else "") for index, text in enumerate(row.texts)]
        rows_of.add_row(Text(row.name, "dim"), *cells)
    return rows_of
