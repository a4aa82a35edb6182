"""The commanded motion, followed by a plain imitation of a trajectory controller."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jepa_ros.contract import Contract, Reference

TRAJECTORY = "arm_controller/joint_trajectory"
MS = 1_000_000


class Controller:
    """Follows the cubic through the newest trajectory's points, from where it was when that came."""

    def __init__(self, position):
        self.knots = [(0.0, np.array(position), np.zeros(2))]

    def follow(self, commands, now):
        position, velocity, _ = self.at(now)
        self.knots = [(now, position, velocity)]
        for point in commands[TRAJECTORY][1]["points"]:
            after = point["time_from_start"]["sec"] + point["time_from_start"]["nanosec"] * 1e-9
            self.knots.append((now + after, np.array(point["positions"]), np.array(point["velocities"])))

    def at(self, time):
        """Position, velocity, acceleration."""
        for (t0, p0, v0), (t1, p1, v1) in zip(self.knots, self.knots[1:], strict=False):
            if time <= t1:
                h, u = t1 - t0, time - t0
                slope = (p1 - p0) / h
                c2, c3 = (3 * slope - 2 * v0 - v1) / h, (v0 + v1 - 2 * slope) / h**2
                velocity = v0 + u * (2 * c2 + u * 3 * c3)
                return p0 + u * (v0 + u * (c2 + u * c3)), velocity, 2 * c2 + 6 * c3 * u
        return self.knots[-1][1], np.zeros(2), np.zeros(2)


@pytest.fixture(scope="module")
def slow(arm_text):
    """An arm that needs several periods to brake."""
    return Contract.parse(arm_text.replace("rate: 10.0", "rate: 1.5"))


