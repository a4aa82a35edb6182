"""The judge of commands finds what is wrong with them, and no more."""

import numpy as np
import pytest

from jepa_ros.contract import Reference
from jepa_ros.evaluation.legality import Command, Judge
from jepa_ros.simulation.robot import as_message

START, FULL = np.array([0.4, -0.6]), np.array([-1.0, 1.0])
FIRST = 10**9  # ns


class Driver:
    """Commands the arm from where commands have led it; it is seen at the start only."""

    def __init__(self, contract):
        self._reference, self._state = Reference(contract), np.array(START)
        self.commands = []

    def go(self, milliseconds):
        self._note(milliseconds, self._reference.command(FULL, self._state, self._at(milliseconds)))

    def stop(self, milliseconds):
        self._note(milliseconds, self._reference.stop(self._state, self._at(milliseconds)))

    def _at(self, milliseconds):
        return FIRST + round(milliseconds * 1e6)

    def _note(self, milliseconds, commands):
        ((_, fields),) = commands.values()
        self.commands.append(Command(self._at(milliseconds), as_message(fields)))
        self._state = np.full_like(START, np.nan)


@pytest.fixture
def judge(contract):
    return Judge(contract)


@pytest.fixture
def driver(contract):
    """Has driven the arm at full speed for most of a second."""
    driver = Driver(contract)
    for milliseconds in range(0, 900, 100):
        driver.go(milliseconds)
    return driver


@pytest.mark.parametrize("stopped", [805.0, 835.7, 899.0])
@pytest.mark.parametrize("pause", [5.0, 45.5, 99.0])
def test_a_motion_that_is_stopped_and_goes_on_before_it_rests_is_legal(judge, driver, stopped, pause):
    driver.stop(stopped)
    driver.go(stopped + pause)
    driver.stop(stopped + pause + 40.0)
    assert judge.complaints(driver.commands) == []


def test_a_jump_is_not(judge, driver):
    for point in driver.commands[5].message.points:
        point.positions = [place + 0.05 for place in point.positions]
    (complaint,) = judge.complaints(driver.commands[:6])
    assert complaint.startswith("command 5:")
    assert "is not on from" in complaint


def test_an_end_in_motion_is_not(judge, driver):
    driver.commands[3].message.points.pop()
    (complaint,) = judge.complaints(driver.commands[:4])
    assert complaint.startswith("command 3: ends at")


def test_more_than_the_limits_is_not(judge, driver):
    driver.commands[3].message.points[0].velocities = [-1.1, 1.0]
    assert any("beyond" in complaint for complaint in judge.complaints(driver.commands[:4]))
