"""What makes one predicted future better than another: small siblings, each a callable of the same shape."""

from jepa_ros.planning.costs.cost import Cost
from jepa_ros.planning.costs.distances import RunningDistance, TerminalDistance

__all__ = ["Cost", "RunningDistance", "TerminalDistance"]
