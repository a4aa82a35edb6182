"""Intervals and areas, against values that are known."""

import numpy as np
import pytest

from jepa_ros.evaluation.statistics import bootstrap, median, newcombe, ratio_of_medians, roc_auc, roc_curve, wilson


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


@pytest.mark.parametrize(("successes", "trials"), [(48, 50), (1, 2), (3, 9000)])
def test_at_the_ends_of_a_rates_interval_the_score_test_just_holds(successes, trials):
    for rate in wilson(successes, trials):
        deviations = (successes / trials - rate) / np.sqrt(rate * (1 - rate) / trials)
        assert abs(deviations) == pytest.approx(1.959964)


@pytest.mark.parametrize(("successes", "end"), [(0, 0), (50, 1)])
def test_a_rate_that_never_or_always_happened_is_an_end_of_its_interval(successes, end):
    interval = wilson(successes, 50)
    assert interval[end] == pytest.approx(end)
    assert 0.07 < interval[1] - interval[0] < 0.08


def test_the_interval_of_a_difference_of_rates_is_newcombes():
    assert newcombe(56, 70, 48, 80) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    assert newcombe(100, 100, 100, 100) == pytest.approx((0.0, -0.037, 0.037), abs=1e-4)


def test_the_interval_of_a_median_holds_the_true_one_about_95_times_in_100():
    random = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        low, high = bootstrap(np.median, random.exponential(size=60), resamplings=200)
        held += low <= np.log(2) <= high
    assert 180 <= held <= 198


def test_the_same_samples_give_the_same_interval():
    samples = np.random.default_rng(0).normal(size=100)
    assert median(samples) == median(samples)


def test_what_slows_both_of_a_pair_cancels_in_the_ratio():
    random = np.random.default_rng(0)
    base = random.lognormal(sigma=0.5, size=400)
    value, low, high = ratio_of_medians(1.2 * base, base)
    assert value == pytest.approx(1.2)
    assert low == pytest.approx(1.2)
    assert high == pytest.approx(1.2)


def test_an_interval_surrounds_its_value():
    samples = np.random.default_rng(1).exponential(size=50)
    value, low, high = median(samples)
    assert low <= value <= high
