"""Several goals in one motion, from a client and from the command line; goals as people write them."""

from __future__ import annotations

import signal
import subprocess
import sys

import cv2
import numpy as np
import pytest
from harness.goals import CODES, NEAR, assert_left_safe, see
from harness.places import CONTRACT
from harness.robot import JOINTS

from jepa_ros.ros.client.client import Client, image_goal, named_goal, state_goal, wait_for
from jepa_ros.ros.client.route import follow
from jepa_ros.ros.client.words import picture
from jepa_ros.simulation.arm_drawing import draw_arm

ELBOW = "position.elbow"
BY, END = (-0.4, 0.2), (-1.2, 1.0)


@pytest.fixture(scope="module")
def client(shared, contract):
    stack, _ = shared
    with Client(contract, stack.namespace, "route_client") as client:
        client.wait_until_ready()
        yield client


@pytest.fixture
def photograph(tmp_path):
    """Gives the file of what a camera sees of the arm at a pose."""

    def make(position, name="photo.jpg"):
        pixels = draw_arm(np.asarray(position, float), (480, 640))
        assert cv2.imwrite(str(tmp_path / name), pixels[..., ::-1])
        return tmp_path / name

    return make


def test_the_file_of_a_picture_is_a_goal(robot, client, photograph):
    assert follow(client, [image_goal(picture(photograph(BY, "photo.png")))]).reached
    robot.wait_at_rest()
    assert np.abs(robot.position - BY).max() <= NEAR


def test_a_goal_of_one_joint_is_reached_and_leaves_the_other_free(robot, client):
    assert follow(client, [state_goal([ELBOW], [0.3])]).reached
    robot.wait_at_rest()
    assert abs(robot.position[1] - 0.3) <= 0.05


def test_a_route_is_one_motion_to_rest_at_its_end(robot, client):
    speeds, numbers = [], []

    def spy(state):
        speeds.append((len(numbers), np.abs(state.velocity).max()))
        return state

    with robot.changing(JOINTS, spy):
        arrival = follow(client, [see(*BY), see(*END)], on_feedback=lambda number, feedback: numbers.append(number))
    assert arrival.reached
    assert arrival.number == 2
    assert_left_safe(robot)
    assert np.abs(robot.position - END).max() <= NEAR
    change = numbers.index(2)
    assert min(speed for heard, speed in speeds if change - 1 <= heard <= change + 2) > 0.3


def test_a_route_ends_with_the_first_goal_that_is_missed(robot, client):
    arrival = follow(client, [see(*BY), named_goal("nowhere"), see(*END)])
    assert not arrival.reached
    assert arrival.number == 2
    assert arrival.ending.result.error_code == CODES.INVALID_GOAL
    assert_left_safe(robot)


def test_a_route_without_goals_is_refused(client):
    with pytest.raises(ValueError, match="one or more"):
        follow(client, [])


def test_the_command_line_moves_the_robot_through_goals(stack, robot, photograph):
    with moving(stack, photograph(BY), f"{ELBOW}=0.9,position.shoulder=-1.1") as process:
        told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "photo.jpg (1/2) passed" in told
    assert "(2/2) reached" in told
    robot.wait_at_rest()
    assert np.abs(robot.position - (-1.1, 0.9)).max() <= NEAR


def test_the_command_line_says_which_goal_was_missed_and_why(stack, robot):
    with moving(stack, "nowhere") as process:
        told, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "nowhere (1/1) no goal named 'nowhere'" in told


def test_who_interrupts_the_command_line_stops_the_robot(stack, robot):
    with moving(stack, f"{ELBOW}=2.0") as process:
        wait_for(lambda: len(robot.commands) > 3, 30.0, "a moving robot")
        process.send_signal(signal.SIGTERM)  # as Ctrl-C, which who starts tests may have turned off
        assert process.wait(timeout=20) == 130
    assert_left_safe(robot)
    assert robot.position[1] < 1.5


def moving(stack, *goals):
    """The command line at work."""
    options = ("--contract", CONTRACT, "--namespace", stack.namespace)
    return subprocess.Popen(
        [sys.executable, "-m", "jepa_ros", "move", *map(str, (*goals, *options))],
        stdout=subprocess.PIPE,
        text=True,
        env={**stack.processes.environment, "COLUMNS": "500"},
    )
