import numpy as np

from jepa_ros.contract import slowed


def test_half_the_speed_is_half_the_range_of_velocities(arm):
    limits = slowed(arm, 0.5)
    np.testing.assert_array_equal(limits.low, [-0.5, -0.5])
    np.testing.assert_array_equal(limits.high, [0.5, 0.5])
    np.testing.assert_array_equal(limits.rate, arm.limits.rate)
    np.testing.assert_array_equal(limits.position_high, arm.limits.position_high)


def test_half_of_half_the_speed_is_a_quarter(arm):
    np.testing.assert_array_equal(slowed(arm, 0.5, slowed(arm, 0.5)).high, [0.25, 0.25])


def test_half_the_speed_is_half_the_rate_of_positions(robot):
    contract = robot(
        ["position.a"],
        "std_msgs/msg/Float64MultiArray",
        kind="joint_position",
        limits="action.a: {min: -2, max: 2, rate: 3}",
    )
    limits = slowed(contract, 0.5)
    assert (limits.low[0], limits.high[0], limits.rate[0]) == (-2.0, 2.0, 1.5)
