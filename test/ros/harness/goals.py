"""Goals for the arm, and how an ending should look."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
from action_msgs.msg import GoalStatus
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from harness.graph import PATIENCE
from harness.robot import ScriptedRobot
from jepa_ros.evaluation.legality import stops
from jepa_ros.ros.client.client import Ending, image_goal, state_goal, wait_for
from jepa_ros.ros.goals.remedies import REMEDIES
from jepa_ros.simulation.arm_drawing import draw_arm
from jepa_ros_interfaces.action import MoveToGoal
from jepa_ros_interfaces.msg import Goal, LatentState

CODES = MoveToGoal.Result
NEAR = 0.1  # rad, each joint
JOINTS = ("position.shoulder", "position.elbow")


def image_at(position: Sequence[float]) -> Image:
    """What the camera sees with the arm at a pose."""
    return rgb(draw_arm(np.asarray(position, float), (480, 640)))


def rgb(pixels: np.ndarray, header: Header | None = None) -> Image:
    """An image message of pixels (H, W, 3)."""
    height, width, _ = pixels.shape
    data = array("B", pixels.tobytes())
    return Image(header=header or Header(), height=height, width=width, encoding="rgb8", step=3 * width, data=data)


def see(*position: float) -> Goal:
    return image_goal(image_at(position))


def be(*position: float) -> Goal:
    return state_goal(JOINTS, position)


def feel(latent: LatentState) -> Goal:
    return Goal(kind=Goal.LATENT, latent=latent)


def assert_reached(ending: Ending, robot: ScriptedRobot, position: Sequence[float]) -> None:
    """The goal was reached, in truth."""
    assert ending.result.error_code == CODES.NONE, ending.result.error_msg
    assert ending.status == GoalStatus.STATUS_SUCCEEDED
    assert ending.result.error_msg == ""
    robot.wait_at_rest()
    assert np.abs(robot.position - position).max() <= NEAR


def assert_failed(ending: Ending, code: int, *words: str, remedy: str = "") -> None:
    """The goal was aborted for this reason; the message says these words, and ends with what can be done about it.

    Without a ``remedy`` of its own that is what helps as a rule.
    """
    assert ending.result.error_code == code, ending.result.error_msg
    assert ending.status == GoalStatus.STATUS_ABORTED
    for word in words:
        assert word in ending.result.error_msg
    assert ending.result.error_msg.endswith(f"; {remedy or REMEDIES[code]}")


def assert_stopped_in_time(robot: ScriptedRobot, since_ns: int) -> None:
    """A motion ends with the safety command within two control periods of a moment (ns, on the system's clock).

    What counts is when the middleware had it: how busy this process is does not matter. A machine that holds up the
    planner's process itself may cost a try, of which tests on running nodes have three; it does not do so every time.
    """
    period = robot.contract.period
    wait_for(lambda: stops(robot.commands[-1].message, period), PATIENCE, "the safety command")
    taken = (robot.commands[-1].received_ns - since_ns) * 1e-9
    assert taken <= 2 * period, f"the safety command took {taken:.3f} s"


def assert_left_safe(robot: ScriptedRobot) -> None:
    """The last command was the safety command, the robot comes to rest, and nothing is sent any more."""
    assert stops(robot.commands[-1].message, robot.contract.period)
    robot.wait_at_rest()
    sent = len(robot.commands)
    robot.wait_images(10)
    assert len(robot.commands) == sent
