"""Where the robot should not go."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from jepa_ros.contract import Contract
from jepa_ros.planning.costs.regions import Region, check_region
from jepa_ros.planning.rollout import Rollout


class KeepOut:
    """Regions of the state space to stay out of: 1 to 2 for every predicted state inside, more the deeper it lies.

    A cost, no limit: with a weight well above the distances it outweighs any short cut, but it sees states at the ends
    of periods only, so a path may cut a corner by up to half the way of one period. Choose regions that much larger.

    Raises CostError for regions that this robot's states can't tell.
    """

    def __init__(self, regions: Sequence[Region], contract: Contract):
        for region in regions:
            check_region(region, contract)
        self.regions = [(region, [contract.state_names.index(name) for name in region.names]) for region in regions]

    def __call__(self, rollout: Rollout) -> Tensor:
        cost = torch.zeros_like(rollout.actions[..., 0])
        for region, index in self.regions:
            depth = region.depth(rollout.states[..., index])
            # Not a number, where nobody knows the state, stays so: such a plan is no plan.
            cost = cost + torch.where(depth <= 0.0, 0.0, 1.0 + depth)
        return cost.sum(dim=1)
