"""Pictures that come late or not at all, and joints that are not what they were."""

import numpy as np
import pytest

from jepa_ros.evaluation.robot import Watcher
from jepa_ros.evaluation.trials import goal_latent, pursue
from jepa_ros.planning import Outcome
from jepa_ros.simulation.disturbances import PoorPictures, Pushed
from jepa_ros.simulation.places import ArmPlaces


@pytest.fixture
def places(contract):
    return ArmPlaces(contract)


def test_late_pictures_are_those_of_a_while_ago_and_none_is_missing(places):
    robot = PoorPictures(places.at((0.3, 0.0)), late=0.2)
    arrived = [[robot.now_ns - seen.stamp_ns for seen in robot.advance()] for _ in range(10)]
    assert [len(ages) for ages in arrived[:2]] == [0, 1]
    assert all(len(ages) == 3 and 200e6 <= min(ages) < max(ages) < 300e6 for ages in arrived[2:])


def test_of_lost_pictures_the_share_is_right(places):
    robot = PoorPictures(places.at((0.3, 0.0)), lost=0.3, seed=1)
    arrived = sum(len(robot.advance()) for _ in range(100))
    assert 0.6 < arrived / 301 < 0.8


def test_a_tired_joint_keeps_to_its_speed_and_the_other_does_not_care(places, contract):
    robot = places.at((0.0, 0.0))
    robot.body.tire("elbow", 0.5)
    for _ in range(6):
        robot.act(contract.limits.high, robot.advance()[-1].state)
    assert robot.body.velocity[0] > 0.8
    assert robot.body.velocity[1] <= 0.5


def test_who_is_pushed_is_elsewhere_once_and_at_rest(places):
    robot = Pushed(places.at((0.0, 0.0)), np.array([0.3, -0.2]), after=0.25)
    seen = [robot.advance()[-1].state for _ in range(6)]
    np.testing.assert_allclose(seen[:3], 0.0, atol=1e-6)
    np.testing.assert_allclose(seen[3:], [[0.3, -0.2]] * 3, atol=1e-6)


def test_a_pursuit_that_is_pushed_arrives(places, model):
    start, goal = (-1.0, 0.5), (0.8, -0.6)
    robot = places.at(start)
    pushed = Pushed(robot, np.array([-0.5, 0.5]), after=0.5)
    assert pursue(Watcher(model, pushed), goal_latent(model, places.at(goal))).outcome is Outcome.ARRIVED
    assert np.abs(robot.body.position - goal).max() < places.tolerance


def test_a_pursuit_that_sees_late_pictures_arrives(places, model):
    start, goal = (-1.0, 0.5), (0.8, -0.6)
    robot = places.at(start)
    journey = pursue(Watcher(model, PoorPictures(robot, late=0.2)), goal_latent(model, places.at(goal)))
    assert journey.outcome is Outcome.ARRIVED
    assert np.abs(robot.body.position - goal).max() < places.tolerance
