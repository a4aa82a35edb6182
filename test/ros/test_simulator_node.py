"""Every embedded robot lives as a node: it sends its sensors, obeys its commands, and fails when told to."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from geometry_msgs.msg import Twist
from harness.graph import PATIENCE, Listener
from nav_msgs.msg import Odometry
from rclpy.parameter import Parameter
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image, JointState

from jepa_ros.ros.client.client import wait_for
from jepa_ros.ros.nodes import simulator_node
from jepa_ros.ros.nodes.simulator_node import SimulatorNode
from jepa_ros.ros.wire.messages import message_class, stamp_ns
from jepa_ros.simulation.embedded import EMBEDDED, embedded_robot

CONTRACTS = Path(__file__).parents[2] / "config/contracts"


@pytest.fixture
def simulate(graph):
    """Start the simulator of a robot in its own namespace, and a node that listens and speaks there."""
    nodes = []

    def start(robot, **parameters):
        overrides = {"contract": str(CONTRACTS / f"{robot}.yaml"), "publish_clock": False, **parameters}
        simulator = SimulatorNode(
            namespace=f"simulated_{robot}",
            context=graph.context,
            use_global_arguments=False,
            parameter_overrides=[Parameter(name, value=value) for name, value in overrides.items()],
        )
        graph.executor.add_node(simulator)
        nodes.extend((simulator, graph.node("visitor", f"simulated_{robot}")))
        return nodes[-2:]

    yield start
    for node in nodes:
        graph.remove(node)


@pytest.mark.parametrize("robot", EMBEDDED)
def test_all_its_sensors_are_heard(robot, simulate):
    simulator, visitor = simulate(robot)
    for topic, kind in simulator.robot.topics.items():
        Listener(visitor, message_class(kind), topic, qos_profile_sensor_data).wait()


def test_its_stamps_are_those_of_the_present_however_long_it_took_to_set_up(simulate, monkeypatch):
    """Whoever compares what was seen with what was commanded goes by them."""

    def slowly(*arguments):
        time.sleep(0.1)
        return embedded_robot(*arguments)

    monkeypatch.setattr(simulator_node, "embedded_robot", slowly)
    _, visitor = simulate("planar_arm")
    lags = []

    def compare(message):
        lags.append(visitor.get_clock().now().nanoseconds - stamp_ns(message.header))

    visitor.create_subscription(JointState, "joint_states", compare, qos_profile_sensor_data)
    wait_for(lambda: len(lags) >= 50, PATIENCE, "50 messages on joint_states")
    assert 0 <= min(lags) < 0.02e9


def test_the_base_drives_where_a_twist_leads_and_odometry_says_so(simulate):
    simulator, visitor = simulate("furnished_room", layout="dining_room", seed=3)
    simulator.robot.body.reset((3.9, 1.0))
    odometry = Listener(visitor, Odometry, "odom", qos_profile_sensor_data)
    speaker = visitor.create_publisher(Twist, "cmd_vel", 1)
    command = Twist()
    command.linear.y = 0.4

    def arrived():
        speaker.publish(command)
        return bool(odometry.messages) and odometry.messages[-1].pose.pose.position.y > 1.3

    wait_for(arrived, PATIENCE, "the base to drive up")
    assert odometry.messages[-1].pose.pose.position.x == pytest.approx(3.9)


def test_a_fault_begins_and_ends_with_its_parameter(simulate):
    simulator, visitor = simulate("furnished_room")
    camera = Listener(visitor, Image, "camera/image_raw", qos_profile_sensor_data)

    def brightness(image):
        return np.frombuffer(image.data, np.uint8).max()

    camera.wait(lambda image: brightness(image) > 0)
    assert simulator.set_parameters([Parameter("fault", value="blank_camera")])[0].successful
    camera.next(lambda image: brightness(image) == 0)
    assert simulator.set_parameters([Parameter("fault", value="")])[0].successful
    camera.next(lambda image: brightness(image) > 0)


def test_a_fault_that_this_robot_cannot_have_is_refused_with_the_reason(simulate):
    simulator, _ = simulate("process")
    result = simulator.set_parameters([Parameter("fault", value="teleport")])[0]
    assert not result.successful
    assert "no fault of process is called 'teleport'" in result.reason
