"""Where in memory the robot is, when several places look alike: a belief that follows the stream."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from torch import Tensor

from jepa_ros.memory.memory import Memory
from jepa_ros.memory.table import NOWHERE
from jepa_ros.memory.trail import GAP, SLACK
from jepa_ros.world_model import WorldModel

CANDIDATES = 16  # nodes that are thought possible
LOST = 1e-3  # how likely a place is that no known move leads to, against one that the robot was thought to be at


class Whereabouts(NamedTuple):
    """What is believed of where the robot is.

    ``node`` is the likeliest, ``distance`` the model's from what is seen there to what is seen now, ``sure`` the share
    of belief, in [0, 1], of that node and those up to two moves from it. ``nodes`` (K,) are all that are possible, the
    likeliest first, with their ``shares`` (K,) of belief.
    """

    node: int
    distance: float
    sure: float
    nodes: np.ndarray
    shares: np.ndarray


class Localiser:
    """Keeps a belief over a memory's nodes along a stream of latents.

    A node is as likely as what is seen resembles it, times how likely the likeliest node was from which known moves
    lead there in the time that passed: the most probable path of a hidden Markov model.

    Source: A. Viterbi, "Error Bounds for Convolutional Codes", 1967.
    """

    def __init__(self, memory: Memory, model: WorldModel):
        self._memory, self._model = memory, model
        self._period_ns = model.contract.period * 1e9
        self._stamp_ns: int | None = None
        self._nodes, self._shares = np.empty(0, np.int64), np.empty(0)

    def observe(self, stamp_ns: int, latent: Tensor) -> Whereabouts | None:
        """Take in what is seen now (N, D); None where nothing is remembered.

        A gap, or a clock that jumps back, leaves nothing of what was believed.
        """
        reached, before = self._reached(stamp_ns)
        near = self._memory.locate(latent, CANDIDATES)
        nodes = np.union1d(reached, np.array([node for node, _ in near], np.int64))
        self._stamp_ns = stamp_ns
        if not len(nodes):
            return None
        distances = self._distances(nodes, latent)
        weights = np.full(len(nodes), LOST)
        weights[np.searchsorted(nodes, reached)] += before
        weights *= np.exp(-0.5 * ((distances - distances.min()) / self._model.calibration.tolerance) ** 2)
        likeliest = np.argsort(-weights, kind="stable")[:CANDIDATES]
        self._nodes, self._shares = nodes[likeliest], weights[likeliest] / weights[likeliest].sum()
        sure = float(self._shares[self._close()].sum())
        return Whereabouts(int(self._nodes[0]), float(distances[likeliest[0]]), sure, self._nodes, self._shares)

    def _reached(self, stamp_ns: int) -> tuple[np.ndarray, np.ndarray]:
        """The nodes (R,), ascending, that the robot may have got to, and the share (R,) of the likeliest one before."""
        periods = math.inf if self._stamp_ns is None else (stamp_ns - self._stamp_ns) / self._period_ns
        if not 0 < periods <= GAP:
            return np.empty(0, np.int64), np.empty(0)
        nodes, shares = self._nodes, self._shares
        for _ in range(math.ceil(periods - SLACK)):
            ends = self._memory.ends(nodes)
            nodes, shares = np.append(nodes, ends), np.append(shares, np.repeat(shares, ends.shape[1]))
            nodes, shares = _likeliest(nodes[nodes != NOWHERE], shares[nodes != NOWHERE])
        return nodes, shares

    def _distances(self, nodes: np.ndarray, latent: Tensor) -> np.ndarray:
        latent = latent.detach().cpu()
        return self._model.distance(self._memory.latents[nodes].unflatten(1, latent.shape), latent).numpy()

    def _close(self) -> np.ndarray:
        """Which of the possible nodes (K,) are the likeliest one, or at most two moves from or to it."""
        best, once = self._nodes[0], self._memory.ends(self._nodes)
        twice = self._memory.ends(once.ravel()).reshape(len(once), -1)
        moves = np.concatenate([self._nodes[:, None], once, twice], axis=1)
        return (moves == best).any(axis=1) | np.isin(self._nodes, moves[0])


def _likeliest(nodes: np.ndarray, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each node once, ascending, with its largest share."""
    order = np.lexsort((-shares, nodes))
    nodes, first = np.unique(nodes[order], return_index=True)
    return nodes, shares[order][first]
