"""Search in latent space for legal actions that lead to a goal."""

from jepa_ros.planning.as_proposed import AsProposed
from jepa_ros.planning.costs import Cost, RunningDistance
from jepa_ros.planning.cross_entropy import CrossEntropy
from jepa_ros.planning.foresight import delay, look_ahead
from jepa_ros.planning.gauss_newton import GaussNewton
from jepa_ros.planning.goals import Goal, LatentGoal, StateGoal
from jepa_ros.planning.gradient import GradientDescent
from jepa_ros.planning.guide import Aim, Guide, Straight
from jepa_ros.planning.icem import ImprovedCrossEntropy
from jepa_ros.planning.moment import Moment
from jepa_ros.planning.mppi import PathIntegral
from jepa_ros.planning.optimiser import Optimiser
from jepa_ros.planning.optimisers import OPTIMISERS
from jepa_ros.planning.plan import Plan
from jepa_ros.planning.planner import Planner
from jepa_ros.planning.pursuit import Outcome, Patience, Pursuit, Step
from jepa_ros.planning.random_shooting import RandomShooting
from jepa_ros.planning.rollout import Present, Rollout
from jepa_ros.planning.told import told_states
from jepa_ros.planning.undertaking import Undertaking

__all__ = [
    "OPTIMISERS",
    "Aim",
    "AsProposed",
    "Cost",
    "CrossEntropy",
    "GaussNewton",
    "Goal",
    "GradientDescent",
    "Guide",
    "ImprovedCrossEntropy",
    "LatentGoal",
    "Moment",
    "Optimiser",
    "Outcome",
    "PathIntegral",
    "Patience",
    "Plan",
    "Planner",
    "Present",
    "Pursuit",
    "RandomShooting",
    "Rollout",
    "RunningDistance",
    "StateGoal",
    "Step",
    "Straight",
    "Undertaking",
    "delay",
    "look_ahead",
    "told_states",
]
