"""A remembered place, and how far something is from it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from torch import Tensor


class Near(NamedTuple):
    """``distance`` is the model's: up to the calibration's tolerance is "there", 1.0 as far as two random states."""

    node: int
    distance: float


def nears(nodes: np.ndarray, distances: Tensor) -> list[Near]:
    """Nodes (K,) with their distances (K,)."""
    return [Near(int(node), distance) for node, distance in zip(nodes, distances.tolist())]
