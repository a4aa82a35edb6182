"""What was perceived of late: a stream's newest latent, and those one, two, … steps of the model before it."""

from __future__ import annotations

from collections import deque

import torch
from torch import Tensor

from jepa_ros.world_model.world_model import WorldModel

SLACK = 0.25  # of a period: how far from whole steps apart two latents may lie and still count as that


class Past:
    """Keeps as much of a stream of latents as a model needs to look back.

    Stamps may come at any rate. A clock that jumps back forgets everything; what lies behind a gap is not looked at.
    """

    def __init__(self, model: WorldModel):
        self.history = model.architecture.history
        period_ns = model.contract.period * 1e9
        self._step_ns, self._slack_ns = model.architecture.action_block * period_ns, SLACK * period_ns
        self._kept: deque[tuple[int, Tensor]] = deque()

    def add(self, stamp_ns: int, latent: Tensor) -> None:
        """Take in the newest latent (1, N, D)."""
        if self._kept and self._kept[-1][0] >= stamp_ns:
            self._kept.clear()
        oldest = stamp_ns - self.history * self._step_ns - self._slack_ns
        while self._kept and self._kept[0][0] < oldest:
            self._kept.popleft()
        self._kept.append((stamp_ns, latent))

    def context(self) -> Tensor:
        """The newest latent and up to K - 1 before it, one step apart, oldest first (1, ≤ K, N, D).

        Raises ValueError where nothing has come in yet.
        """
        if not self._kept:
            raise ValueError("nothing has been perceived yet")
        return _stacked([self._kept[-1], *self._before(self.history - 1)])

    def before(self) -> tuple[int, Tensor] | None:
        """What the newest latent is predicted from: the stamp of one step ago, and the whole context (1, K, N, D) then.

        None where some part of it is missing.
        """
        found = self._before(self.history)
        return (found[0][0], _stacked(found)) if len(found) == self.history else None

    def _before(self, count: int) -> list[tuple[int, Tensor]]:
        """Up to ``count`` latents before the newest, one step apart, the newest of them first; no more after a gap."""
        found: list[tuple[int, Tensor]] = []
        for step in range(1, count + 1):
            wanted = self._kept[-1][0] - step * self._step_ns if self._kept else 0
            nearest = min(self._kept, key=lambda item: abs(item[0] - wanted), default=None)
            if nearest is None or abs(nearest[0] - wanted) > self._slack_ns:
                return found
            found.append(nearest)
        return found


def _stacked(newest_first: list[tuple[int, Tensor]]) -> Tensor:
    return torch.stack([latent for _, latent in reversed(newest_first)], dim=1)
