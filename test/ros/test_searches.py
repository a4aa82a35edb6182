from __future__ import annotations

import pytest
from harness.goals import CODES, assert_failed, assert_reached, be, see
from harness.places import HOME
from rclpy.parameter import Parameter

from jepa_ros.paths import shipped
from jepa_ros.planning import OPTIMISERS, AsProposed, CrossEntropy, GaussNewton, GradientDescent
from jepa_ros.ros.base.parameters import declare
from jepa_ros.ros.goals import searches
from jepa_ros.ros.goals.goal_reader import GoalError
from jepa_ros.ros.goals.searches import make_planner
from jepa_ros.world_model import WorldModel

THERE = (0.9, -0.1)
SEARCHING = [name for name, kind in OPTIMISERS.items() if kind is not AsProposed]
REGION = "[{box: {position.shoulder: [1.5, 2.0]}}]"


@pytest.fixture
def node(graph):
    node = graph.node("searcher")
    declare(node, searches.PARAMETERS)
    yield node
    graph.remove(node)


def set_to(node, **values):
    for name, value in values.items():
        assert node.set_parameters([Parameter(name.replace("__", "."), value=value)])[0].successful


@pytest.mark.parametrize("name", SEARCHING)
def test_every_search_has_its_name_and_its_numbers(node, contract, model, name):
    set_to(node, candidates=64, iterations=5, gauss_newton__iterations=5, gradient__starts=64, gradient__iterations=5)
    search = make_planner(node, model, contract.limits, name).search
    assert isinstance(search, OPTIMISERS[name])
    assert search.iterations == 5
    if name != "gauss_newton":
        assert (search.starts if name == "gradient" else search.candidates) == 64


def test_a_goal_without_a_wish_gets_the_nodes_search(node, contract, model):
    set_to(node, planner="gradient")
    assert isinstance(make_planner(node, model, contract.limits).search, GradientDescent)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({}, GaussNewton),
        ({"cost__effort": 1.0}, GaussNewton),
        ({"keep_out": REGION}, CrossEntropy),
        ({"keep_out": REGION, "cost__keep_out": 0.0}, GaussNewton),
        ({"cost__predictability": 1.0}, CrossEntropy),
    ],
)
def test_the_nodes_search_suits_its_costs(node, contract, model, values, kind):
    set_to(node, **values)
    assert isinstance(make_planner(node, model, contract.limits).search, kind)


def test_costs_are_those_that_have_a_weight(node, contract, model):
    set_to(node, cost__running_distance=0.0, cost__terminal_distance=2.0, keep_out=REGION)
    weights = [weight for weight, _ in make_planner(node, model, contract.limits).cost.parts]
    assert weights == [100.0, 2.0] or weights == [2.0, 100.0]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (
            {"planner": "magic"},
            "planner 'magic'; allowed: 'auto', 'gauss_newton', 'cem', 'icem', 'mppi', 'gradient', 'random', 'proposal'",
        ),
        ({"engine": "warp"}, "engine 'warp'; allowed: 'auto', 'float32', 'bfloat16', 'compiled', 'cuda_graphs'"),
        ({"keep_out": "[{box: {position.knee: [0, 1]}}]"}, "position.knee"),
        ({"cost__running_distance": 0.0, "cost__keep_out": 0.0}, "at least one of"),
    ],
)
def test_parameters_that_make_no_planner_are_refused_with_what_is_allowed(node, contract, model, values, reason):
    set_to(node, **values)
    with pytest.raises(GoalError, match=reason) as error:
        make_planner(node, model, contract.limits)
    assert error.value.code == CODES.INVALID_GOAL


def test_a_region_of_what_the_model_can_not_tell_is_refused_with_what_it_can(node):
    tank = WorldModel.from_pretrained(shipped("models/process"))
    set_to(node, keep_out="[{box: {drain_flow: [0.0, 1.0]}}]")
    with pytest.raises(GoalError, match=r"'drain_flow', which nothing tells ahead; allowed: .*tank_level"):
        make_planner(node, tank, tank.contract.limits)


def test_proposals_of_a_model_that_makes_none_are_refused_with_what_is_allowed(node, contract):
    silent = WorldModel.from_pretrained(shipped("models/planar_arm"))
    silent.proposer = None
    set_to(node, planner="proposal")
    with pytest.raises(
        GoalError, match=r"no proposal.safetensors; train it anew, or choose 'gauss_newton', .*, 'random'$"
    ):
        make_planner(node, silent, contract.limits)


@pytest.fixture(scope="module")
def as_proposed(start):
    """A robot whose planner asks for no more than proposals by default.

    Surprise ends none of its motions: a busy machine brings some about, and this is not about them.
    """
    stack, robot = start("/proposing")
    stack.start("world_model")
    stack.start("planner", planner="proposal", surprised_after=60.0)
    stack.wait_ready()
    return stack, robot


def test_goals_are_reached_as_proposed(as_proposed):
    stack, robot = as_proposed
    for goal in ((-1.2, 1.0), (1.5, -1.4), THERE):
        assert_reached(stack.operator.move(see(*goal)).ending(), robot, goal)
    plan = stack.operator.plan(see(*HOME), 0.5).ending().result
    assert plan.error_code == CODES.NONE
    assert plan.final_distance < plan.start_distance


def test_a_goal_for_which_nothing_can_be_proposed_is_refused_unless_it_is_searched_for(as_proposed):
    stack, robot = as_proposed
    words = ("planner 'proposal'", "all that is to be perceived", "allowed", "'cem'")
    assert_failed(stack.operator.move(be(*THERE)).ending(), CODES.INVALID_GOAL, *words)
    assert_failed(stack.operator.plan(be(*THERE)).ending(), CODES.INVALID_GOAL, *words)
    assert_reached(stack.operator.move(be(*HOME), planner="cem").ending(), robot, HOME)


def test_a_planner_whose_parameters_make_none_stays_unconfigured_and_says_why(start):
    stack, _ = start("/wrong")
    stack.start("planner", planner="magic")
    stack.wait_log("planner", "can't configure: planner 'magic'; allowed: 'auto', 'gauss_newton', 'cem'")
    assert stack.state("planner") == "unconfigured"
