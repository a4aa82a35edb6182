"""Every embedded robot can be made for trials: anywhere, at places, with faults."""

import math
from pathlib import Path

import numpy as np
import pytest

from jepa_ros.contract import load_contract
from jepa_ros.simulation.embedded import EMBEDDED, Setting
from jepa_ros.simulation.faults import FAULTS_OF
from jepa_ros.simulation.furniture import Solids
from jepa_ros.simulation.layouts import find_layout
from jepa_ros.simulation.mobile_base import RADIUS
from jepa_ros.simulation.simulators import simulator_of

CONTRACTS = Path(__file__).parents[2] / "config/contracts"
PLACED = ("planar_arm", "furnished_room")


def simulator(robot, **setting):
    return simulator_of(load_contract(CONTRACTS / f"{robot}.yaml"), Setting(**setting))


@pytest.mark.parametrize("robot", EMBEDDED)
def test_every_robot_is_seen_and_obeys_as_through_its_nodes(robot):
    made = simulator(robot)
    stepped = made.anywhere(3)
    limits = stepped.contract.limits
    seen = [observation for _ in range(3) for observation in stepped.advance()]
    assert list(seen[-1].images) == list(stepped.contract.images)
    assert seen[-1].state.shape == (len(stepped.contract.state_names),)
    assert stepped.command_between(seen[0].stamp_ns, seen[-1].stamp_ns) is None
    stepped.act(limits.high, seen[-1].state)
    before, after = seen[-1], stepped.advance()[-1]
    command = stepped.command_between(before.stamp_ns, after.stamp_ns)
    assert np.all(command >= limits.low - 1e-6)
    assert np.all(command <= limits.high + 1e-6)
    assert made.faults == tuple(FAULTS_OF[robot])


@pytest.mark.parametrize("robot", EMBEDDED)
def test_the_same_seed_makes_the_same_robot(robot):
    one, same, other = (simulator(robot).anywhere(seed).advance()[-1].state for seed in (3, 3, 4))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("robot", PLACED)
def test_a_robot_stands_where_it_is_put_and_its_error_is_the_way_from_there(robot):
    places = simulator(robot).places
    ((start, goal),) = places.pairs(1, seed=1)
    stepped = places.at(start)
    assert stepped.advance()[-1].state == pytest.approx(start, abs=1e-6)
    assert places.error(stepped, start) == pytest.approx(0.0, abs=1e-9)
    assert places.error(stepped, goal) > places.tolerance


@pytest.mark.parametrize("robot", PLACED)
def test_pairs_come_again_with_the_seed(robot):
    places = simulator(robot).places
    assert np.array_equal(places.pairs(20, seed=5), places.pairs(20, seed=5))
    assert not np.array_equal(places.pairs(20, seed=5), places.pairs(20, seed=6))


def test_poses_of_the_arm_lie_within_its_limits_and_fill_them():
    pairs = np.array(simulator("planar_arm").places.pairs(200))
    assert np.all(np.abs(pairs) <= 2.5)
    assert np.all(np.abs(pairs).max(axis=(0, 1)) > 2.3)


@pytest.mark.parametrize("layout", ["living_room", "studio", "random:3"])
def test_between_a_start_and_a_goal_in_the_room_nothing_is_in_the_bases_way(layout):
    solids = Solids(find_layout(layout))
    for start, goal in simulator("furnished_room", layout=layout).places.pairs(30):
        way = start + np.linspace(0, 1, 200)[:, None] * (goal - start)
        assert solids.distances(way).min() > RADIUS
        assert math.dist(start, goal) >= 0.5


def test_the_process_is_nowhere():
    assert simulator("process").places is None


def test_distractors_of_the_setting_are_in_every_picture():
    plain, busy = simulator("furnished_room").places, simulator("furnished_room", distractors=0.3).places
    ((start, _),) = plain.pairs(1)
    images = [next(iter(places.at(start).advance()[-1].images.values())).astype(int) for places in (plain, busy)]
    assert np.abs(images[0] - images[1]).mean() > 5
