"""The memory of the living room, as a user's commands make it; once, for as long as what it is made of stays."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmark.kept import ROOT, kept
from benchmark.trained import run
from jepa_ros.paths import shipped

CONTRACT = shipped("config/contracts/furnished_room.yaml")
MINUTES = 10.0
SEED = 2  # of the exploring, which is not that of the training


def remembered(model: Path) -> Path:
    """The folder of a model's memory of ten minutes of exploring."""
    code = sorted((ROOT / "jepa_ros/memory").rglob("*.py"))
    files = (CONTRACT, model / "model.safetensors", *code)
    return kept(f"{model.name}_memory_{MINUTES:g}min", lambda folder: _make(folder, model), *files)


def _make(folder: Path, model: Path) -> None:
    bag = folder / "bag"
    run("record", bag, "--contract", CONTRACT, "--minutes", MINUTES, "--seed", SEED, "--simulate")
    run("remember", bag, "--model", model, "--memory", folder, "--cache", None)
    shutil.rmtree(bag)
