"""Whether training ever waits for its data."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

from benchmark.figures import Figure, conditions
from benchmark.nodes import SEED, planar_arm_contract
from jepa_ros.data.episodes import load_episodes
from jepa_ros.simulation.recording import record_exploration
from jepa_ros.training import Progress, Recipe, make_model

STEPS = 150
MINUTES = 5.0


def measure(tell: Callable[[float, float], None], steps: int = STEPS, minutes: float = MINUTES) -> dict[str, Figure]:
    """Record the arm exploring and train on it for a while."""
    torch.set_num_threads(1)
    contract, seen = planar_arm_contract(), []

    def show(now: Progress) -> None:
        seen.append(now)
        tell(now.step, now.steps)

    with tempfile.TemporaryDirectory() as folder:
        bag = record_exploration(contract, Path(folder) / "bag", 60 * minutes, seed=SEED)
        make_model(contract, load_episodes(bag, contract), Recipe(steps=steps), "measured", on_progress=show)
    how = conditions(
        f"share of the wall time that training waits for batches, the first one included; {steps} steps of the default "
        f"recipe on {minutes:g} simulated minutes of planar_arm; one torch thread"
    )
    return {"train.data_wait": Figure(100 * seen[-1].data_wait, "%", None, None, steps, how)}
