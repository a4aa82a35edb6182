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

    Predicted states are exact where the contract says which command moves them, as long as nothing is in the way.
    Others are read from predicted latents. Of the shipped model of the furnished room these were off, on unseen motion
    in its room, by 0.015 m after one period of 0.2 s, 0.06 m after four and 0.11 m after eight (medians; one in twenty
    by 0.08, 0.17 and 0.30 m), and plans are renewed every period.

    Raises CostError for regions of states that this robot doesn't measure.
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
