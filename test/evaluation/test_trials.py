"""Closed-loop trials are counted by where the robot really is."""

import numpy as np
import pytest

from jepa_ros.evaluation.trials import ClosedLoop, Trial, passes_by, run_trial
from jepa_ros.planning import Outcome
from jepa_ros.simulation.simulators import simulator_of

POSE = [0.0, 0.0]


@pytest.fixture
def places(contract):
    return simulator_of(contract).places


def trial(outcome, seconds, reached, random=False):
    return Trial(POSE, POSE, outcome.value, seconds, 0.01, reached, random)


def test_a_near_goal_is_reached_by_sight_and_everything_on_the_way_was_seen(places, model):
    found, looks = run_trial(model, places, np.array([0.5, -0.5]), np.array([0.9, -0.8]))
    assert found.reached
    assert found.error < 0.1
    assert len(looks) == pytest.approx(30 * found.seconds, abs=3)


def test_to_arrive_is_not_enough_where_the_robot_is_elsewhere(places, model):
    class Misled(type(places)):
        """The goal's picture is that of another pose."""

        def at(self, place):
            return super().at(np.array([0.5, -0.5]))

    found, _ = run_trial(model, Misled(places._contract), np.array([0.5, -0.5]), np.array([0.9, -0.8]))
    assert found.outcome == Outcome.ARRIVED.value
    assert found.error == pytest.approx(0.4, abs=0.1)
    assert not found.reached


def test_only_goals_that_were_reached_count_and_only_their_times(places):
    trials = [
        trial(Outcome.ARRIVED, 1.0, True),
        trial(Outcome.ARRIVED, 2.0, False, True),
        trial(Outcome.STUCK, 9, False),
    ]
    found = ClosedLoop.of(trials, places)
    assert (found.reached.successes, found.random.successes) == (1, 1)
    assert found.reached.low < 1 / 3 < found.reached.high
    assert found.seconds == 1.0
    assert ClosedLoop.of(trials[1:], places).seconds is None


def test_random_actions_pass_by_where_they_begin_but_not_at_the_other_end(places):
    random = np.random.default_rng(0)
    assert passes_by(places, np.array([1.0, 1.0]), np.array([1.0, 1.0]), 0.5, random)
    assert not passes_by(places, np.array([2.0, 2.0]), np.array([-2.0, -2.0]), 0.5, random)
