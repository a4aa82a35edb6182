"""How speed follows confidence."""

import numpy as np
import pytest

from jepa_ros.planning.caution import SLOWEST, speed_share


@pytest.mark.parametrize("p_value", [1.0, 0.5, 0.01, float("nan")])
def test_what_often_happens_costs_no_speed_and_what_is_no_number_says_nothing(p_value):
    assert speed_share(p_value) == 1.0


def test_speed_falls_with_confidence_and_without_a_jump():
    shares = np.array([speed_share(p_value) for p_value in np.geomspace(1.0, 1e-6, 500)])
    assert (np.diff(shares) <= 0).all()
    assert np.abs(np.diff(shares)).max() < 0.01
    assert shares[-1] == SLOWEST


def test_what_never_happens_leaves_some_speed():
    assert speed_share(0.0) == SLOWEST > 0
