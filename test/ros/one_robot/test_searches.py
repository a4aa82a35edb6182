"""A goal may ask for a search, and gets costs as they are set when it begins."""

from __future__ import annotations

import pytest
from harness.goals import CODES, assert_failed, assert_reached, see

from jepa_ros.planning import OPTIMISERS

THERE = (0.9, -0.1)
ARRIVING = [name for name in OPTIMISERS if name not in ("proposal", "random")]  # random may end beside the goal


@pytest.mark.parametrize("name", ARRIVING)
def test_a_goal_is_reached_by_whichever_search_it_asks_for(robot, operator, name):
    assert_reached(operator.move(see(*THERE), planner=name).ending(), robot, THERE)


def test_a_region_set_while_the_planner_runs_counts_from_the_next_goal_on(stack, robot, operator):
    with stack.setting("planner", keep_out="[{cone: {}}]"):
        assert_failed(operator.move(see(*THERE)).ending(), CODES.INVALID_GOAL, "keep_out", "allowed")
    assert_reached(operator.move(see(*THERE)).ending(), robot, THERE)
