from __future__ import annotations

from array import array
from itertools import product

import numpy as np
import pytest
import torch
from harness.goals import CODES, assert_failed, assert_left_safe, assert_reached, be, feel, image_at, see
from harness.robot import JOINTS
from safetensors.torch import save_file
from sensor_msgs.msg import Image

from jepa_ros.ros.client.client import image_goal, named_goal, state_goal
from jepa_ros.ros.goals.remedies import BRING_BACK
from jepa_ros_interfaces.msg import Goal, LatentState
from jepa_ros_interfaces.srv import EncodeImage

NAN, INF = float("nan"), float("inf")
THERE = (0.9, -0.1)


def cut(image: Image) -> Image:
    image.data = image.data[:1000]
    return image


def narrow(image: Image) -> Image:
    image.step = 3
    return image


def renamed(image: Image) -> Image:
    image.encoding = "32FC1"
    return image


GOALS = {
    "an image that is empty": (image_goal(Image()), "encoding"),
    "an image without pixels": (image_goal(Image(encoding="rgb8")), "0x0"),
    "an image that was cut off": (image_goal(cut(image_at(THERE))), "1000 bytes"),
    "an image with a wrong step": (image_goal(narrow(image_at(THERE))), "step 3"),
    "an image of an unknown encoding": (image_goal(renamed(image_at(THERE))), "32FC1"),
    "a name that nobody saved": (named_goal("nowhere"), "nowhere"),
    "an empty name": (named_goal(""), "no goal named ''"),
    "a name that leads elsewhere": (named_goal("../../etc/passwd"), "no goal named"),
    "a state of other names": (state_goal(["position.knee", "position.elbow"], THERE), "position.knee"),
    "a state that the robot has not got": (state_goal(["position.elbow", "elbow"], THERE), "position.shoulder"),
    "a state with a name twice": (state_goal(["position.elbow"] * 2, THERE), "one value for each"),
    "a state with a value too many": (state_goal(["position.shoulder", "position.elbow"], [0.0] * 3), "3 values"),
    "a state without values": (state_goal([], []), "no names"),
    "a state that is not a number": (be(NAN, 0.0), "position.shoulder is nan; allowed: finite numbers"),
    "a state that is infinite": (be(0.0, INF), "position.elbow is inf; allowed: finite numbers"),
    "a goal of no known kind": (Goal(kind=9), "kind 9"),
}


@pytest.mark.parametrize(("goal", "word"), GOALS.values(), ids=GOALS)
def test_a_goal_that_makes_no_sense_is_refused_with_the_reason(robot, operator, goal, word):
    assert_failed(operator.move(goal).ending(), CODES.INVALID_GOAL, word)
    assert_failed(operator.plan(goal).ending(), CODES.INVALID_GOAL, word)
    assert robot.commands == []


WISHES = {
    "a negative tolerance": ({"tolerance": -0.1}, "tolerance"),
    "a tolerance that is not a number": ({"tolerance": NAN}, "tolerance"),
    "an infinite tolerance": ({"tolerance": INF}, "tolerance"),
    "a negative speed": ({"speed_scale": -0.5}, "speed_scale"),
    "more than full speed": ({"speed_scale": 1.5}, "speed_scale"),
    "a speed that is not a number": ({"speed_scale": NAN}, "speed_scale"),
    "an unknown planner": ({"planner": "wish"}, "'cem'"),
}


@pytest.mark.parametrize(("wish", "word"), WISHES.values(), ids=WISHES)
def test_a_wish_that_makes_no_sense_is_refused_with_what_is_allowed(robot, operator, wish, word):
    assert_failed(operator.move(see(*THERE), **wish).ending(), CODES.INVALID_GOAL, word, "allowed")
    assert robot.commands == []


def test_negative_times_are_refused(robot, operator):
    assert_failed(operator.move(see(*THERE), timeout=-1.0).ending(), CODES.INVALID_GOAL, "timeout")
    assert_failed(operator.plan(see(*THERE), time_budget=-0.5).ending(), CODES.INVALID_GOAL, "time_budget")
    assert robot.commands == []


@pytest.fixture
def latent(operator) -> LatentState:
    """The latent of a good goal."""
    return operator.call(EncodeImage, "world_model/encode_image", image=image_at(THERE)).latent


def test_a_latent_of_another_model_is_a_mismatch(robot, operator, latent):
    latent.model = "planar_arm@00000000"
    for send in (operator.move, operator.plan):
        assert_failed(send(feel(latent)).ending(), CODES.MODEL_MISMATCH, "00000000")
    assert robot.commands == []


