"""Search in latent space for legal actions that lead to a goal."""

from jepa_ros.planning.costs import Cost, RunningDistance
from jepa_ros.planning.cross_entropy import CrossEntropy
from jepa_ros.planning.plan import Plan
from jepa_ros.planning.planner import Planner, Present
from jepa_ros.planning.pursuit import Outcome, Patience, Pursuit, Step

__all__ = [
    "Cost",
    "CrossEntropy",
    "Outcome",
    "Patience",
    "Plan",
    "Planner",
    "Present",
    "Pursuit",
    "RunningDistance",
    "Step",
]
