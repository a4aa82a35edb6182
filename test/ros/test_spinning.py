"""Executors go on past entities that are destroyed under their eyes, which no test can bring about at will."""

from __future__ import annotations

import pytest
from rclpy.exceptions import InvalidHandle

from jepa_ros.ros.base.spinning import RCLError, spin_on


class Startled:
    """An executor that finds something destroyed so many times."""

    def __init__(self, error: type[Exception], times: int):
        self.error, self.times = error, times

    def spin(self) -> None:
        if self.times:
            self.times -= 1
            raise self.error("destruction was requested")


@pytest.mark.parametrize("error", [InvalidHandle, RCLError])
def test_what_is_destroyed_while_an_executor_looks_at_it_ends_nothing(error):
    executor = Startled(error, times=3)
    spin_on(executor)
    assert executor.times == 0


def test_what_goes_wrong_again_and_again_is_raised():
    with pytest.raises(RCLError, match="destruction"):
        spin_on(Startled(RCLError, times=10_000))


def test_what_is_something_else_is_raised_at_once():
    with pytest.raises(ValueError, match="destruction"):
        spin_on(Startled(ValueError, times=1))
