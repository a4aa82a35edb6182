"""Memory leads round what is in the way, another way where one proves blocked, and says what it knows of a goal."""

import numpy as np
import pytest
import torch

from jepa_ros.contract import Observation
from jepa_ros.evaluation.robot import Watcher
from jepa_ros.evaluation.trials import goal_latent, pursue
from jepa_ros.memory import Memory, MemoryGuide, Sight
from jepa_ros.memory.guide import ALONG, NEARBY, UNKNOWN
from jepa_ros.paths import shipped
from jepa_ros.planning import LatentGoal, Outcome, Patience, StateGoal
from jepa_ros.planning.guide import DIRECT
from jepa_ros.simulation.free_space import FreeSpace
from jepa_ros.simulation.layouts import LIVING_ROOM
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.world_model import WorldModel

AROUND = 24  # places on the ring
PERIODS = 2.0  # from one to the next


@pytest.fixture(scope="module")
def room():
    return WorldModel.from_pretrained(shipped("models/furnished_room"))


@pytest.fixture
def memory(room):
    return Memory.apart(room)


@pytest.fixture
def ring():
    turn = np.arange(AROUND) / AROUND * 2 * np.pi
    return np.array([2.5, 1.9]) + 0.9 * np.stack([np.cos(turn), np.sin(turn)], axis=1)


@torch.inference_mode()
def felt(model, place):
    """The latent (N, D) of being at a place, whatever one sees there."""
    return model.encode(Observation(0, {}, np.asarray(place, np.float32)))[0]


def remember(memory, places, closed):
    """Put places (K, 2) into memory, with moves both ways between neighbours."""
    nodes = [memory.remember(Sight(felt(memory.model, place), place, 0)) for place in places]
    for one, other in zip(nodes, nodes[1:] + nodes[:1] * closed):
        memory.connect(one, other, PERIODS)
        memory.connect(other, one, PERIODS)
    return nodes


def lead(memory, goal, place):
    """A guide to a goal, and what it says at a place."""
    guide = MemoryGuide(memory, goal)
    return guide, ask(guide, memory, goal, place)


def ask(guide, memory, goal, place):
    latent, state = felt(memory.model, place), torch.tensor(place)
    return guide.aim(latent, state, float(goal.distance(latent, lambda: state)))


def sight_of(memory, place):
    return LatentGoal(memory.model, felt(memory.model, place))


def test_the_way_is_led_over_the_next_place_two_periods_ahead_and_shrinks(memory, ring):
    nodes = remember(memory, ring, closed=True)
    goal = sight_of(memory, ring[10])
    guide, first = lead(memory, goal, ring[0])
    assert guide.route.nodes == nodes[:11]
    assert memory.nearest(first.goal)[0].node == nodes[1]
    assert first.way == ALONG
    to_go = [ask(guide, memory, goal, place).to_go for place in ring[:9]]
    assert to_go == pytest.approx([PERIODS * (10 - place) for place in range(9)], abs=0.1)
    last = ask(guide, memory, goal, ring[10])
    assert (last.goal, last.way) == (goal, DIRECT)


def test_where_the_robot_does_not_get_on_moves_are_struck_out_and_it_goes_round_the_other_side(memory, ring):
    nodes = remember(memory, ring, closed=True)
    goal = sight_of(memory, ring[10])
    guide, before = lead(memory, goal, ring[0])
    assert guide.lead_elsewhere()
    after = ask(guide, memory, goal, ring[0])
    assert guide.route.nodes == [nodes[0], *reversed(nodes[10:])]
    assert after.to_go == pytest.approx(before.to_go + 4 * PERIODS)
    assert MemoryGuide(memory, goal).aim(felt(memory.model, ring[0]), None, 1.0).to_go == after.to_go


def test_a_move_that_is_made_again_counts_again(memory, ring):
    nodes = remember(memory, ring, closed=True)
    goal = sight_of(memory, ring[10])
    guide, before = lead(memory, goal, ring[0])
    guide.lead_elsewhere()
    for one, other in zip(nodes[:10], nodes[1:11]):
        memory.connect(one, other, PERIODS)
    assert ask(guide, memory, goal, ring[0]).to_go == before.to_go


