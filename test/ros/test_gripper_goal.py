"""Only the gripper camera matters: what it alone shall see moves a robot of two cameras there, by a trained model."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from harness.goals import CODES, NEAR, assert_failed, rgb
from harness.robot import CAMERA
from harness.stack import Stack
from harness.two_eyes import GRIPPER, TwoEyedArm, gripper_view, learn_with_two_eyes, top_view

from jepa_ros.ros.client.client import image_goal

SHOULDERS = (-1.4, 1.2)  # rad, far apart

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]  # a busy machine takes minutes to train


@pytest.fixture(scope="session")
def robot_contract(two_cameras):
    return two_cameras(32, 32)


@pytest.fixture(scope="session")
def trained(robot_contract, tmp_path_factory):
    """The directory of a model that has learnt what both cameras see: some 45 s of processor time."""
    folder = tmp_path_factory.mktemp("models") / "two_eyes"
    learn_with_two_eyes(robot_contract).save_pretrained(folder, "# card")
    return folder


@pytest.fixture(scope="module")
def shared(graph, processes, make_robot, robot_contract, trained, tmp_path_factory):
    """A robot with two cameras, and its nodes."""
    memory, contract = tmp_path_factory.mktemp("memory"), trained / "contract.yaml"
    with (
        make_robot(robot_contract, "/eyes", TwoEyedArm()) as robot,
        closing(Stack(graph, processes, "/eyes", contract, trained, memory)) as stack,
    ):
        stack.start_all()
        yield stack, robot


def seen_by(camera, pixels):
    """To have a camera see this, and nothing else."""
    goal = image_goal(rgb(pixels))
    goal.image.header.frame_id = camera
    return goal


@pytest.mark.parametrize("elbow", [-1.3, 0.9])
def test_the_gripper_camera_sees_its_goal_wherever_the_rest_of_the_arm_is(robot, stack, operator, elbow):
    ends = []
    for shoulder in SHOULDERS:
        robot.place(shoulder, -0.2)
        stack.wait_seen()
        ending = operator.move(seen_by("gripper", gripper_view(elbow))).ending()
        assert ending.result.error_code == CODES.NONE, ending.result.error_msg
        robot.wait_at_rest()
        ends.append(robot.position)
    assert np.abs(np.array(ends)[:, 1] - elbow).max() <= NEAR
    assert abs(ends[0][0] - ends[1][0]) > 0.5


def test_an_image_of_the_other_camera_asks_for_what_only_that_one_tells(robot, operator):
    """The model has the gripper camera for the elbow; of what the camera above sees it keeps the shoulder."""
    shoulder = 1.2
    ending = operator.move(seen_by("top", top_view((shoulder, -0.1)))).ending()
    assert ending.result.error_code == CODES.NONE, ending.result.error_msg
    robot.wait_at_rest()
    assert abs(robot.position[0] - shoulder) <= NEAR


@pytest.mark.parametrize("topic", [CAMERA, GRIPPER])
def test_a_robot_that_is_blind_on_one_eye_is_not_moved(robot, operator, topic):
    with robot.silent(topic):
        robot.wait_images(15)
        ending = operator.move(seen_by("gripper", gripper_view(0.9))).ending()
    assert_failed(ending, CODES.NO_OBSERVATION, "world_model/latent")
    assert robot.commands == []