@given(seed=st.integers(0, 2**32 - 1), slowly=st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_controller_that_follows_stays_within_all_limits_whenever_the_planner_dies(arm, slow, seed, slowly):
    contract, rng = (slow if slowly else arm), np.random.default_rng(seed)
    limits, reference = contract.limits, Reference(contract)
    state = rng.uniform(-2.6, 2.6, 2)
    controller, now = Controller(state), 0
    for _ in range(30):
        motion = reference.at(now, state)
        np.testing.assert_allclose(motion.position, controller.at(now * 1e-9)[0], atol=1e-6)
        np.testing.assert_allclose(motion.command, controller.at(now * 1e-9)[1], atol=1e-5)
        controller.follow(reference.command(rng.normal(0, 2, 2), state, now), now * 1e-9)
        # Late by up to half a second: by then the path has come to its own stop.
        wait = int(rng.choice([100, rng.integers(80, 130), rng.integers(100, 600)])) * MS
        for time in np.linspace(now + 1, now + wait, 15) * 1e-9:
            position, velocity, acceleration = controller.at(time)
            assert (np.abs(position) <= 2.6 + 1e-6).all()
            assert (np.abs(velocity) <= 1.0 + 1e-6).all()
            assert (np.abs(acceleration) <= limits.rate * 1.001).all()
        now += wait
        state = controller.at(now * 1e-9)[0] + rng.normal(0, 0.005, 2)


def test_commands_go_on_where_the_last_one_has_led_not_where_the_robot_lags(arm):
    reference, state = Reference(arm), np.zeros(2)
    reference.command(np.array([1.0, 0.0]), state, 0)
    motion = reference.at(100 * MS, state)
    np.testing.assert_allclose(motion.command, [1.0, 0.0])
    np.testing.assert_allclose(motion.position, [0.05, 0.0])


def test_nothing_illegal_is_sent_whatever_is_asked_for(arm):
    reference = Reference(arm)
    fields = reference.command(np.array([50.0, np.nan]), np.array([2.6, 0.0]), 0)[TRAJECTORY][1]
    np.testing.assert_allclose(fields["points"][0]["velocities"], [0.0, 0.0], atol=1e-9)


def test_a_late_planner_finds_the_robot_braking(arm):
    reference = Reference(arm)
    reference.command(np.array([1.0, 0.0]), np.zeros(2), 0)
    np.testing.assert_allclose(reference.at(150 * MS, np.zeros(2)).command, [0.5, 0.0])
    np.testing.assert_allclose(reference.at(400 * MS, np.zeros(2)).command, [0.0, 0.0])
    np.testing.assert_allclose(reference.at(400 * MS, np.zeros(2)).position, [0.1, 0.0])


def test_a_joint_far_from_where_it_was_sent_is_taken_as_measured(arm):
    reference = Reference(arm)
    reference.command(np.array([1.0, 1.0]), np.zeros(2), 0)
    motion = reference.at(100 * MS, np.array([-0.5, 0.0]))
    np.testing.assert_allclose(motion.position, [-0.5, 0.05])
    np.testing.assert_allclose(motion.command, [0.0, 1.0])


def test_long_after_a_motion_the_measurement_counts(arm):
    reference = Reference(arm)
    reference.command(np.array([1.0, 1.0]), np.zeros(2), 0)
    np.testing.assert_allclose(reference.at(5000 * MS, np.array([0.05, 0.1])).position, [0.05, 0.1])
    assert reference.at(5000 * MS, None).position == pytest.approx([0.1, 0.1])


def test_a_clock_that_is_set_back_ends_what_was_known(arm):
    reference = Reference(arm)
    reference.command(np.array([1.0, 1.0]), np.zeros(2), 10_000 * MS)
    motion = reference.at(0, np.array([0.05, 0.05]))
    np.testing.assert_allclose(motion.command, [0, 0])
    np.testing.assert_allclose(motion.position, [0.05, 0.05])


def test_stopping_brakes_from_where_the_motion_is(arm):
    reference, controller = Reference(arm), Controller(np.zeros(2))
    controller.follow(reference.command(np.array([1.0, -1.0]), np.zeros(2), 0), 0.0)
    controller.follow(reference.stop(np.zeros(2), 50 * MS), 0.05)
    position, velocity, _ = controller.at(0.1)
    np.testing.assert_allclose(velocity, [0, 0], atol=1e-9)
    np.testing.assert_allclose(position, [0.025, -0.025])
    np.testing.assert_allclose(reference.at(200 * MS, np.zeros(2)).command, [0, 0])


def test_stopping_works_without_any_measurement_once_something_was_sent(arm):
    reference = Reference(arm)
    assert reference.stop(None, 0) == {}
    reference.command(np.array([1.0, 0.0]), np.zeros(2), 0)
    assert TRAJECTORY in reference.stop(None, 60_000 * MS)


def test_a_base_stays_at_its_last_velocity_until_it_is_told_otherwise(robot):
    contract = robot(["linear.x"], "geometry_msgs/msg/Twist", kind="velocity", safety="zeros")
    reference = Reference(contract)
    assert reference.at(0, np.zeros(1)).command == [0.0]
    reference.command(np.array([0.4]), np.zeros(1), 0)
    assert reference.at(5000 * MS, np.zeros(1)).command == [0.4]
    reference.stop(np.zeros(1), 5000 * MS)
    assert reference.at(5000 * MS, np.zeros(1)).command == [0.0]


def test_commanded_positions_go_on_from_the_commanded_position(robot):
    contract = robot(
        ["position.a"], "std_msgs/msg/Float64MultiArray", kind="joint_position", limits="action.a: {rate: 1}"
    )
    reference = Reference(contract)
    assert reference.at(0, np.array([0.5])).command == [0.5]
    reference.command(np.array([0.6]), np.array([0.5]), 0)
    assert reference.at(50 * MS, np.array([0.5])).command == pytest.approx([0.55])
    assert reference.at(300 * MS, np.array([0.5])).command == pytest.approx([0.6])
    assert reference.stop(np.array([0.5]), 300 * MS)["command"][1]["data"] == pytest.approx([0.6])


def test_a_direct_command_goes_on_from_what_is_observed_of_it(robot):
    reference = Reference(robot(["position.a"], "sensor_msgs/msg/JointState"))
    assert reference.at(0, np.array([0.5])).command == [0.5]
    unknown = Reference(robot(["opening"], "my_msgs/msg/Valve"))
    assert unknown.at(0, np.array([0.5])).command == [0.0]
