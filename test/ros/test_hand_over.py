"""The far part of a long route, driven by a node that does what Nav2 does, between processes."""

from __future__ import annotations

import math
import shutil
import time
from contextlib import closing

import pytest
from harness.fake_nav2 import FakeNav2
from harness.goals import CODES
from harness.room import CONTRACT, MODEL, NEAR, ScriptedBase, see
from harness.stack import Stack, values

from jepa_ros.ros.client.client import wait_for
from jepa_ros.ros.navigation.hand_over import BROUGHT

HERE, FAR = (1.0, 2.5), (3.4, 3.0)  # a divider and a table lie between
SETTINGS = {"hand_over.topic": "goal_pose", "hand_over.beyond": 1.5, "hand_over.last": 0.6, "hand_over.radius": 0.25}


@pytest.fixture(scope="module")
def pair(graph, processes, tmp_path_factory, room_memory):
    """A base and its nodes, which remember most of the room and may hand over."""
    folder = tmp_path_factory.mktemp("memory")
    shutil.copytree(room_memory, folder / "nav")
    with (
        closing(ScriptedBase(graph, "/nav")) as base,
        closing(Stack(graph, processes, "/nav", CONTRACT, MODEL, folder)) as stack,
    ):
        stack.start("world_model")
        stack.start("planner", **SETTINGS)
        stack.wait_ready()
        yield stack, base


@pytest.fixture
def stack(pair):
    return pair[0]


@pytest.fixture
def base(pair):
    stack, base = pair
    base.place(HERE)
    stack.wait_seen()
    return base


@pytest.fixture
def nav2(graph, stack, base):
    """The navigation stack, as soon as the planner has found it."""
    with closing(FakeNav2(graph, base, "/nav")) as nav2:
        stack.health("planner", lambda status: values(status)["hand-over"] == "ready")
        yield nav2


def test_the_far_part_is_handed_over_and_the_end_driven_by_image(stack, base, nav2):
    sent = stack.operator.move(see(FAR), timeout=40.0)
    wait_for(lambda: nav2.goals, 10.0, "a goal_pose")
    wait_for(lambda: base.commands or sent.done(), 30.0, "a command of the planner")
    assert not nav2.driving
    (goal,) = nav2.goals
    place = goal.pose.position.x, goal.pose.position.y
    assert goal.header.frame_id == "odom"
    assert 0.4 < math.dist(place, FAR) < 1.2
    result = sent.ending().result
    assert result.error_code == CODES.NONE, result.error_msg
    base.wait_at_rest()
    assert math.dist(base.position, FAR) < NEAR
    assert result.steps == len([command for command in base.commands if command[1:] != (0.0, 0.0)])
    phases = [feedback.phase for feedback in sent.feedback]
    assert BROUGHT in phases[0]
    assert BROUGHT not in phases[-1]


def test_a_near_goal_is_not_handed_over(stack, base, nav2):
    there = (1.4, 2.5)
    assert stack.operator.move(see(there), timeout=20.0).ending().result.error_code == CODES.NONE
    assert nav2.goals == []
    assert math.dist(base.position, there) < NEAR


def test_a_cancel_calls_the_navigation_stack_off(stack, base, nav2):
    sent = stack.operator.move(see(FAR), timeout=40.0)
    sent.wait_feedback(3)
    assert nav2.driving
    sent.cancel()
    assert sent.ending().result.error_code == CODES.CANCELED
    assert not nav2.driving
    assert nav2.cancels > 0
    base.wait_at_rest()
    assert math.dist(base.position, FAR) > 1.0
    assert base.commands == []


def test_where_the_navigation_stack_gives_up_the_planner_goes_on_from_there(stack, base, nav2):
    nav2.gives_up_after = 1.0
    result = stack.operator.move(see(FAR), timeout=40.0).ending().result
    assert result.error_code == CODES.NONE, result.error_msg
    assert math.dist(base.position, FAR) < NEAR
    assert result.steps > 5


def test_without_anybody_to_hand_over_to_the_planner_goes_all_the_way(stack, base):
    wait_for(lambda: stack.node.count_subscribers("goal_pose") == 0, 10.0, "nobody listening")
    began = time.monotonic()
    sent = stack.operator.move(see(FAR), timeout=40.0)
    wait_for(lambda: base.commands, 10.0, "a command of the planner")
    assert time.monotonic() - began < 3.0
    assert "nobody listens to goal_pose" in values(stack.health("planner"))["last problem"]
    sent.cancel()
    sent.ending()
