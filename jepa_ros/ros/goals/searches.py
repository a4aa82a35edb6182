"""How plans are searched for and what they shall cost, as the planner's parameters say."""

from __future__ import annotations

from collections.abc import Mapping

from rclpy.node import Node

from jepa_ros.contract import Limits
from jepa_ros.planning import OPTIMISERS, AsProposed, Goal, Optimiser, Planner, told_states
from jepa_ros.planning.costs import CostError, compose, installed
from jepa_ros.ros.base.parameters import Parameter, value
from jepa_ros.ros.goals.goal_reader import GoalError
from jepa_ros.ros.goals.remedies import CODES
from jepa_ros.world_model import WorldModel
from jepa_ros.world_model.directory import PROPOSAL

HEAVIEST = 1e6
PARAMETERS = (
    Parameter(
        "planner",
        "auto",
        "search for goals that name none: auto, gauss_newton, cem, icem, mppi, gradient, random or proposal; auto is "
        "gauss_newton, or cem where plans shall keep out of regions or the like",
    ),
    Parameter("horizon", 8, "actions that a plan looks ahead", "periods", 1, 64),
    Parameter("candidates", 80, "action sequences tried per iteration of the search", "", 8, 8192),
    Parameter("elites", 6, "best candidates that the next iteration is fitted to; at most candidates", "", 2, 1024),
    Parameter("iterations", 3, "iterations of the search per replan", "", 1, 100),
    Parameter(
        "gauss_newton.iterations", 2, "iterations of that search per replan, with planner gauss_newton", "", 1, 100
    ),
    Parameter("gradient.starts", 8, "action sequences that descend side by side, with planner gradient", "", 1, 1024),
    Parameter("gradient.iterations", 6, "steps that they descend per replan", "", 1, 1000),
    Parameter(
        "engine",
        "auto",
        "how a search predicts: float32, bfloat16, compiled (for large predictors), cuda_graphs, or auto, the quickest "
        "here; gauss_newton, which lives on small differences, has all digits of float32 with any of them",
    ),
    Parameter("cost.running_distance", 1.0, "weight of the distance to the goal, summed over a plan", "", 0, HEAVIEST),
    Parameter("cost.terminal_distance", 0.0, "weight of the distance to the goal at a plan's end", "", 0, HEAVIEST),
    Parameter("cost.smoothness", 0.0, "weight of changes from action to action", "", 0, HEAVIEST),
    Parameter("cost.effort", 0.0, "weight of the actions' size", "", 0, HEAVIEST),
    Parameter("cost.predictability", 0.0, "weight of leaving where the model is right", "", 0, HEAVIEST),
    Parameter("cost.keep_out", 100.0, "weight of every predicted state in a region of keep_out", "", 0, HEAVIEST),
    Parameter(
        "keep_out",
        "",
        "states to stay out of, with a margin for errors of prediction, as YAML: [{box: {state: [low, high]}}, "
        "{ball: {state: centre}, radius: r}]",
    ),
)

#: The parameters that each search is made of.
_NUMBERS = {
    "gauss_newton": ("gauss_newton.iterations",),
    "cem": ("candidates", "elites", "iterations"),
    "icem": ("candidates", "elites", "iterations"),
    "mppi": ("candidates", "iterations"),
    "gradient": ("gradient.starts", "gradient.iterations"),
    "random": ("candidates", "iterations"),
    "proposal": (),
}

#: Costs that change by degrees, whose slopes a search can follow.
_SMOOTH = ("running_distance", "terminal_distance", "smoothness", "effort")

AUTO = "auto"
_ALL = ", ".join(map(repr, (AUTO, *OPTIMISERS)))
_SEARCHING = ", ".join(repr(name) for name, kind in OPTIMISERS.items() if kind is not AsProposed)


def installed_parameters() -> tuple[Parameter, ...]:
    """The weights of costs that other installed packages bring along."""
    return tuple(
        Parameter(f"cost.{name}", 0.0, f"weight of {point.value}", "", 0, HEAVIEST)
        for name, point in sorted(installed().items())
    )


def make_planner(node: Node, model: WorldModel, limits: Limits, name: str = "") -> Planner:
    """The search of this name, or the node's own, with the node's numbers, for a model to predict with.

    ``limits`` may be tighter than the contract's. Raises GoalError naming what is wrong and what is allowed.
    """
    weights = {part: parameter.value for part, parameter in node.get_parameters_by_prefix("cost").items()}
    try:
        cost = compose(weights, model.contract, value(node, "keep_out"), told_states(model))
    except CostError as error:
        raise GoalError(CODES.INVALID_GOAL, f"the planner's parameters: {error}") from error
    horizon = value(node, "horizon")
    try:
        model.architecture.steps(horizon)
    except ValueError as error:
        raise GoalError(CODES.INVALID_GOAL, f"the planner's parameter horizon: {error}") from error
    engine = value(node, "engine")
    try:
        model.by_engine(engine)
    except ValueError as error:
        raise GoalError(CODES.INVALID_GOAL, f"the planner's parameters: {error}") from error
    name = name or value(node, "planner")
    search = _search(node, model, _suited(node, weights) if name == AUTO else name)
    return Planner(limits, horizon, search, cost, engine=engine)


def check_goal(planner: Planner, goal: Goal) -> None:
    """Raise GoalError where nothing would be proposed for a goal, and nothing else searched for."""
    if isinstance(planner.search, AsProposed) and goal.whole is None:
        raise GoalError(
            CODES.INVALID_GOAL,
            "planner 'proposal' with a goal that does not say all that is to be perceived; allowed: a latent, a saved "
            f"goal, an image of the only camera, or planner {_SEARCHING}",
        )


def _suited(node: Node, weights: Mapping[str, float]) -> str:
    """The search that does best with costs of these weights: slopes say nothing of a region until one is in it."""
    others = any(weight and name not in (*_SMOOTH, "keep_out") for name, weight in weights.items())
    regions = weights["keep_out"] and value(node, "keep_out").strip("[] ")
    return "cem" if others or regions else "gauss_newton"


def _search(node: Node, model: WorldModel, name: str) -> Optimiser:
    if name not in OPTIMISERS:
        raise GoalError(CODES.INVALID_GOAL, f"planner {name!r}; allowed: {_ALL}, or empty for the default")
    if OPTIMISERS[name] is AsProposed and model.proposer is None:
        raise GoalError(
            CODES.INVALID_GOAL,
            f"planner {name!r}: model {model.name} has no {PROPOSAL}; train it anew, or choose {_SEARCHING}",
        )
    return OPTIMISERS[name](*(value(node, number) for number in _NUMBERS[name]))