def test_a_latent_of_no_model_is_a_mismatch(robot, operator):
    assert_failed(operator.move(Goal(kind=Goal.LATENT)).ending(), CODES.MODEL_MISMATCH, "unknown")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda latent: setattr(latent, "data", latent.data[:-1]),
        lambda latent: setattr(latent, "data", array("f")),
        lambda latent: setattr(latent, "dim", 8),
        lambda latent: setattr(latent, "tokens", 2),
        lambda latent: latent.data.__setitem__(0, NAN),
        lambda latent: latent.data.__setitem__(3, INF),
    ],
    ids=["short", "empty", "of other width", "of more tokens", "not a number", "infinite"],
)
def test_a_latent_that_is_none_is_refused(robot, operator, latent, spoil):
    spoil(latent)
    assert_failed(operator.move(feel(latent)).ending(), CODES.INVALID_GOAL, "latent")
    assert robot.commands == []


def test_a_goal_that_no_plan_can_measure_is_no_plan(robot, operator, latent):
    latent.data = array("f", [3e38] * len(latent.data))
    for send in (operator.move, operator.plan):
        assert_failed(send(feel(latent)).ending(), CODES.NO_PLAN, "finite")
    assert robot.commands == []


def test_a_goal_state_outside_the_limits_is_refused(robot, operator):
    for send, goal in product((operator.move, operator.plan), (be(0.0, 2.7), state_goal(["position.elbow"], [2.7]))):
        ending = send(goal).ending()
        assert_failed(ending, CODES.OUTSIDE_LIMITS, "position.elbow", "2.700", "-2.6 to 2.6")
    assert robot.commands == []


def test_a_robot_outside_its_limits_is_not_moved(robot, operator):
    def beyond(state):
        state.position[1] = 3.0
        return state

    with robot.changing(JOINTS, beyond):
        robot.wait_images(3)
        for send in (operator.move, operator.plan):
            ending = send(see(*THERE)).ending()
            assert_failed(ending, CODES.OUTSIDE_LIMITS, "the robot", "position.elbow", "3.000", remedy=BRING_BACK)
    assert robot.commands == []


def test_a_robot_that_is_found_outside_its_limits_while_it_moves_is_stopped(robot, operator):
    def beyond(state):
        state.position[1] = 3.0
        return state

    sent = operator.move(see(-1.6, 1.6))
    sent.wait_feedback(3)
    with robot.changing(JOINTS, beyond):
        assert_failed(sent.ending(), CODES.OUTSIDE_LIMITS, "the robot", remedy=BRING_BACK)
        assert_left_safe(robot)
    robot.commands.clear()  # the stop names the place where the robot said to be, beyond what a judge lets pass


def test_a_refused_goal_does_not_move_a_robot_that_somebody_has_carried_away(robot, operator):
    assert_reached(operator.move(see(*THERE)).ending(), robot, THERE)
    sent = len(robot.commands)
    robot.place(-1.5, 1.5)
    assert_failed(operator.move(named_goal("nowhere")).ending(), CODES.INVALID_GOAL)
    robot.wait_images(15)
    assert len(robot.commands) == sent
    np.testing.assert_allclose(robot.position, (-1.5, 1.5), atol=1e-6)


def test_a_refused_goal_still_takes_over_from_a_motion(robot, operator):
    old = operator.move(see(-1.6, 1.6))
    old.wait_feedback(3)
    new = operator.move(named_goal("nowhere"))
    assert_failed(old.ending(), CODES.PREEMPTED)
    assert_failed(new.ending(), CODES.INVALID_GOAL)
    assert_left_safe(robot)


def test_a_saved_goal_of_another_model_is_a_mismatch(stack, robot, operator):
    save_file({"latent": torch.zeros(1, 16)}, stack.goals / "foreign.safetensors", {"model": "other@1"})
    assert_failed(operator.move(named_goal("foreign")).ending(), CODES.MODEL_MISMATCH, "other@1")


@pytest.mark.parametrize("latent", [torch.zeros(1, 8), torch.full((1, 16), NAN)], ids=["of other size", "NaN"])
def test_a_saved_goal_that_is_none_is_refused(stack, robot, operator, latent):
    model = operator.call(EncodeImage, "world_model/encode_image", image=image_at(THERE)).latent.model
    save_file({"latent": latent}, stack.goals / "odd.safetensors", {"model": model})
    assert_failed(operator.move(named_goal("odd")).ending(), CODES.INVALID_GOAL, "odd")
    assert robot.commands == []


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\xff" * 64])
def test_a_saved_goal_that_is_damaged_is_refused(stack, robot, operator, content):
    (stack.goals / "broken.safetensors").write_bytes(content)
    assert_failed(operator.move(named_goal("broken")).ending(), CODES.INVALID_GOAL, "broken", "save it again")
    assert robot.commands == []


def test_after_all_refusals_a_good_goal_is_reached(robot, operator):
    assert_reached(operator.move(see(*THERE)).ending(), robot, THERE)
