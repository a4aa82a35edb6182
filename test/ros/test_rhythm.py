"""When commands are due, on a clock in the test's hand."""

from __future__ import annotations

import pytest

from jepa_ros.ros.goals.rhythm import Rhythm


class Clock:
    time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rhythm(clock):
    return Rhythm(0.1, clock)


def test_the_first_command_is_due_at_once_and_the_next_a_period_later(rhythm):
    assert rhythm.left() == 0.0
    rhythm.beat()
    assert rhythm.left() == pytest.approx(0.1)


def test_a_command_that_is_a_little_late_delays_no_other(rhythm, clock):
    rhythm.beat()
    clock.time += 0.11
    assert rhythm.left() == 0.0
    rhythm.beat()
    assert rhythm.left() == pytest.approx(0.09)


def test_a_long_delay_is_not_made_up_for(rhythm, clock):
    rhythm.beat()
    clock.time += 3.0
    rhythm.beat()
    assert rhythm.left() == pytest.approx(0.08)


def test_what_is_broken_off_begins_anew(rhythm, clock):
    rhythm.beat()
    clock.time += 0.03
    rhythm.break_off()
    assert rhythm.left() == 0.0
    rhythm.beat()
    assert rhythm.left() == pytest.approx(0.1)
