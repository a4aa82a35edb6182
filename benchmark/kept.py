"""What is expensive to make, kept under build/ for as long as the code that it is made of stays the same."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build/benchmark"
LEARNING = ("contract", "world_model", "data", "training", "simulation", "commands")  # the rooms that make a model


def kept(name: str, make: Callable[[Path], None], *others: Path) -> Path:
    """The folder that ``make(folder)`` has filled, now or before.

    ``name`` says all that decides what comes out but the code; ``others`` are files that count beside the rooms that
    make a model.
    """
    return once(f"{name}_{digest(*others)}", make)


def once(name: str, make: Callable[[Path], None]) -> Path:
    """The same where ``name`` says all."""
    folder = FOLDER / name
    if not folder.exists():
        aside = folder.with_name(f"{name}.part")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        make(aside)
        os.replace(aside, folder)
    return folder


def digest(*others: Path) -> str:
    """Of the code, and of other files of the repository."""
    sources = [path for room in LEARNING for path in sorted((ROOT / "jepa_ros" / room).rglob("*.py"))]
    found = hashlib.sha256()
    for path in (*sources, *others):
        found.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return found.hexdigest()[:12]
