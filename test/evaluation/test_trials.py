"""Closed-loop trials are counted by where the joints really are."""

import numpy as np
import pytest

from jepa_ros.evaluation.trials import ClosedLoop, Trial, passes_by, random_pairs, run_trial
from jepa_ros.planning import Outcome
from jepa_ros.simulation.stepped import PlanarArms

POSE = [0.0, 0.0]


def test_pairs_lie_within_the_limits_and_come_again_with_the_seed(contract):
    pairs = np.array(random_pairs(contract, 200, seed=5))
    assert pairs.shape == (200, 2, 2)
    assert np.all(np.abs(pairs) <= 2.5)
    assert np.all(np.abs(pairs).max(axis=(0, 1)) > 2.3)
    assert np.array_equal(pairs, random_pairs(contract, 200, seed=5))


def test_a_near_goal_is_reached_by_sight_and_everything_on_the_way_was_seen(contract, model):
    trial, looks = run_trial(model, PlanarArms(contract).at, np.array([0.5, -0.5]), np.array([0.9, -0.8]))
    assert trial.reached
    assert trial.error < 0.1
    assert len(looks) == pytest.approx(30 * trial.seconds, abs=3)


def test_a_goal_counts_only_where_the_pursuit_says_arrived_and_the_joints_are_there():
    arrived, stuck = Outcome.ARRIVED.value, Outcome.STUCK.value
    trials = [
        Trial(POSE, POSE, arrived, 1.0, 0.01, False),
        Trial(POSE, POSE, arrived, 2.0, 0.2, True),
        Trial(POSE, POSE, stuck, 9.0, 0.01, False),
    ]
    found = ClosedLoop.of(trials)
    assert (found.reached.successes, found.random.successes) == (1, 1)
    assert found.reached.low < 1 / 3 < found.reached.high
    assert found.seconds == 1.0
    assert ClosedLoop.of(trials[1:]).seconds is None


def test_random_actions_pass_by_where_they_begin_but_not_at_the_other_end(contract):
    random = np.random.default_rng(0)
    arms = PlanarArms(contract)
    assert passes_by(arms.at(np.array([1.0, 1.0])), np.array([1.0, 1.0]), 0.5, random)
    assert not passes_by(arms.at(np.array([2.0, 2.0])), np.array([-2.0, -2.0]), 0.5, random)
