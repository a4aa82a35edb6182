"""How far the predicted future is from the goal."""

from __future__ import annotations

from torch import Tensor

from jepa_ros.planning.rollout import Rollout


class RunningDistance:
    """The distance to the goal summed over the horizon: arriving early counts, and so does staying."""

    def __call__(self, rollout: Rollout) -> Tensor:
        return rollout.distances.sum(dim=1)


class TerminalDistance:
    """The distance to the goal at the end of the horizon, whatever happens before."""

    def __call__(self, rollout: Rollout) -> Tensor:
        return rollout.distances[:, -1]
