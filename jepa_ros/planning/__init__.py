"""Search in latent space for legal actions that lead to a goal."""

from jepa_ros.planning.costs import Cost, RunningDistance
from jepa_ros.planning.cross_entropy import CrossEntropy
from jepa_ros.planning.plan import Plan
from jepa_ros.planning.planner import Motion, Planner

__all__ = ["Cost", "CrossEntropy", "Motion", "Plan", "Planner", "RunningDistance"]
