"""Surprise is summed up over whole runs, and its false alarms rate by rate."""

import numpy as np
import pytest

from benchmark.surprise import alarm_figures, detection_figure
from jepa_ros.evaluation.surprise import false_alarms


def test_runs_are_judged_together():
    runs = [(np.array([1.0, 2.0]), np.array([3.0])), (np.array([4.0, 5.0]), np.array([6.0]))]
    found = detection_figure("teleport", runs, "planar_arm")
    assert found.value == pytest.approx(0.75)
    assert found.low <= found.value <= found.high
    assert found.n == 2


def test_each_rate_that_was_asked_for_is_judged():
    random = np.random.default_rng(0)
    runs = [np.concatenate([random.uniform(0.011, 1, 980), np.full(20, 0.01)]) for _ in range(8)]
    rare, usual = alarm_figures(false_alarms("exploring", runs, rates=(0.01, 0.1)), "planar_arm")
    assert rare.value == pytest.approx(2.0)
    assert "p ≤ 0.01," in rare.conditions
    assert usual.value == pytest.approx(1.1, abs=0.1)
