"""What makes one predicted future better than another: small siblings, each a callable of the same shape."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class Cost(Protocol):
    """Scores candidate futures; lower is better."""

    def __call__(self, distances: Tensor, actions: Tensor) -> Tensor:
        """Distances to the goal (B, H) and the actions (B, H, A) → costs (B,)."""


class RunningDistance:
    """The distance to the goal summed over the horizon: arriving early counts, and so does staying."""

    def __call__(self, distances: Tensor, actions: Tensor) -> Tensor:
        return distances.sum(dim=1)
