"""A cost of a user's own that fails in mid-motion is nobody's fault here, and ends as it should all the same."""

from __future__ import annotations

import pytest
from harness.goals import CODES, assert_failed, assert_left_safe, assert_reached, see
from harness.packages import install_cost
from harness.places import HOME

THERE = (0.9, -0.1)
FAR = (-1.6, 1.6)
PATIENCE = 60.0  # s in which an exploration turns back once
MOODY = """
class Moodiness:
    def __init__(self, contract):
        self.calls = 0

    def __call__(self, rollout):
        self.calls += 1
        if self.calls > 20:
            raise RuntimeError("in no mood")
        return rollout.distances.sum(dim=1)
"""


@pytest.fixture(scope="module")
def pair(start, processes, tmp_path_factory):
    """Nodes among whose packages is one with a cost."""
    site = install_cost(tmp_path_factory.mktemp("packages"), "moody_costs", "moodiness", "Moodiness", MOODY)
    stack, robot = start("/moody")
    processes.environment["PYTHONPATH"] = str(site)
    stack.start_all()
    del processes.environment["PYTHONPATH"]
    return stack, robot


def test_a_cost_that_fails_ends_a_motion_at_rest_and_the_message_says_where_to_look(pair):
    stack, robot = pair
    robot.place(*HOME)
    assert stack.set("planner", "cost.moodiness", 1.0) == ""
    sent = stack.operator.move(see(*FAR))
    sent.wait_feedback(3)
    assert_failed(sent.ending(), CODES.UNKNOWN, "RuntimeError: in no mood", "the node's log has the traceback")
    assert_left_safe(robot)
    assert "moody_costs.py" in stack.log("planner")


def test_a_cost_that_fails_ends_a_wish_for_a_plan(pair):
    stack, robot = pair
    assert stack.set("planner", "cost.moodiness", 1.0) == ""
    assert_failed(stack.operator.plan(see(*FAR), 5.0).ending(), CODES.UNKNOWN, "in no mood")
    assert robot.commands == []


def test_a_cost_that_fails_ends_an_exploration_at_rest_as_soon_as_it_plans_a_way_back(pair):
    stack, robot = pair
    robot.place(*HOME)
    assert stack.set("planner", "cost.moodiness", 1.0) == ""
    sent = stack.operator.explore(coverage=1.0, timeout=PATIENCE)
    assert_failed(sent.ending(PATIENCE), CODES.UNKNOWN, "RuntimeError: in no mood")
    assert_left_safe(robot)


def test_without_that_cost_the_same_node_reaches_a_goal(pair):
    stack, robot = pair
    assert stack.set("planner", "cost.moodiness", 0.0) == ""
    assert_reached(stack.operator.move(see(*THERE)).ending(), robot, THERE)
