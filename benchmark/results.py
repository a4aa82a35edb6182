"""The file of figures, and the table of them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmark.figures import Figure

FILE = Path(__file__).with_name("results.json")


def read(path: Path = FILE) -> dict[str, Figure]:
    """All figures by name; none where there is no file yet."""
    if not path.exists():
        return {}
    return {name: Figure(**entry) for name, entry in json.loads(path.read_text()).items()}


def merge(figures: Mapping[str, Figure], path: Path = FILE) -> None:
    """Put figures into the file, whose other entries stay. Written aside and renamed."""
    everything = {**read(path), **figures}
    text = json.dumps({name: _entry(everything[name]) for name in sorted(everything)}, indent=2, ensure_ascii=False)
    aside = path.with_suffix(".new")
    aside.write_text(text + "\n")
    os.replace(aside, path)


def _entry(figure: Figure) -> dict[str, Any]:
    """A figure's fields, with no more digits than mean something."""
    return {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in asdict(figure).items()}


def table(figures: Mapping[str, Figure]) -> Table:
    """Figures for people; the conditions stand in the file."""
    result = Table(box=None, pad_edge=False, header_style="bold")
    result.add_column("figure")
    for title in ("value", "95 % interval", "n"):
        result.add_column(title, justify="right")
    result.add_column("date")
    for name, figure in sorted(figures.items()):
        interval = "" if figure.low is None else f"{figure.low:.4g} … {figure.high:.4g}"
        result.add_row(name, f"{figure.value:.4g} {figure.unit}", interval, str(figure.n), figure.date)
    return result
