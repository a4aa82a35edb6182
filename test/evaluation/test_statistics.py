"""Intervals and areas, against values that are known."""

import numpy as np
import pytest

from jepa_ros.evaluation.statistics import bootstrap, roc_auc, roc_curve, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (50, 50, 0.9287, 1.0), (0, 20, 0.0, 0.1611), (81, 263, 0.2553, 0.3662)],
)
def test_the_interval_of_a_rate_is_wilsons(successes, trials, low, high):
    assert wilson(successes, trials) == pytest.approx((low, high), abs=1e-4)


def test_scores_that_do_not_overlap_have_all_the_area_and_equal_ones_half():
    low, high = np.array([0.0, 1.0, 2.0]), np.array([3.0, 4.0])
    assert roc_auc(low, high) == 1.0
    assert roc_auc(high, low) == 0.0
    assert roc_auc(low, low) == 0.5


def test_the_area_counts_the_pairs_in_the_right_order():
    assert roc_auc(np.array([1.0, 3.0]), np.array([2.0, 3.0, 4.0])) == pytest.approx(4.5 / 6)


def test_the_area_under_the_curve_is_the_area():
    random = np.random.default_rng(0)
    normal, abnormal = random.normal(0, 1, 400), random.normal(1, 1, 300)
    false_rate, true_rate = roc_curve(normal, abnormal)
    assert (false_rate[0], true_rate[0], false_rate[-1], true_rate[-1]) == (0, 0, 1, 1)
    area = np.sum(np.diff(false_rate) * (true_rate[1:] + true_rate[:-1]) / 2)
    assert area == pytest.approx(roc_auc(normal, abnormal))


def test_a_bootstrap_interval_holds_what_was_seen():
    samples = np.random.default_rng(0).normal(5, 1, 200)
    low, high = bootstrap(np.mean, samples)
    assert low < samples.mean() < high
    assert high - low == pytest.approx(4 / np.sqrt(200), rel=0.2)