def test_the_only_way_is_not_struck_out(memory, ring):
    remember(memory, ring, closed=False)
    goal = sight_of(memory, ring[10])
    guide, before = lead(memory, goal, ring[0])
    assert not guide.lead_elsewhere()
    assert ask(guide, memory, goal, ring[0]).to_go == before.to_go


def test_a_robot_that_gets_on_all_the_same_is_not_blocked(memory, ring):
    remember(memory, ring, closed=True)
    goal = sight_of(memory, ring[10])
    guide, _ = lead(memory, goal, ring[0])
    for place in ring[1:4]:
        before = ask(guide, memory, goal, place)
    assert guide.lead_elsewhere()
    assert ask(guide, memory, goal, ring[3]).to_go == before.to_go


def test_a_goal_never_seen_is_approached_through_the_nearest_view_which_is_said(memory, ring):
    remember(memory, ring, closed=True)
    beyond = ring[10] + 0.6 * (ring[10] - [2.5, 1.9]) / 0.9
    goal = sight_of(memory, beyond)
    guide, first = lead(memory, goal, ring[0])
    assert guide.route.nodes[-1] in (9, 10, 11)
    assert first.way == NEARBY
    assert ask(guide, memory, goal, ring[10]).goal is goal


def test_who_is_nearer_to_a_goal_never_seen_than_all_that_was_remembered_is_not_led_back(memory, ring):
    nodes = remember(memory, ring, closed=True)
    outward = (ring[10] - [2.5, 1.9]) / 0.9
    goal = sight_of(memory, ring[10] + 0.6 * outward)
    guide, _ = lead(memory, goal, ring[0])
    beyond = ring[10] + 0.4 * outward
    (new,) = remember(memory, [beyond], closed=False)
    memory.connect(new, nodes[10], 2 * PERIODS)
    aim = ask(guide, memory, goal, beyond)
    assert (aim.goal, aim.way) == (goal, DIRECT)


def test_a_goal_that_names_states_is_found_by_them(memory, ring):
    nodes = remember(memory, ring, closed=True)
    goal = StateGoal(memory.model, memory.model.contract.state_names, ring[7].tolist())
    guide, _ = lead(memory, goal, ring[0])
    assert guide.route.nodes[-1] == nodes[7]


def test_without_memories_or_ways_one_goes_straight(memory, ring):
    goal = sight_of(memory, ring[10])
    guide, aim = lead(memory, goal, ring[0])
    assert (aim.goal, aim.way, guide.route) == (goal, UNKNOWN, None)
    for place in ring[[0, 10]]:
        remember(memory, [place], closed=False)
    guide, aim = lead(memory, goal, ring[0])
    assert (aim.goal, aim.way, guide.lead_elsewhere()) == (goal, UNKNOWN, False)


@pytest.mark.parametrize("remembers", [True, False])
def test_what_is_behind_furniture_is_reached_with_a_memory_only(room, memory, remembers):
    start, goal = np.array([2.5, 2.5]), np.array([3.4, 3.2])  # on either side of the divider
    if remembers:
        way = FreeSpace(LIVING_ROOM, margin=0.05).shortest_path(start, goal)
        remember(memory, evenly(way, 0.15), closed=False)
    places = simulator_of(room.contract).places
    aim = LatentGoal(room, goal_latent(room, places.at(goal)))
    watcher = Watcher(room, places.at(start))
    journey = pursue(watcher, aim, Patience(timeout=20.0), guide=MemoryGuide(memory, aim))
    assert (journey.outcome is Outcome.ARRIVED) == remembers
    assert (places.error(watcher.robot, goal) < 0.1) == remembers


def evenly(way, apart):
    """Points (K, 2) along a way (N, 2), so far apart."""
    passed = np.append(0.0, np.hypot(*np.diff(way, axis=0).T).cumsum())
    at = np.linspace(0.0, passed[-1], round(passed[-1] / apart) + 1)
    return np.stack([np.interp(at, passed, axis) for axis in way.T], axis=1)
