"""How far the predicted future is from the goal."""

from __future__ import annotations

from torch import Tensor

from jepa_ros.planning.rollout import Rollout


class RunningDistance:
    """The distance to the goal summed over the horizon: arriving early counts, and so does staying.

    Where a step of the model is several periods long, its distance counts for each of them.
    """

    def __call__(self, rollout: Rollout) -> Tensor:
        block = rollout.actions.shape[1] // rollout.distances.shape[1]
        return block * rollout.distances.sum(dim=1)


class TerminalDistance:
    """The distance to the goal at the end of the horizon, whatever happens before."""

    def __call__(self, rollout: Rollout) -> Tensor:
        return rollout.distances[:, -1]
