from __future__ import annotations

from array import array
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from harness.flood import flooding
from harness.goals import assert_reached, see
from harness.robot import CAMERA, JOINTS
from harness.stack import values
from sensor_msgs.msg import JointState

from jepa_ros.ros.wire.messages import stamp_ns

NAN, INF = float("nan"), float("inf")
THERE = (0.9, -0.1)
SECOND = 1_000_000_000
Change = Callable[[Any], Any]


def put(**fields: Any) -> Change:
    """Replace fields of a message."""

    def change(message: Any) -> Any:
        for name, value in fields.items():
            setattr(message, name, value)
        return message

    return change


def shift(seconds: float) -> Change:
    """Set the stamp earlier, or later, by so much."""

    def change(message: Any) -> Any:
        moved = stamp_ns(message.header) + round(seconds * SECOND)
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(moved, SECOND)
        return message

    return change


def unstamped(message: Any) -> Any:
    message.header.stamp.sec = message.header.stamp.nanosec = 0
    return message


def bare(data: bytes) -> Change:
    """These bytes instead of a message."""
    return lambda message: data


RUBBISH = bare(bytes([0, 1, 0, 0]) + 40 * bytes([255]))
IMAGES = {
    "nothing in it": (bare(bytes(4)), "bytes that are no Image"),
    "rubbish in it": (RUBBISH, "bytes that are no Image"),
    "no encoding": (put(encoding=""), "encoding ''"),
    "an unknown encoding": (put(encoding="thermal12"), "thermal12"),
    "a depth image": (put(encoding="32FC1"), "32FC1"),
    "a step that is too small": (put(step=640), "step 640"),
    "a step that is too large": (put(step=1921), "step 1921"),
    "a height beyond the data": (put(height=481), "921600 bytes"),
    "no pixels": (put(height=0, width=0, step=0, data=array("B")), "0x0"),
    "no data": (put(data=array("B")), "0 bytes"),
    "data cut off": (put(data=array("B", bytes(1000))), "1000 bytes"),
    "a size beyond reason": (put(height=2**31, width=2**31), "2147483648"),
    "no stamp": (unstamped, "without a stamp"),
}
STATES = {
    "rubbish in it": (RUBBISH, "bytes that are no JointState"),
    "a position that is not a number": (put(position=[0.4, NAN]), "position.elbow is nan"),
    "an infinite position": (put(position=[INF, 0.0]), "position.shoulder is inf"),
    "a joint too few": (put(name=["shoulder"], position=[0.4], velocity=[0.0]), "position.elbow"),
    "a position too few": (put(position=[0.4]), "position has 1 values for 2 names"),
    "no positions": (put(position=[]), "position has 0 values"),
    "a joint twice": (put(name=["elbow", "elbow"]), "more than once"),
    "no names": (put(name=[], position=[], velocity=[]), "position.shoulder"),
    "no stamp": (unstamped, "without a stamp"),
}


@pytest.fixture(
    params=[(CAMERA, *case) for case in IMAGES.values()] + [(JOINTS, *case) for case in STATES.values()],
    ids=[f"image with {name}" for name in IMAGES] + [f"state with {name}" for name in STATES],
)
def spoiled(request):
    """The topic, how its messages are spoiled, and what must be said about it."""
    return request.param


def test_what_makes_no_sense_gives_no_latent_until_it_makes_sense_again(stack, robot, latents, spoiled):
    topic, change, _ = spoiled
    with robot.changing(topic, change):
        robot.wait_images(6)  # the state from before may count for a while
        begin = len(latents.messages)
        robot.wait_images(5)
        assert len(latents.messages) == begin
    latents.take(3)
    assert robot.commands == []


@pytest.mark.parametrize(
    ("topic", "change", "words"),
    [
        (CAMERA, *IMAGES["an unknown encoding"]),
        (CAMERA, *IMAGES["rubbish in it"]),
        (JOINTS, *STATES["a position that is not a number"]),
        (JOINTS, *STATES["rubbish in it"]),
    ],
    ids=["images", "images' bytes", "states", "states' bytes"],
)
def test_diagnostics_tell_what_makes_no_sense(stack, robot, topic, change, words):
    with robot.changing(topic, change):
        status = stack.health("world_model", lambda status: words in values(status)["last problem"])
    assert topic in values(status)["last problem"]


def test_bad_input_is_logged_now_and_then_not_every_time(stack, robot):
    before = stack.log("world_model").count("pink8")
    with robot.changing(CAMERA, put(encoding="pink8")):
        stack.wait_log("world_model", "pink8")
        robot.wait_images(60)
    told = [line for line in stack.log("world_model").splitlines() if "pink8" in line]
    assert 1 <= len(told) - before <= 2
    assert "WARN" in told[0]
    assert CAMERA in told[0]


def test_the_planner_tells_of_bad_states_too(stack, robot):
    with robot.changing(JOINTS, put(position=[NAN, NAN])):
        stack.health("planner", lambda status: "nan" in values(status)["last problem"])
        stack.health("planner", lambda status: status.message == "no fresh observation" and status.level == b"\1")
    stack.health("planner", lambda status: status.message == "ready")


