"""The environment of its own in which stable-worldmodel runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmark.kept import FOLDER

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


class NoPeer(Exception):
    """stable-worldmodel can't be had, or failed; the message holds the end of what was said."""


def python() -> Path:
    """The environment's interpreter; made the first time, which takes a minute or two."""
    folder = FOLDER / ALONE[0]
    if not folder.exists():
        aside = folder.with_name("stable-worldmodel.part")
        shutil.rmtree(aside, ignore_errors=True)
        _make(aside)
        os.replace(aside, folder)
    return folder / "bin/python"


def run(*command: object) -> None:
    """Run a command to its end. Raises NoPeer."""
    done = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise NoPeer(f"{command[0]} {command[1]} ended with an error:\n{done.stdout[-2000:]}")


def _make(folder: Path) -> None:
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin/python", "-m", "pip", "install", "--quiet", *NEEDS)
    run(folder / "bin/python", "-m", "pip", "install", "--quiet", "--no-deps", *ALONE)
