"""What makes one predicted future better than another: small siblings, each a callable of the same shape."""

from jepa_ros.planning.costs.composition import GROUP, compose, installed
from jepa_ros.planning.costs.cost import Cost, CostError
from jepa_ros.planning.costs.distances import RunningDistance, TerminalDistance
from jepa_ros.planning.costs.keep_out import KeepOut
from jepa_ros.planning.costs.motion import Effort, Smoothness
from jepa_ros.planning.costs.predictability import Predictability
from jepa_ros.planning.costs.regions import Ball, Box
from jepa_ros.planning.costs.weighted import WeightedSum

__all__ = [
    "GROUP",
    "Ball",
    "Box",
    "Cost",
    "CostError",
    "Effort",
    "KeepOut",
    "Predictability",
    "RunningDistance",
    "Smoothness",
    "TerminalDistance",
    "WeightedSum",
    "compose",
    "installed",
]
