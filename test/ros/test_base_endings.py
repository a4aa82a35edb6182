"""A base drives on as it was told last: who kills its planner leaves the rest to its driver's command timeout."""

from __future__ import annotations

import signal
from contextlib import closing
from typing import Any

import pytest
from harness.goals import CODES, assert_failed
from harness.room import CONTRACT, MODEL, see
from harness.stack import Stack
from rclpy.parameter import Parameter

from jepa_ros.ros.client.client import wait_for
from jepa_ros.ros.nodes.simulator_node import SimulatorNode
from jepa_ros.simulation.robot import SensorMessage, SimulatedRobot, as_message

HERE, THERE = (0.41, 0.53), (3.02, 1.93)  # a free straight way of three metres
FAST = 0.4  # m/s


class Diary:
    """What a base was told and how it then drove, by its own clock, which no busy machine hurries or delays.

    ``told`` and ``driven`` hold the (ns, speed in m/s) of every command and of every message of odometry.
    """

    def __init__(self, robot: SimulatedRobot):
        self.told: list[tuple[int, float]] = []
        self.driven: list[tuple[int, float]] = []
        self._robot, self._receive, self._advance = robot, robot.receive, robot.advance
        robot.receive, robot.advance = self.receive, self.advance

    def receive(self, topic: str, message: Any) -> None:
        self._receive(topic, message)
        self.told.append((self._robot.now_ns, _speed(message)))

    def advance(self, dt: float) -> list[SensorMessage]:
        messages = self._advance(dt)
        odometry = [message for message in messages if message.topic == "odom"]
        self.driven += [(message.stamp_ns, _speed(as_message(message.fields).twist.twist)) for message in odometry]
        return messages

    def drives(self) -> bool:
        """Whether it was told to go fast, and does."""
        return bool(self.told) and min(self.told[-1][1], self.driven[-1][1]) > FAST

    def rest(self) -> list[int]:
        """The moments (ns) after the last command at which it stood still."""
        told_ns, _ = self.told[-1]
        return [stamp_ns for stamp_ns, speed in self.driven if stamp_ns > told_ns and speed == 0.0]


def _speed(twist: Any) -> float:
    return abs(twist.linear.x) + abs(twist.linear.y)


@pytest.fixture(scope="module")
def simulator(graph):
    """The simulator node, in this process."""
    parameters = [Parameter("contract", value=str(CONTRACT)), Parameter("publish_clock", value=False)]
    node = SimulatorNode(
        namespace="endangered", context=graph.context, use_global_arguments=False, parameter_overrides=parameters
    )
    yield graph.add(node)
    graph.remove(node)


@pytest.fixture(scope="module")
def nodes(graph, processes, simulator, tmp_path_factory):
    with closing(Stack(graph, processes, "/endangered", CONTRACT, MODEL, tmp_path_factory.mktemp("memory"))) as stack:
        yield stack


@pytest.fixture
def stack(nodes, simulator):
    """A base at the start of its way, with what the test before has killed alive again."""
    simulator.robot.body.reset(HERE)
    for node in ("world_model", "planner"):
        if not nodes.lives(node):
            nodes.start(node)
    nodes.wait_ready()
    nodes.wait_seen()
    return nodes


@pytest.fixture
def diary(simulator):
    return Diary(simulator.robot)


@pytest.fixture
def sent(stack, diary):
    """A goal that the base is on its way to, at full speed."""
    sent = stack.operator.move(see(THERE))
    wait_for(diary.drives, 20.0, "a base in mid-drive")
    return sent


def test_a_base_whose_planner_is_killed_stands_within_two_periods_of_the_last_command(stack, simulator, sent, diary):
    stack.end("planner", signal.SIGKILL)
    wait_for(diary.rest, 10.0, "a base at rest")
    told_ns, speed = diary.told[-1]
    assert speed > FAST  # nobody has said that it should stop
    assert (diary.rest()[0] - told_ns) * 1e-9 <= 2 * simulator.contract.period


def test_a_base_whose_world_model_is_killed_is_told_to_stand(stack, sent, diary):
    stack.end("world_model", signal.SIGKILL)
    assert_failed(sent.ending(), CODES.NO_OBSERVATION, "world_model/latent")
    wait_for(diary.rest, 10.0, "a base at rest")
    assert diary.told[-1][1] == 0.0