def is_fresh(status: DiagnosticStatus) -> bool:
    return status.message == "encoding" and 0 <= float(values(status)["input age (s)"]) < 1


@pytest.mark.parametrize("seconds", [-3600.0, 3600.0])
def test_stamps_of_another_time_hide_no_silence_and_make_none(stack, robot, seconds):
    with robot.changing(JOINTS, shift(seconds)):
        with robot.changing(CAMERA, shift(seconds)):
            robot.wait_images(10)
            stack.health("world_model", is_fresh)
        with robot.silent(CAMERA):
            stack.health("world_model", lambda status: status.message == "no fresh images" and status.level == b"\2")
    stack.health("world_model", lambda status: status.message == "encoding")
    stack.wait_ready()


def test_without_images_the_world_model_reports_an_error(stack, robot):
    with robot.silent(CAMERA):
        stack.health("world_model", lambda status: status.message == "no fresh images" and status.level == b"\2")
    stack.health("world_model", lambda status: status.message == "encoding")


def stamps_while(robot, latents, change: Callable[[Any], Any], images: int) -> list[int]:
    """The stamps of all latents from when so many images are changed until things are as before."""
    begin = len(latents.messages)
    with robot.changing(CAMERA, change):
        robot.wait_images(images)
    latents.take(5)
    return [stamp_ns(message.header) for message in latents.messages[begin:]]


@pytest.mark.parametrize("seconds", [0.05, 0.45])
def test_an_image_that_comes_late_is_passed_over(stack, robot, latents, seconds):
    late: list[int] = []

    def every_fifth(message: Any) -> Any:
        if robot.counts[CAMERA] % 5 == 0:
            message = shift(-seconds)(message)
            late.append(stamp_ns(message.header))
        return message

    stamps = stamps_while(robot, latents, every_fifth, images=30)
    assert len(late) >= 5
    assert set(stamps).isdisjoint(late)
    assert stamps == sorted(stamps)
    assert len(stamps) >= 20


def test_an_image_that_comes_twice_counts_once(stack, robot, latents):
    def again(message: Any) -> Any:
        robot.publish(CAMERA, message)
        return message

    stamps = stamps_while(robot, latents, again, images=15)
    assert len(stamps) == len(set(stamps))


def test_a_clock_that_is_set_back_for_good_is_followed(stack, robot, latents):
    with ExitStack() as both:
        for topic in (CAMERA, JOINTS):
            both.enter_context(robot.changing(topic, shift(-3600.0)))
        robot.wait_images(3)
        earlier = stamp_ns(latents.take(5)[-1].header)
    robot.wait_images(3)
    assert stamp_ns(latents.take(5)[-1].header) - earlier > 3500 * SECOND
    assert robot.commands == []


def test_a_single_stamp_from_the_future_does_no_lasting_harm(stack, robot, latents):
    with robot.changing(JOINTS, shift(100.0)):
        robot.wait_images(2)
    with robot.changing(CAMERA, shift(100.0)):
        robot.wait_images(1)
    robot.wait_images(3)
    assert len(latents.take(10)) == 10


def test_states_of_other_joints_on_the_same_topic_pass_unnoticed(graph, stack, robot, operator):
    def gripper(message: Any) -> Any:
        other = JointState(header=message.header, name=["finger_left", "finger_right"], position=[NAN, 0.01])
        robot.publish(JOINTS, other)
        return message

    before = stack.log("world_model")
    with robot.changing(JOINTS, gripper):
        assert_reached(operator.move(see(*THERE)).ending(), robot, THERE)
    assert "finger" not in stack.log("world_model").removeprefix(before)


def test_bad_messages_between_good_ones_do_not_keep_a_goal_from_being_reached(stack, robot, operator):
    def sprinkle(topic: str, spoil: Change) -> Change:
        def change(message: Any) -> Any:
            if robot.counts[topic] % 3 == 0:
                spoil(message)
            return message

        return change

    images, states = sprinkle(CAMERA, put(step=1)), sprinkle(JOINTS, put(position=[NAN, 0.0]))
    with robot.changing(CAMERA, images), robot.changing(JOINTS, states):
        assert_reached(operator.move(see(*THERE)).ending(), robot, THERE)


def test_latents_of_another_model_are_not_acted_upon(stack, robot, latents):
    message = latents.next()
    message.model = "other@12345678"
    with flooding(stack, "world_model/latent", message):
        stack.health("planner", lambda status: "other@12345678" in values(status)["last problem"])
    assert robot.commands == []


def test_latents_that_are_not_finite_are_not_acted_upon(stack, robot, latents):
    message = latents.next()
    message.data = array("f", np.full(len(message.data), NAN, np.float32))
    with flooding(stack, "world_model/latent", message):
        stack.health("planner", lambda status: "not finite" in values(status)["last problem"])
    assert robot.commands == []


def test_after_all_that_a_goal_is_reached(robot, operator):
    assert_reached(operator.move(see(*THERE)).ending(), robot, THERE)
