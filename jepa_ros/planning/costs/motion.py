"""How much is asked of the robot."""

from __future__ import annotations

import torch
from torch import Tensor

from jepa_ros.planning.rollout import Rollout


class Effort:
    """The squares of all actions, summed; each action counted in halves of its range.

    Meant for velocities, forces and other commands of which 0 is rest.
    """

    def __call__(self, rollout: Rollout) -> Tensor:
        return (rollout.actions / rollout.unit).square().sum(dim=(1, 2))


class Smoothness:
    """The squares of all changes from one action to the next, summed; each action counted in halves of its range.

    The first change is that from the command in force.
    """

    def __call__(self, rollout: Rollout) -> Tensor:
        start = rollout.present.command.expand_as(rollout.actions[:, :1])
        changes = torch.cat([start, rollout.actions], dim=1).diff(dim=1)
        return (changes / rollout.unit).square().sum(dim=(1, 2))
