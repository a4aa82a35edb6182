"""Places in plain sight reached by the shipped model of the furnished room."""

from __future__ import annotations

from collections.abc import Callable

from benchmark.figures import Figure
from benchmark.stepped import PAIRS, floor, pursue_pairs, success
from jepa_ros.evaluation.statistics import median
from jepa_ros.paths import shipped

ROBOT = "furnished_room"
MODEL = "the shipped model"


def measure(tell: Callable[[float, float], None], pairs: int = PAIRS) -> dict[str, Figure]:
    """Pursue pictures of places."""
    found = pursue_pairs(shipped(f"models/{ROBOT}"), pairs, tell)
    reached = success(ROBOT, found, MODEL)
    value, low, high = median([trial.error for trial in found.trials])
    return {
        f"{ROBOT}.direct_success": reached,
        f"{ROBOT}.random_success": floor(ROBOT, found, MODEL),
        f"{ROBOT}.error_m": Figure(value, "m", low, high, pairs, f"median distance at the end; {reached.conditions}"),
    }
