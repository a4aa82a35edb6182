"""The memory of the living room, as a user's commands make it; once, for as long as what it is made of stays."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmark.kept import ROOT, kept
from benchmark.trained import run
from jepa_ros.paths import shipped

MODEL = shipped("models/furnished_room")
CONTRACT = shipped("config/contracts/furnished_room.yaml")
MINUTES = 30.0
SEED = 2  # of the exploring, which is not that of the training


def remembered() -> Path:
    """The folder of a memory of half an hour of exploring."""
    code = sorted((ROOT / "jepa_ros/memory").rglob("*.py"))
    return kept(f"furnished_room_memory_{MINUTES:g}min", _make, CONTRACT, MODEL / "model.safetensors", *code)


def _make(folder: Path) -> None:
    bag = folder / "bag"
    run("record", bag, "--contract", CONTRACT, "--minutes", MINUTES, "--seed", SEED, "--simulate")
    run("remember", bag, "--model", MODEL, "--memory", folder, "--cache", None)
    shutil.rmtree(bag)
