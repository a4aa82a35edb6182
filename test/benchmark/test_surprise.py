"""Surprise is summed up over whole runs, and its false alarms by the worst rate."""

import numpy as np
import pytest

from benchmark.surprise import alarm_figure, detection_figure
from jepa_ros.evaluation.surprise import false_alarms


def test_runs_are_judged_together():
    runs = [(np.array([1.0, 2.0]), np.array([3.0])), (np.array([4.0, 5.0]), np.array([6.0]))]
    found = detection_figure("teleport", runs, "planar_arm")
    assert found.value == pytest.approx(0.75)
    assert found.low <= found.value <= found.high
    assert found.n == 2


def test_the_worst_of_the_rates_counts():
    random = np.random.default_rng(0)
    runs = [np.concatenate([random.uniform(0.011, 1, 980), np.full(20, 0.01)]) for _ in range(8)]
    found = alarm_figure(false_alarms("exploring", runs, rates=(0.01, 0.1)), "planar_arm")
    assert found.value == pytest.approx(2.0)
    assert "at 0.1" in found.conditions
