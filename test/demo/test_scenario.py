"""The poses of the demo's goals."""

from __future__ import annotations

import numpy as np

from jepa_ros.ros.demo.scenario import APART, MARGIN, poses


def test_goals_keep_a_margin_to_the_limits(contract):
    chosen, limits = poses(contract, 200, seed=1), contract.limits
    assert (chosen >= limits.position_low + MARGIN).all()
    assert (chosen <= limits.position_high - MARGIN).all()


def test_each_goal_is_well_apart_from_the_one_before(contract):
    chosen = poses(contract, 200, seed=1)
    assert np.linalg.norm(np.diff(chosen, axis=0), axis=1).min() >= APART


def test_the_same_seed_gives_the_same_goals_and_another_gives_others(contract):
    assert (poses(contract, 5, seed=2) == poses(contract, 5, seed=2)).all()
    assert (poses(contract, 5, seed=2) != poses(contract, 5, seed=3)).any()
