"""Moves that the model predicts between places that the robot has seen, until experience decides on them."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from jepa_ros.contract import Observation, resize_image
from jepa_ros.evaluation.robot import Watcher
from jepa_ros.evaluation.trials import goal_latent, pursue
from jepa_ros.memory import Expectation, Memory, MemoryGuide, Sight
from jepa_ros.paths import shipped
from jepa_ros.planning import LatentGoal, Outcome, Patience
from jepa_ros.simulation.free_space import FreeSpace, path_length
from jepa_ros.simulation.furnished_room import FurnishedRoom
from jepa_ros.simulation.layouts import LIVING_ROOM
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.world_model import WorldModel

GRID = 0.2  # m between places
HERE, BEHIND = (2.4, 2.5), (3.4, 3.0)  # on either side of the divider
SPACE = FreeSpace(LIVING_ROOM)


@torch.inference_mode()
def sight_of(model: WorldModel, room: FurnishedRoom, place: np.ndarray, **more: object) -> Sight:
    """What the base perceives in a place."""
    room.reset(place)
    images = {key: resize_image(room.image(), size) for key, size in model.contract.images.items()}
    return Sight(model.encode(Observation(0, images, place.astype(np.float32)))[0], place, 0, **more)


@pytest.fixture(scope="module")
def sights(room) -> list[Sight]:
    """Sights of the right half of the room, on either side of its divider."""
    simulated, free = FurnishedRoom(), FreeSpace(LIVING_ROOM, margin=0.05)
    places = [np.array([x, y]) for x in np.arange(2.2, 4.3, GRID) for y in np.arange(1.6, 3.5, GRID)]
    return [sight_of(room, simulated, place) for place in places if free.free(place)]


@pytest.fixture
def seen(memory, sights) -> Memory:
    """A memory of all that, without a single move."""
    for sight in sights:
        memory.remember(sight)
    return memory


@pytest.fixture
def expectant(seen) -> Memory:
    """The same, with the moves that the model predicts."""
    Expectation(seen).expect_from(range(len(seen)))
    return seen


def nearest(memory: Memory, place: tuple[float, float]) -> int:
    return int(np.linalg.norm(memory.states - place, axis=1).argmin())


def predicted(memory: Memory) -> set[tuple[int, int]]:
    return set(map(tuple, memory.predicted.tolist()))


def test_where_nobody_ever_drove_a_way_round_the_furniture_is_known(expectant):
    start, goal = nearest(expectant, HERE), nearest(expectant, BEHIND)
    assert not SPACE.in_line(expectant.states[start], expectant.states[goal])
    way = expectant.states[expectant.route(start, goal).nodes]
    assert path_length(way) < 1.3 * path_length(SPACE.shortest_path(way[0], way[-1]))


def test_most_predicted_moves_are_possible(expectant):
    moves = expectant.predicted
    assert len(moves) > 3 * len(expectant)
    assert np.mean([SPACE.in_line(*expectant.states[move]) for move in moves]) > 0.85


def test_a_new_place_is_led_to_and_from_bit_by_bit(seen):
    *_, newest = range(len(seen))
    expectation, before = Expectation(seen), 0
    expectation.note(newest)
    while expectation.go_on():
        assert len(seen.predicted) > before
        before = len(seen.predicted)
    moves = seen.predicted
    assert (moves[:, 0] == newest).any()
    assert (moves[:, 1] == newest).any()


def test_nothing_is_predicted_anew_about_a_place_that_was_known(seen, sights):
    node = seen.remember(sights[0])
    expectation = Expectation(seen)
    expectation.note(node)
    expectation.catch_up()
    assert not seen.count_moves()


def test_nothing_is_predicted_where_a_way_as_short_was_driven(seen):
    Expectation(seen).expect_from([0])
    ends = seen.moves(0).ends.tolist()
    for node in (0, *ends):
        for end in ends:
            if node != end:
                seen.connect(node, end, 1.0)
    count = seen.count_moves()
    Expectation(seen).expect_from([0])
    assert seen.count_moves() == count


def test_a_predicted_move_counts_for_longer_than_the_same_one_made(expectant):
    known = expectant.moves(0)
    end, periods = int(known.ends[0]), float(known.periods[0])
    expectant.connect(0, end, periods / 1.2)
    assert expectant.moves(0).made(end)
    assert expectant.route(0, end).total < periods


def test_no_move_is_predicted_to_what_poses_say_is_elsewhere(memory, room):
    simulated = FurnishedRoom()
    for x in (2.4, 2.55):
        place = np.array([x, 1.8])
        memory.remember(sight_of(room, simulated, place, pose=(10 * x, 0.0, 0.0)))
    Expectation(memory).expect_from(range(len(memory)))
    assert len(memory) == 2
    assert not memory.count_moves()


def test_a_false_prediction_is_struck_out_by_experience_and_not_made_again(expectant, room):
    left, right = [nearest(expectant, (x, 2.9)) for x in (2.6, 3.2)]
    start, goal = expectant.states[left].copy(), expectant.states[right].copy()
    assert not SPACE.in_line(start, goal)
    expectant.expect(left, right, 2.0)
    assert expectant.route(left, right).nodes == [left, right]
    places, false = simulator_of(room.contract).places, (left, right)
    aim = LatentGoal(room, goal_latent(room, places.at(goal)))
    watcher = Watcher(room, places.at(start), expectant)
    assert pursue(watcher, aim, Patience(timeout=30.0), guide=MemoryGuide(expectant, aim)).outcome is Outcome.ARRIVED
    assert list(false) in expectant.struck_out.tolist()
    Expectation(expectant).expect_from([left])
    assert false not in predicted(expectant)


def test_predicted_moves_are_driven_and_are_experience_from_then_on(expectant, room):
    before, places = predicted(expectant), simulator_of(room.contract).places
    aim = LatentGoal(room, goal_latent(room, places.at(np.array(BEHIND))))
    watcher = Watcher(room, places.at(np.array(HERE)), expectant)
    assert pursue(watcher, aim, Patience(timeout=30.0), guide=MemoryGuide(expectant, aim)).outcome is Outcome.ARRIVED
    assert any(expectant.moves(start).made(end) for start, end in before)


def test_a_robot_whose_rest_nobody_knows_has_experience_only(seen, room):
    other = copy.copy(room)
    other.contract = replace(room.contract, command=room.contract.command.model_copy(update={"kind": "position"}))
    seen.model = other
    expectation = Expectation(seen)
    expectation.note(0)
    expectation.catch_up()
    expectation.expect_from(range(len(seen)))
    assert not seen.count_moves()


@pytest.mark.parametrize("name", ["process", "planar_arm"])
def test_any_robot_may_remember_and_predict(name):
    model = WorldModel.from_pretrained(shipped(f"models/{name}"))
    memory = Memory.apart(model)
    watcher = Watcher(model, simulator_of(model.contract).anywhere(0), memory)
    for _ in range(20):
        watcher.advance()
    assert len(memory)
