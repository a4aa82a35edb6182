"""Several costs as one."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from jepa_ros.planning.costs.cost import Cost
from jepa_ros.planning.rollout import Rollout


class WeightedSum:
    """The sum of costs, each times its weight; of at least one."""

    def __init__(self, parts: Sequence[tuple[float, Cost]]):
        self.parts = tuple(parts)

    def __call__(self, rollout: Rollout) -> Tensor:
        (first, cost), *others = self.parts
        total = first * cost(rollout)
        for weight, cost in others:
            total = total + weight * cost(rollout)
        return total
