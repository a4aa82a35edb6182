"""Drift: what keeps to one side is noticed though each error is small; what comes and goes is not."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from jepa_ros.world_model import DriftMonitor, DriftScale

SECOND = 1_000_000_000


def noise(periods, seed=0):
    return np.random.default_rng(seed).standard_normal((periods, 2))


def scale(spans=(10.0, 100.0), **changes):
    """For white noise of deviation 1 in two directions: an average over n has the variance 1 / (2 n)."""
    whitening = tuple(((((2 * span) ** 0.5), 0.0), (0.0, (2 * span) ** 0.5)) for span in spans)
    fields = {
        "spans": spans,
        "whitening": whitening,
        "middle": (0.9,) * len(spans),
        "spread": (0.25,) * len(spans),
    }
    return DriftScale(**fields | changes)


def calibrated(spans=(10.0, 100.0)):
    normal = statistics(DriftMonitor(scale(spans), 1.0), noise(10_000, seed=1))
    return DriftMonitor(scale(spans, statistics=tuple(sorted(one.statistic for one in normal))), 1.0)


def statistics(monitor, errors, rate=1):
    """What a monitor says of errors (T, 2) that come so many times a period."""
    stamps = (np.arange(1, len(errors) + 1) * SECOND / rate).astype(int).tolist()
    return [monitor.observe(stamp, torch.tensor(error)[None]) for stamp, error in zip(stamps, errors)]


def test_noise_without_a_side_is_normal():
    found = statistics(calibrated(), noise(2000))
    assert np.mean([one.p_value <= 0.001 for one in found]) < 0.01
    assert 0.2 < np.median([one.p_value for one in found]) < 0.8


def test_an_offset_of_a_third_of_the_noise_is_noticed_within_two_spans():
    errors = noise(2000)
    errors[1000:, 1] += 0.35
    found = statistics(calibrated(), errors)
    assert min(one.p_value for one in found[1200:1300]) <= 0.001
    assert max(one.statistic for one in found[500:1000]) < np.mean([one.statistic for one in found[1200:]])


def test_of_all_spans_the_most_unusual_counts():
    errors = noise(1030)
    errors[1000:, 0] += 2.0
    long, both = (
        max(one.statistic for one in statistics(DriftMonitor(scale(spans), 1.0), errors))
        for spans in ((100.0,), (10.0, 100.0))
    )
    assert both > long


def test_faster_frames_do_not_average_over_less_time():
    offset = np.full((600, 2), 0.3)
    slow = statistics(DriftMonitor(scale(), 1.0), offset[:200])[-1]
    fast = statistics(DriftMonitor(scale(), 1.0), offset, rate=3)[-1]
    assert fast.statistic == pytest.approx(slow.statistic, rel=1e-2)


def test_a_gap_forgets_nothing_and_a_clock_that_runs_back_forgets_all():
    monitor, error = DriftMonitor(scale(), 1.0), torch.full((1, 2), 1.0)
    before = statistics(monitor, np.ones((100, 2)))[-1].statistic
    assert monitor.observe(10_000 * SECOND, error).statistic == pytest.approx(before, abs=1.0)
    assert monitor.observe(9_999 * SECOND, error).statistic < 0.5 * before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"middle": (0.9,)}, "one entry per span"),
        ({"whitening": (((1.0, 0.0), (1.0,)), ((1.0, 0.0),))}, "of one length"),
        ({"statistics": (1.0, 0.0)}, "must ascend"),
    ],
)
def test_a_scale_whose_parts_do_not_fit_is_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        scale(**changes)
