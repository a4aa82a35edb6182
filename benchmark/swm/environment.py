"""The environment of its own in which stable-worldmodel runs."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmark.kept import once
from benchmark.peers import run

# Its own requirements would bring a torchvision that wants another torch.
ALONE = ("stable-worldmodel==0.1.1", "torchvision==0.28.0")
NEEDS = (
    "torch==2.13.0",
    "numpy",
    "gymnasium",
    "einops",
    "loguru",
    "tabulate",
    "tqdm",
    "typer",
    "rich",
    "pyarrow",
    "pillow",
    "lancedb",
    "pylance",
    "opencv-python-headless",
    "imageio",
)


def python() -> Path:
    """The environment's interpreter; made the first time, which takes a minute or two. Raises NoPeer."""
    return once(ALONE[0], _make) / "bin/python"


def _make(folder: Path) -> None:
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin/python", "-m", "pip", "install", "--quiet", *NEEDS)
    run(folder / "bin/python", "-m", "pip", "install", "--quiet", "--no-deps", *ALONE)
