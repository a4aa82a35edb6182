"""A base that drives and hardly moves has something in its way."""

from __future__ import annotations

import numpy as np
import pytest

from jepa_ros.data.exploration.obstruction import Obstruction

NAMES = ("pose.pose.position.x", "pose.pose.position.y", "twist.twist.linear.x")
GREATEST = np.array([0.8, 0.8])


class World:
    """A base that goes where it is driven, times what its surroundings let it."""

    def __init__(self, names=NAMES):
        self.obstruction = Obstruction(names, GREATEST)
        self.state = np.zeros(len(names))

    def drive(self, command, passable=1.0, periods=1):
        """What was noticed, period by period."""
        noticed = []
        for _ in range(periods):
            self.state[:2] += 0.2 * passable * np.array(command)
            noticed.append(self.obstruction.notice(self.state.copy(), np.array(command)))
        return noticed


@pytest.fixture
def world():
    world = World()
    world.drive((0.5, 0.0), periods=20)
    return world


def test_free_driving_is_never_obstructed_however_fast(world):
    for command in ((0.5, 0.0), (0.0, -0.1), (0.8, 0.8), (-0.3, 0.2)):
        assert not any(world.drive(command, periods=5))


def test_a_wall_is_noticed_in_the_first_period(world):
    assert world.drive((0.5, 0.0), passable=0.0) == [True]


def test_sliding_along_a_wall_is_noticed_too(world):
    assert world.drive((0.5, 0.4), passable=0.5) == [True]


def test_standing_still_without_a_command_is_no_obstruction(world):
    assert world.drive((0.0, 0.0), periods=5) == [False] * 5


def test_being_carried_away_does_not_make_what_follows_look_short(world):
    world.state[0] += 50.0
    assert not any(world.drive((0.5, 0.0), periods=10))


def test_without_a_pose_nothing_is_noticed():
    world = World(("twist.twist.linear.x", "twist.twist.angular.z"))
    assert not any(world.drive((0.5, 0.0), passable=0.0, periods=10))
