"""A way through memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Route:
    """The ``nodes`` from start to goal, and the control ``periods`` (len(nodes) - 1,) of the moves between them."""

    nodes: list[int]
    periods: np.ndarray

    @property
    def total(self) -> float:
        """Control periods from start to goal."""
        return float(self.periods.sum())
