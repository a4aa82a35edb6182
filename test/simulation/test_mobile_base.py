"""The base drives where it is told and nowhere through anything."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jepa_ros.simulation.free_space import FreeSpace
from jepa_ros.simulation.furniture import ROOM, Layout, Piece, Solids
from jepa_ros.simulation.layouts import FIXED, random_layout
from jepa_ros.simulation.mobile_base import RADIUS, WHEEL_RADIUS, MobileBase

EMPTY = Layout("empty", ())
BOX = Layout("box", (Piece("bookshelf", 2.5, 1.9),))  # 1.2 m along x, 0.28 m along y


def base_in(layout, position=(2.5, 1.0), heading=0.0):
    return MobileBase(Solids(layout), np.array(position), heading)


def drive(base, seconds, forward, left=0.0, turn=0.0):
    for _ in range(round(seconds * 10)):
        base.drive(forward, left, turn)
        base.step(0.1)


def test_it_drives_forward_and_sideways_in_its_own_frame():
    base = base_in(EMPTY, (2.5, 2.0), heading=math.pi / 2)
    drive(base, 1.0, 0.5)
    assert base.position == pytest.approx([2.5, 2.5], abs=0.02)
    drive(base, 1.0, 0.0, 0.5)
    assert base.position == pytest.approx([2.0, 2.5], abs=0.03)


def test_it_turns_to_the_left_for_positive_rates():
    base = base_in(EMPTY)
    drive(base, 1.0, 0.0, 0.0, 1.0)
    assert base.heading == pytest.approx(1.0, abs=0.03)
    assert base.position == pytest.approx([2.5, 1.0])


def test_its_wheels_turn_as_it_drives():
    base = base_in(EMPTY, (1.0, 1.0))
    drive(base, 2.0, 0.5)
    assert base.wheel_velocity == pytest.approx(np.full(4, 0.5 / WHEEL_RADIUS))
    assert base.wheel_position * WHEEL_RADIUS == pytest.approx(np.full(4, base.position[0] - 1.0))
    drive(base, 1.0, 0.0, 0.5)
    assert np.sign(base.wheel_velocity).tolist() == [-1, 1, 1, -1]


def test_it_goes_on_as_it_was_told_and_stops_when_it_is_told_to():
    base = base_in(EMPTY)
    base.drive(0.5, 0.0, 0.0)
    base.step(2.0)
    assert base.position[0] == pytest.approx(3.5, abs=0.02)
    base.drive(0.0, 0.0, 0.0)
    base.step(0.2)
    assert not base.velocity.any()


def test_head_on_it_stops_at_what_it_touches_while_its_wheels_slip():
    base = base_in(BOX)
    drive(base, 2.0, 0.0, 0.8)
    assert base.touching
    assert base.position == pytest.approx([2.5, 1.9 - 0.14 - RADIUS], abs=1e-6)
    assert base.velocity == pytest.approx([0.0, 0.0], abs=1e-9)
    assert np.abs(base.wheel_velocity).min() > 1.0


def test_at_a_slant_it_slides_along():
    base = base_in(BOX, (2.2, 1.4))
    drive(base, 1.0, 0.3, 0.8)
    assert base.position[1] == pytest.approx(1.9 - 0.14 - RADIUS, abs=1e-6)
    assert base.position[0] == pytest.approx(2.5, abs=0.03)
    assert base.velocity == pytest.approx([0.3, 0.0], abs=1e-6)


@pytest.mark.parametrize("layout", [*FIXED.values(), random_layout(11)], ids=lambda layout: layout.name)
def test_however_it_drives_it_never_gets_into_anything(layout):
    solids, random = Solids(layout), np.random.default_rng(0)
    while True:
        start = random.uniform((0.0, 0.0), ROOM)
        if solids.distances(start).min() > RADIUS:
            break
    base = MobileBase(solids, start)
    for _ in range(300):
        base.drive(*random.uniform(-3, 3, 3))
        base.step(random.uniform(0.0, 0.3))
        assert solids.distances(base.position).min() >= RADIUS - 1e-6


def test_a_corner_between_two_solids_holds_it():
    base = base_in(EMPTY, (0.5, 0.5))
    drive(base, 2.0, -1.0, -1.0)
    assert base.position == pytest.approx([0.1 + RADIUS, 0.1 + RADIUS], abs=1e-6)


@pytest.mark.parametrize("layout", FIXED.values(), ids=lambda layout: layout.name)
def test_it_gets_through_passages_that_are_too_narrow_for_a_wider_one(layout):
    wider, random = FreeSpace(layout, margin=0.15), np.random.default_rng(0)
    while True:
        start, goal = wider.sample(random), wider.sample(random)
        if wider.shortest_path(start, goal) is None:
            break
    base = MobileBase(Solids(layout), start)
    for corner in FreeSpace(layout, margin=0.02).shortest_path(start, goal)[1:]:
        for _ in range(400):
            way = corner - base.position
            base.drive(*way / max(np.hypot(*way), 0.05) * 0.3, 0.0)
            base.step(0.05)
    assert base.position == pytest.approx(goal, abs=0.01)


def test_a_held_wheel_holds_the_base():
    base = base_in(EMPTY)
    base.blocked = True
    drive(base, 1.0, 0.5)
    assert base.position == pytest.approx([2.5, 1.0])
    assert not base.wheel_velocity.any()
