"""The remembered latents that are nearest to another one."""

from __future__ import annotations

import numpy as np

from jepa_ros.memory.table import Table


class Neighbours:
    """Finds the nearest nodes of a table."""

    def __init__(self, table: Table):
        self._table = table

    def search(self, latent: np.ndarray, count: int) -> np.ndarray:
        """Up to ``count`` nodes (K,) nearest to a latent (N·D,), nearest first."""
        apart = np.square(self._table["latent"] - latent).sum(axis=1)
        apart[self._table["visits"] == 0] = np.inf
        count = min(count, int((self._table["visits"] > 0).sum()))
        nearest = np.argpartition(apart, count - 1)[:count] if count else np.empty(0, np.int64)
        return nearest[np.argsort(apart[nearest])]
