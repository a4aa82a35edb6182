from __future__ import annotations

import numpy as np
import pytest

from benchmark.statistics import bootstrap, median, ratio_of_medians, wilson


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
