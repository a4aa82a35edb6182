"""What a measurement says, and where it was made."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One number of ``n`` samples with its 95 % interval; ``low`` and ``high`` are None for a single measurement."""

    value: float
    unit: str
    low: float | None
    high: float | None
    n: int
    conditions: str
    date: str = field(default_factory=lambda: date.today().isoformat())


@cache
def machine() -> str:
    """The kind of processor and how many cores there are."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{models[0] if models else 'unknown processor'}, {os.cpu_count()} cores"


def conditions(text: str) -> str:
    """How something was measured, and on what kind of machine."""
    return f"{text}; {machine()}"
