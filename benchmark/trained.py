"""Models trained from nothing by the commands that a user types, each once as long as the package stays the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmark.kept import ROOT, kept
from jepa_ros.paths import shipped

SEED = 1  # of the exploration


class TrainingFailed(Exception):
    """A command ended with an error; the message holds the end of what it said."""


@dataclass(frozen=True)
class Trained:
    """A model directory, and the CPU seconds, of all threads and processes, that led to it.

    ``exploring`` is what the simulated robot took; ``training`` is all of the command ``train``: starting, decoding,
    training, calibrating, writing.
    """

    model: Path
    exploring: float
    training: float


def trained(robot: str, minutes: float, steps: int | None = None) -> Trained:
    """The model of an embedded robot that has explored for simulated minutes, by the default recipe.

    ``steps`` shortens the recipe, for a look. Raises TrainingFailed.
    """
    name = f"{robot}_{minutes:g}min_{steps or 'all'}"
    folder = kept(name, lambda aside: _make(aside, robot, minutes, steps), _contract(robot))
    return Trained(folder / robot, **json.loads((folder / "cpu.json").read_text()))


def _make(folder: Path, robot: str, minutes: float, steps: int | None) -> None:
    """Record, train, and put down what it took; only the model and this stay."""
    bag, model = folder / "bag", folder / robot
    exploring = run("record", bag, "--contract", _contract(robot), "--minutes", minutes, "--seed", SEED, "--simulate")
    training = run("train", bag, "--output", model, "--cache", None, *(("--steps", steps) if steps else ()))
    shutil.rmtree(bag)
    (folder / "cpu.json").write_text(json.dumps({"exploring": exploring, "training": training}))


def run(*command: object) -> float:
    """Run a command of the package; the CPU seconds of its processes."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "jepa_ros", *map(str, command)], cwd=ROOT, stdout=said, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise TrainingFailed(f"{command[0]} ended with an error:\n{said.read().decode()[-2000:]}")
    return usage.ru_utime + usage.ru_stime


def _contract(robot: str) -> Path:
    return Path(shipped(f"config/contracts/{robot}.yaml"))
