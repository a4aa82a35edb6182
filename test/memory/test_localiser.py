"""Two corridors that look alike in the middle and differ at their ends."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from jepa_ros.memory import Localiser, Memory, Sight, Trail

LENGTH = 12
ALIKE = range(3, LENGTH)  # places that look the same in both corridors


@pytest.fixture
def look(room):
    """What is seen at a place of a corridor."""
    unit = room.calibration.tolerance * room.calibration.distance_scale

    def make(corridor: int, place: float) -> torch.Tensor:
        latent = torch.zeros(1, room.architecture.latent_size)
        latent[0, 0] = 1.5 * unit * place
        latent[0, 1] = 0.0 if place in ALIKE else 20 * unit * (corridor + 1)
        return latent

    return make


@pytest.fixture
def corridors(room, look) -> tuple[Memory, np.ndarray]:
    """A memory of both, and the nodes (2, LENGTH) of their places."""
    memory, nodes, period_ns = Memory.apart(room), np.zeros((2, LENGTH), int), int(1e9 * room.contract.period)
    for corridor in range(2):
        trail = Trail(memory, room)
        for place in range(LENGTH):
            pose = (float(place), 50.0 * corridor, 0.0)
            nodes[corridor, place] = trail.add(Sight(look(corridor, place), torch.zeros(2), place * period_ns, pose))
    assert len(np.unique(nodes)) == 2 * LENGTH
    return memory, nodes


@pytest.fixture
def drive(room, look, corridors):
    """Follows a corridor from a place to another; what is believed at each."""

    def along(corridor: int, first: int, last: int, localiser: Localiser | None = None):
        localiser = localiser or Localiser(corridors[0], room)
        period_ns = int(1e9 * room.contract.period)
        return [localiser.observe(place * period_ns, look(corridor, place)) for place in range(first, last)]

    return along


def test_nothing_is_believed_of_an_empty_memory(memory, room, look):
    assert Localiser(memory, room).observe(0, look(0, 0)) is None


def test_where_places_look_alike_both_are_possible_and_neither_is_sure(corridors, drive):
    _, nodes = corridors
    for place, seen in enumerate(drive(0, 4, 8), start=4):
        assert set(nodes[:, place]) <= set(seen.nodes[:6])
        assert seen.sure == pytest.approx(0.5, abs=0.05)
        assert seen.shares.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("corridor", [0, 1])
def test_having_come_from_a_place_that_is_like_no_other_decides(corridors, drive, corridor):
    _, nodes = corridors
    for place, seen in enumerate(drive(corridor, 0, LENGTH)):
        assert seen.node == nodes[corridor, place]
        assert seen.sure > 0.95
        assert seen.distance == pytest.approx(0.0, abs=1e-6)


def test_after_a_gap_anything_is_possible_again(room, look, corridors, drive):
    localiser = Localiser(corridors[0], room)
    assert drive(1, 0, 6, localiser)[-1].sure > 0.95
    assert localiser.observe(int(3600e9), look(1, 6)).sure < 0.6


def test_a_robot_that_was_carried_elsewhere_is_found_there(room, look, corridors, drive):
    _, nodes = corridors
    localiser = Localiser(corridors[0], room)
    drive(0, 0, 6, localiser)
    moved = localiser.observe(int(6e9 * room.contract.period), look(1, 1))
    assert moved.node == nodes[1, 1]
    assert moved.sure > 0.95
