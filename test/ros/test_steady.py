"""Ages while clocks jump, run ahead and stand still. The node is made up."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from rclpy.clock import ROSClock
from rclpy.time import Time

from jepa_ros.ros.base.steady import Age, SteadyTime


@pytest.fixture
def clock() -> ROSClock:
    """A clock that is set by hand."""
    clock = ROSClock()
    clock._set_ros_time_is_active(True)
    return clock


@pytest.fixture
def age(clock):
    """Gives the age of something that came in now, for a node that lives by the clock or not."""

    def age(use_sim_time: bool) -> Age:
        node = SimpleNamespace(
            get_clock=lambda: clock,
            get_parameter=lambda name: SimpleNamespace(value={"use_sim_time": use_sim_time}[name]),
        )
        age = Age(SteadyTime(node))
        age.renew()
        return age

    return age


def put(clock: ROSClock, seconds: float) -> None:
    clock.set_ros_time_override(Time(seconds=seconds))


@pytest.mark.parametrize("seconds", [0.0, 1e3, 2e9])
def test_what_the_node_s_clock_says_makes_nothing_older_or_younger(clock, age, seconds):
    put(clock, 1e3)
    age = age(use_sim_time=False)
    before = time.monotonic()
    put(clock, seconds)
    assert 0.0 <= age.seconds() <= time.monotonic() - before + 1.0


def test_time_passes_while_the_node_s_clock_stands_still(clock, age):
    put(clock, 1e3)
    age = age(use_sim_time=False)
    begin = age.seconds()
    time.sleep(0.01)
    assert age.seconds() >= begin + 0.01


def test_nothing_grows_old_while_simulated_time_stands_still(clock, age):
    put(clock, 1e3)
    age = age(use_sim_time=True)
    time.sleep(0.01)
    assert age.seconds() == 0.0
    put(clock, 1e3 + 0.5)
    assert age.seconds() == pytest.approx(0.5)


def test_a_simulation_that_begins_anew_makes_nothing_younger(clock, age):
    put(clock, 1e3)
    age = age(use_sim_time=True)
    put(clock, 1e3 + 0.5)
    assert age.seconds() == pytest.approx(0.5)
    put(clock, 2.0)
    assert age.seconds() == pytest.approx(0.5)
    put(clock, 2.75)
    assert age.seconds() == pytest.approx(1.25)


def test_what_never_came_is_as_old_as_can_be(clock):
    node = SimpleNamespace(get_clock=lambda: clock, get_parameter=lambda name: SimpleNamespace(value=False))
    assert Age(SteadyTime(node)).seconds() == float("inf")
