"""Control charts see what leaves its range, at once or little by little."""

import numpy as np
import pytest

from jepa_ros.evaluation.control_charts import control_charts, cusum, shewhart


def test_a_shewhart_chart_shows_the_largest_deviation():
    values = np.array([[0.5, -1.0], [2.0, 0.0], [0.0, -3.0]])
    assert shewhart(values).tolist() == [1.0, 2.0, 3.0]


def test_a_cumulative_sum_follows_its_recursion():
    values = np.random.default_rng(0).standard_normal((200, 3))
    high = low = np.zeros(3)
    for value, found in zip(values, cusum(values, 0.5)):
        high, low = np.maximum(high + value - 0.5, 0), np.maximum(low - value - 0.5, 0)
        assert found == pytest.approx(max(high.max(), low.max()))


def test_a_cumulative_sum_sees_a_small_shift_that_single_values_hide():
    values = np.random.default_rng(1).standard_normal((600, 1))
    values[300:] += 1.0
    assert cusum(values, 0.5)[-1] > 5 * cusum(values, 0.5)[:300].max()
    assert shewhart(values)[300:].max() < 2 * shewhart(values)[:300].max()


def test_every_chart_is_in_units_of_normal_operation():
    random = np.random.default_rng(2)
    normal = [random.standard_normal((500, 2)) * (1.0, 100.0) + (5.0, 0.0) for _ in range(3)]
    charts = control_charts(normal)
    assert charts["Shewhart"](np.array([[5.0, 300.0], [9.0, 0.0]])) == pytest.approx([3.0, 4.0], rel=0.1)
    changes = charts["Shewhart of changes"](np.array([[5.0, 0.0], [5.0, 0.0], [5.0, 300.0]]))
    assert changes == pytest.approx([0.0, 0.0, 3 / 2**0.5], abs=0.1)
    assert {chart(normal[0]).shape for chart in charts.values()} == {(500,)}
