"""Success with distractors is compared with success without them, for both targets of prediction."""

import pytest
from matplotlib.image import imread

from benchmark.distractors import LEVEL, NAMES, TASKS, Effort, Moments, summary
from benchmark.distractors_picture import draw_distractors

REACHED = {task: [True] * (99 if task.level == 0 else 97 if not task.target else 10) for task in TASKS}
REACHED = {task: reached + [False] * (100 - len(reached)) for task, reached in REACHED.items()}


@pytest.fixture(scope="module")
def figures():
    return summary(REACHED, Effort(pairs=100))


def test_drops_are_points_of_success(figures):
    assert set(figures) == set(NAMES)
    assert figures["distractors.success"].value == pytest.approx(97)
    assert figures["distractors.success_drop_points"].value == pytest.approx(2)
    assert figures["distractors.pixels.success_drop_points"].value == pytest.approx(89)
    for figure in figures.values():
        assert figure.low < figure.value < figure.high


def test_the_picture_shows_both_models(figures, tmp_path):
    draw_distractors(figures, LEVEL, tmp_path / "picture.png")
    height, width, _ = imread(tmp_path / "picture.png").shape
    assert width > 2 * height


def test_no_two_arms_are_placed_before_the_same_moment():
    moments = Moments(LEVEL, seed=1)
    first, second = (moments.at([0.5, 0.5]).advance()[0].images["observation.images.top"] for _ in range(2))
    assert abs(first.astype(int) - second).mean() > 2
