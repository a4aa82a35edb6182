"""Bounds of how far places are apart, from what is known of the ways to and from a few landmarks."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

COUNT = 16
USED = 4  # landmarks that bound the ways of one search: those that say most of it


class Landmarks:
    """The periods ``to`` (K, M) each landmark and ``back`` (K, M) from it, on the cheapest ways.

    By the triangle inequality no way between two places can be shorter than the difference of what a landmark says of
    them. Nodes that came later are unknown (NaN), and nothing is said of them.

    Source: A. Goldberg and C. Harrelson, "Computing the Shortest Path: A* Search Meets Graph Theory", 2005.
    """

    def __init__(self, to: np.ndarray, back: np.ndarray):
        self.to, self.back = to, back

    @classmethod
    def of(cls, graph: csr_matrix) -> Landmarks:
        """Landmarks of moves (M, M) from row to column; each is as far as possible from those before it."""
        ways = [_ways(graph, 0)]
        while len(ways) <= COUNT:
            apart = np.min([to + back for to, back in ways], axis=0)
            ways.append(_ways(graph, int(np.where(np.isfinite(apart), apart, -1.0).argmax())))
        to, back = zip(*ways[1:])
        return cls(np.stack(to), np.stack(back))

    def grow(self, size: int) -> None:
        """Have room for so many nodes."""
        missing = ((0, 0), (0, size - self.to.shape[1]))
        if missing[1][1]:
            self.to, self.back = (np.pad(ways, missing, constant_values=np.nan) for ways in (self.to, self.back))

    def forget(self, nodes: np.ndarray) -> None:
        """Nothing is known of these nodes any more: their numbers will be given to others."""
        self.to[:, nodes] = self.back[:, nodes] = np.nan

    def bounds(self, start: int, goal: int) -> np.ndarray:
        """The least periods (M,) of a way from start to goal by way of each node."""
        used = np.argsort(-self._between(start, goal), kind="stable")[:USED]
        to, back = self.to[used], self.back[used]
        with np.errstate(invalid="ignore"):
            onward = np.fmax(to[:, start, None] - to, back - back[:, start, None])
            rest = np.fmax(to - to[:, goal, None], back[:, goal, None] - back)
        return _most(onward) + _most(rest)

    def _between(self, start: int, goal: int) -> np.ndarray:
        """What each landmark says of the way from start to goal, at least (K,)."""
        with np.errstate(invalid="ignore"):
            way = np.fmax(self.to[:, start] - self.to[:, goal], self.back[:, goal] - self.back[:, start])
        return np.nan_to_num(way, nan=0.0)


def _ways(graph: csr_matrix, node: int) -> tuple[np.ndarray, np.ndarray]:
    """Periods to a node from everywhere, and from there to everywhere."""
    return tuple(dijkstra(moves, indices=node).astype(np.float32) for moves in (graph.T, graph))


def _most(bounds: np.ndarray) -> np.ndarray:
    """The best of several bounds (K, M), at least 0."""
    return np.fmax(np.fmax.reduce(bounds, axis=0), 0.0)
