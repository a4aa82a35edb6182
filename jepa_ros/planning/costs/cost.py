"""What every cost answers to."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from jepa_ros.planning.rollout import Rollout


class CostError(ValueError):
    """A cost that can't be had. The message says which, why, and what is allowed."""


class Cost(Protocol):
    """Scores candidate futures; lower is better.

    For gradient descent it must be differentiable, and a candidate's cost must depend on that candidate alone.
    """

    def __call__(self, rollout: Rollout) -> Tensor:
        """Candidates with what they lead to → costs (B,)."""
