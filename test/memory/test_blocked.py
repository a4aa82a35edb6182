import numpy as np
import pytest

from jepa_ros.memory.blocked import BLOCKED, FREE, LASTING, SURPRISING, WIDEST, Surprises, draw

HERE, THERE = (1.05, 2.05, 0.0), (2.05, 2.05, 0.0)


def value(grid, x, y):
    """What a grid says of a place, None outside of it."""
    column, row = (
        int(np.floor((place - corner) / grid.resolution + 1e-9)) for place, corner in zip((x, y), grid.origin)
    )
    rows, columns = grid.cells.shape
    return int(grid.cells[row, column]) if 0 <= row < rows and 0 <= column < columns else None


def test_a_move_that_proved_impossible_blocks_its_further_half():
    grid = draw([(HERE, THERE)], [], 0.1)
    assert [value(grid, x, 2.05) for x in (1.65, 1.85, 2.05)] == [BLOCKED] * 3
    assert [value(grid, x, 2.05) for x in (1.05, 1.35)] == [None, None]
    assert grid.cells.dtype == np.int8


def test_where_the_robot_stood_is_never_blocked():
    grid = draw([(HERE, (1.06, 2.06, 0.0))], [], 0.1)
    assert value(grid, *HERE[:2]) in (FREE, None)


def test_blocked_weighs_more_than_surprising_and_all_else_is_free():
    grid = draw([(HERE, THERE)], [(20, 20), (0, 0)], 0.1)
    assert value(grid, *THERE[:2]) == BLOCKED
    assert value(grid, 0.05, 0.05) == SURPRISING
    assert value(grid, 0.55, 0.55) == FREE


def test_a_grid_begins_at_a_multiple_of_its_cells():
    grid = draw([((-1.03, 0.0, 0.0), (-2.31, 0.77, 0.0))], [], 0.25)
    assert np.array(grid.origin) / 0.25 == pytest.approx(np.round(np.array(grid.origin) / 0.25))
    assert value(grid, -2.31, 0.77) == BLOCKED


def test_without_anything_in_the_way_there_is_a_free_cell():
    grid = draw([], [], 0.1)
    assert grid.cells.tolist() == [[FREE]]


@pytest.mark.parametrize("astray", [(HERE, (1e6, 1e6, 0.0)), ((1e6, 1e6, 0.0), (1e6, 1e6 + 1, 0.0))])
def test_a_pose_that_went_astray_makes_no_grid_of_a_thousand_kilometres(astray):
    grid = draw([astray, (HERE, THERE)], [], 0.1)
    assert max(grid.cells.shape) <= WIDEST
    assert value(grid, *THERE[:2]) == BLOCKED


def test_only_lasting_surprise_marks_a_place():
    surprises = Surprises(0.1)
    changed = [surprises.see(HERE, True) for _ in range(LASTING)]
    assert changed == [False] * (LASTING - 1) + [True]
    assert surprises.cells == {(10, 20)}
    surprises = Surprises(0.1)
    for anomalous in (True, True, False) * 5:
        surprises.see(HERE, anomalous)
    assert surprises.cells == set()


def test_what_is_as_predicted_again_is_surprising_no_more():
    surprises = Surprises(0.1)
    for _ in range(LASTING):
        surprises.see(HERE, True)
    assert not surprises.see(THERE, False)
    assert surprises.see(HERE, False)
    assert surprises.cells == set()
