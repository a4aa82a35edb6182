"""While a robot moves: late images are led on to the present, and what is less sure is done more slowly."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import pytest
from harness.flood import flooding
from harness.goals import assert_reached, see
from harness.places import HOME
from harness.robot import CAMERA, JOINTS

from jepa_ros.evaluation.legality import path
from jepa_ros_interfaces.msg import Surprise

FAR = (-1.6, 1.6)
LATE = 6  # images: 200 ms
OVER = 0.1  # rad beyond the goal


@pytest.fixture(autouse=True)
def _calm(stack):
    """Surprise ends no motion: a busy machine brings some about, and this is not about them."""
    with stack.setting("planner", surprised_after=60.0):
        yield


def test_with_late_images_a_goal_is_reached_without_swinging_past_it(robot, operator):
    waiting: deque[Any] = deque()
    places: list[Any] = []

    def late(image):
        waiting.append(image)
        return waiting.popleft() if len(waiting) > LATE else None

    def note(state):
        places.append(state.position[:2])
        return state

    with robot.changing(CAMERA, late), robot.changing(JOINTS, note):
        robot.wait_images(2 * LATE)
        assert_reached(operator.move(see(*FAR)).ending(), robot, FAR)
    beyond = (np.array(places) - FAR) * np.sign(np.subtract(FAR, places[0]))
    assert beyond.max() < OVER


def speeds(robot) -> np.ndarray:
    """The largest speed (rad/s) of every command."""
    return np.array([np.abs(path(command.message).velocities).max() for command in robot.commands])


def test_the_less_the_world_is_as_predicted_the_slower_the_robot_moves(stack, robot, operator, model):
    assert_reached(operator.move(see(*FAR)).ending(), robot, FAR)
    fast = np.median(speeds(robot))
    robot.commands.clear()
    robot.place(*HOME)
    stack.wait_seen()
    doubt = Surprise(model=model.name, error=1.0, p_value=0.001, anomalous=False)
    with flooding(stack, "world_model/surprise", doubt):
        assert_reached(operator.move(see(*FAR)).ending(), robot, FAR)
    assert np.median(speeds(robot)) < 0.6 * fast
