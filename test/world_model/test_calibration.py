import numpy as np
import pytest

from jepa_ros.world_model import Calibration


def calibration(errors):
    return Calibration(state_mean=(0.0,), state_scale=(1.0,), action_scale=(1.0,), surprise_errors=tuple(errors))


def test_p_values_of_normal_errors_are_uniform():
    random = np.random.default_rng(0)
    known = calibration(np.sort(random.exponential(size=1000)).tolist())
    p = np.array([known.p_value(error) for error in random.exponential(size=4000)])
    for level in (0.01, 0.1, 0.5, 0.9):
        assert np.mean(p <= level) == pytest.approx(level, abs=0.03)


def test_an_error_beyond_all_that_was_seen_has_the_smallest_p_value():
    assert calibration([0.1, 0.2, 0.3]).p_value(9.0) == pytest.approx(1 / 4)
    assert calibration([0.1, 0.2, 0.3]).p_value(0.0) == 1.0


def test_a_channel_that_never_changes_keeps_its_unit():
    state = np.stack([np.linspace(-1, 1, 50), np.full(50, 3.0)], axis=1)
    known = Calibration.of_data(state, state)
    assert known.state_scale[1] == 1.0
    assert known.state_mean[1] == 3.0
