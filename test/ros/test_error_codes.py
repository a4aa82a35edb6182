"""Every error code that an action can end with is asserted by a test on running nodes; the README says which those are.

No node is needed to look.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from jepa_ros_interfaces.action import Explore, MoveToGoal, PlanToGoal

HERE = Path(__file__).parent
README = HERE.parents[1] / "README.md"
ACTIONS = {"move": MoveToGoal, "plan": PlanToGoal, "explore": Explore}
REACHED = {
    ("move", "NONE"): "test_move_to_goal.py::test_a_wide_tolerance_is_reached_sooner",
    ("move", "UNKNOWN"): "test_unforeseen.py::"
    "test_a_cost_that_fails_ends_a_motion_at_rest_and_the_message_says_where_to_look",
    ("move", "INVALID_GOAL"): "test_refused_goals.py::test_a_goal_that_makes_no_sense_is_refused_with_the_reason",
    ("move", "MODEL_MISMATCH"): "test_refused_goals.py::test_a_latent_of_another_model_is_a_mismatch",
    ("move", "NO_OBSERVATION"): "test_silence.py::test_a_motion_ends_within_two_periods_when",
    ("move", "NO_PLAN"): "test_refused_goals.py::test_a_goal_that_no_plan_can_measure_is_no_plan",
    ("move", "TIMED_OUT"): "test_move_to_goal.py::test_a_goal_that_is_not_reached_in_time_ends_so",
    ("move", "CANCELED"): "test_move_to_goal.py::test_a_cancelled_motion_ends_at_rest",
    ("move", "PREEMPTED"): "test_move_to_goal.py::test_a_new_goal_takes_over_from_the_old_one",
    ("move", "SURPRISED"): "test_move_to_goal.py::test_a_world_that_keeps_surprising_ends_a_motion",
    ("move", "STUCK"): "test_move_to_goal.py::test_no_progress_is_stuck",
    ("move", "OUTSIDE_LIMITS"): "test_refused_goals.py::test_a_goal_state_outside_the_limits_is_refused",
    ("plan", "NONE"): "test_plan_to_goal.py::test_a_plan_tells_commands_and_what_they_will_bring",
    ("plan", "UNKNOWN"): "test_unforeseen.py::test_a_cost_that_fails_ends_a_wish_for_a_plan",
    ("plan", "INVALID_GOAL"): "test_refused_goals.py::test_a_goal_that_makes_no_sense_is_refused_with_the_reason",
    ("plan", "MODEL_MISMATCH"): "test_refused_goals.py::test_a_latent_of_another_model_is_a_mismatch",
    ("plan", "NO_OBSERVATION"): "test_silence.py::test_a_goal_is_not_begun_without_observations",
    ("plan", "NO_PLAN"): "test_refused_goals.py::test_a_goal_that_no_plan_can_measure_is_no_plan",
    ("plan", "CANCELED"): "test_plan_to_goal.py::test_planning_can_be_cancelled",
    ("plan", "PREEMPTED"): "test_plan_to_goal.py::test_a_new_wish_for_a_plan_takes_over",
    ("plan", "OUTSIDE_LIMITS"): "test_refused_goals.py::test_a_goal_state_outside_the_limits_is_refused",
    ("explore", "NONE"): "test_explore.py::test_a_robot_explores_until_enough_is_covered",
    ("explore", "UNKNOWN"): "test_unforeseen.py::"
    "test_a_cost_that_fails_ends_an_exploration_at_rest_as_soon_as_it_plans_a_way_back",
    ("explore", "INVALID_GOAL"): "test_explore.py::test_numbers_that_make_no_sense_are_refused",
    ("explore", "NO_OBSERVATION"): "test_explore.py::test_an_exploration_that_sees_nothing_any_more_ends_at_rest",
    ("explore", "TIMED_OUT"): "test_explore.py::test_what_is_not_covered_in_time_is_said",
    ("explore", "CANCELED"): "test_explore.py::test_an_exploration_can_be_cancelled",
    ("explore", "PREEMPTED"): "test_explore.py::test_goals_and_explorations_take_over_from_each_other",
    ("explore", "OUTSIDE_LIMITS"): "test_explore.py::"
    "test_an_exploration_of_a_robot_that_is_found_outside_its_limits_ends_at_rest",
}


@pytest.mark.parametrize(("action", "code"), REACHED, ids=lambda word: word)
def test_a_test_asserts_that(action, code):
    file, name = REACHED[action, code].split("::")
    (path,) = HERE.rglob(file)
    tests = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    (body,) = [ast.unparse(test) for test in tests if test.name == name]
    assert re.search(rf"\boperator\.{action}\b", body)
    assert re.search(rf"\bCODES\.{code}\b", body)


@pytest.mark.parametrize("action", ACTIONS)
def test_the_readme_says_which_codes_an_action_can_end_with(action):
    rows = re.findall(r"^\| (\d+) \| ([A-Z_]+) \| ([a-z, ]+) \|", README.read_text(), re.MULTILINE)
    result = ACTIONS[action].Result
    declared = {name: getattr(result, name) for name in dir(type(result)) if re.fullmatch("[A-Z][A-Z_]+", name)}
    assert {name: int(number) for number, name, _ in rows} == declared
    said = {name for _, name, actions in rows if actions == "all" or action in actions.split(", ")}
    assert said == {code for of, code in REACHED if of == action}
