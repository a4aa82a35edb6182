"""Episodes of the embedded robot exploring, for evaluation: recorded and read back like anybody's."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from jepa_ros.contract import Contract
from jepa_ros.data.episodes import Episode, load_episodes
from jepa_ros.simulation.recording import record_exploration

SEED = 1_000_003  # far from those that one trains with


def explored_episodes(
    contract: Contract, seconds: float, tell: Callable[[float, float], None] | None = None
) -> list[Episode]:
    """Let the embedded robot explore for simulated seconds; ``tell`` is called with those done and all.

    Raises ValueError where the embedded robot can't serve the contract, BagError where not one episode comes out.
    """
    with tempfile.TemporaryDirectory() as folder:
        return load_episodes(record_exploration(contract, Path(folder) / "bag", seconds, SEED, tell), contract)
