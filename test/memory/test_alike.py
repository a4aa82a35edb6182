"""Two corridors that look alike between their ends: whence the robot came says in which one it is."""

from __future__ import annotations

import numpy as np
import pytest

from jepa_ros.memory import Localiser, MemoryGuide
from jepa_ros.memory.guide import ALONG
from jepa_ros.planning import LatentGoal

ALIKE = [2.0, 4.0, 6.0, 8.0]
JUNCTION, LEFT, RIGHT = 100.0, [-10.0, *ALIKE], [-20.0, *ALIKE, -40.0]  # what the places look like
APART = 50.0  # m


@pytest.fixture
def corridors(memory, sight):
    """The nodes of both, from the junction on, which leads into either."""

    def corridor(y: float, looks: list[float]) -> list[int]:
        nodes = [
            memory.remember(sight(look, pose=(float(x), y, 0.0))) for x, look in enumerate([JUNCTION, *looks]) if x
        ]
        for start, end in zip([junction, *nodes], nodes):
            memory.connect(start, end, 1.0)
            memory.connect(end, start, 1.0)
        return nodes

    junction = memory.remember(sight(JUNCTION, pose=(0.0, 0.0, 0.0)))
    return corridor(0.0, LEFT), corridor(APART, RIGHT)


@pytest.fixture
def come(memory, room, sight):
    """What is believed of where the robot is, and what it sees, after it has seen some things one after the other."""

    def by_way_of(*looks: float):
        localiser = Localiser(memory, room)
        for tick, look in enumerate(looks):
            seen = sight(look, tick * room.contract.period)
            believed = localiser.observe(seen.stamp_ns, seen.latent)
        return believed, seen.latent

    return by_way_of


@pytest.fixture
def lead(memory, room, sight):
    """A guide to what looks like that, and what it says to who believes and sees this."""

    def to(look: float, believed, latent):
        guide = MemoryGuide(memory, LatentGoal(room, sight(look).latent), lambda: believed)
        return guide, guide.aim(latent, None, 1.0)

    return to


def test_the_route_begins_where_the_robot_came_from_not_where_it_looks_the_same(corridors, come, lead):
    left, right = corridors
    guide, aim = lead(RIGHT[-1], *come(JUNCTION, *LEFT[:4]))
    assert guide.route.nodes == [left[3], left[2], left[1], left[0], guide.route.nodes[4], *right]
    assert aim.way == ALONG
    guide, _ = lead(RIGHT[-1], *come(JUNCTION, *RIGHT[:4]))
    assert guide.route.nodes == right[3:]


def test_who_can_be_in_either_takes_the_shorter_way_and_finds_out(corridors, come, lead):
    left, right = corridors
    guide, _ = lead(RIGHT[-1], *come(ALIKE[2]))
    assert guide.route.nodes == right[3:]
    believed, latent = come(ALIKE[2], ALIKE[1], ALIKE[0], LEFT[0])
    guide._whereabouts = lambda: believed
    guide.aim(latent, None, 1.0)
    assert guide.route.nodes[0] == left[0]


def test_of_places_that_look_like_the_goal_the_nearest_is_gone_to_and_that_there_are_others_is_said(
    memory, corridors, come, lead
):
    left, right = corridors
    for first, nodes in ((LEFT[0], left), (RIGHT[0], right)):
        guide, aim = lead(ALIKE[3], *come(JUNCTION, first))
        assert guide.route.nodes == nodes[:5]
        assert aim.way.startswith(ALONG)
        assert "2 places that look like the goal" in aim.way
    memory.strike_out(left[1], left[2])
    guide, _ = lead(ALIKE[3], *come(JUNCTION, LEFT[0]))
    assert guide.route.nodes[-1] == right[4]


def test_what_is_in_the_way_is_not_thought_to_be_where_it_looks_the_same(memory, corridors, come, lead):
    _, right = corridors
    guide, _ = lead(ALIKE[3], *come(JUNCTION, LEFT[0]))
    assert guide.lead_elsewhere()
    assert len(memory.struck_out)
    assert not np.isin(memory.struck_out, right).any()
