"""Free space is what the base can reach, and ways through it are short and free."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jepa_ros.simulation.free_space import FreeSpace, path_length
from jepa_ros.simulation.furniture import Layout, Piece
from jepa_ros.simulation.layouts import FIXED, find_layout, random_layout
from jepa_ros.simulation.mobile_base import RADIUS

DISC = Layout("disc", (Piece("round_table", 2.5, 1.9),))
HALVES = Layout("halves", (Piece("divider", 2.5, 1.875, math.pi / 2, 3.75),))


def test_the_base_fits_where_it_keeps_its_radius_from_everything():
    space = FreeSpace(DISC)
    edge = 0.42 + RADIUS
    assert space.free(np.array([[2.5 - edge - 0.01, 1.9], [2.5 - edge + 0.01, 1.9]])).tolist() == [True, False]
    assert space.free(np.array([[0.31, 1.0], [0.29, 1.0]])).tolist() == [True, False]


def test_a_straight_line_is_free_or_not():
    space = FreeSpace(DISC)
    assert space.in_line((1.0, 1.0), (4.0, 1.0))
    assert not space.in_line((1.0, 1.9), (4.0, 1.9))


def test_the_way_round_a_disc_is_as_long_as_geometry_says():
    start, goal = np.array([1.0, 1.9]), np.array([4.0, 1.9])
    radius, half = 0.42 + RADIUS, 1.5
    tangent = math.sqrt(half**2 - radius**2)
    arc = radius * (math.pi - 2 * math.acos(radius / half))
    path = FreeSpace(DISC).shortest_path(start, goal)
    assert path_length(path) == pytest.approx(2 * tangent + arc, rel=0.02)
    assert np.array_equal(path[0], start)
    assert np.array_equal(path[-1], goal)


def test_where_nothing_is_in_the_way_the_shortest_way_is_straight():
    assert FreeSpace(DISC).shortest_path((1.0, 1.0), (4.0, 1.0)).tolist() == [[1.0, 1.0], [4.0, 1.0]]


def test_between_parts_of_a_room_that_a_wall_divides_there_is_no_way():
    space = FreeSpace(HALVES)
    assert not space.connected
    assert space.shortest_path((1.0, 1.0), (4.0, 1.0)) is None


@pytest.mark.parametrize("name", FIXED)
def test_ways_in_the_fixed_layouts_are_free_all_along(name):
    space, random = FreeSpace(find_layout(name)), np.random.default_rng(1)
    nearly = FreeSpace(find_layout(name), margin=-0.01)
    for _ in range(8):
        start, goal = space.sample(random), space.sample(random)
        path = space.shortest_path(start, goal)
        assert all(nearly.in_line(a, b) for a, b in zip(path, path[1:]))
        assert math.dist(start, goal) <= path_length(path) + 1e-9


@pytest.mark.parametrize("name", FIXED)
def test_a_fixed_layout_hangs_together_and_asks_for_detours(name):
    space, random = FreeSpace(find_layout(name)), np.random.default_rng(2)
    pairs = [(space.sample(random), space.sample(random)) for _ in range(100)]
    assert space.connected
    assert 0.2 < np.mean([space.in_line(*pair) for pair in pairs]) < 0.6


def test_random_layouts_hang_together_and_differ_by_seed():
    layouts = [random_layout(seed) for seed in range(6)]
    assert all(FreeSpace(layout).connected for layout in layouts)
    assert len({layout.pieces for layout in layouts}) == 6
    assert random_layout(3) == layouts[3]
    assert np.mean([len(layout.pieces) for layout in layouts]) > 5


def test_a_layout_is_found_by_name_or_by_seed_and_nothing_else():
    assert find_layout("random:7").name == "random:7"
    for name in ("ballroom", "random:", "random:x"):
        with pytest.raises(ValueError, match=f"no layout is called '{name}'; there are living_room, dining_room"):
            find_layout(name)


def test_moving_a_chair_changes_where_one_can_go():
    room = find_layout("living_room")
    chair = room.indices("chair")[0]
    moved = room.moved(chair, 2.3, 1.2)
    assert FreeSpace(room).free(np.array([2.3, 1.2]))
    assert not FreeSpace(moved).free(np.array([2.3, 1.2]))
    assert FreeSpace(moved).free(np.array([room.pieces[chair].x - 0.1, room.pieces[chair].y + 0.45]))
