import numpy as np
import pytest
import torch

from jepa_ros.memory import Sight
from jepa_ros.planning import LatentGoal, StateGoal


def test_what_looks_the_same_is_one_place_and_what_does_not_is_another(memory, sight):
    first = memory.remember(sight(0.0))
    assert memory.remember(sight(0.5)) == first
    assert memory.remember(sight(1.5)) != first
    assert len(memory) == 2
    assert memory.visits.tolist() == [2, 1]


def test_the_nearer_of_two_places_is_the_same(memory, sight):
    left, right = memory.remember(sight(0.0)), memory.remember(sight(1.5))
    assert memory.remember(sight(0.7)) == left
    assert memory.remember(sight(0.8)) == right


def test_a_node_keeps_what_was_perceived(memory, sight):
    picture = np.full((48, 64, 3), (200, 40, 90), np.uint8)
    seen = sight(2.0, seconds=3.0, pose=(1.0, 2.0, 0.5), thumbnail=picture)
    node = memory.remember(seen)
    assert torch.equal(memory.latent(node), seen.latent)
    assert memory.states[node].tolist() == [2.0, 0.0]
    assert memory.stamps[node] == 3_000_000_000
    assert memory.poses[node].tolist() == [1.0, 2.0, 0.5]
    assert np.abs(memory.thumbnail(node).astype(int) - picture).max() < 8


def test_a_place_without_picture_or_pose_has_none_until_a_pose_is_known(memory, sight):
    node = memory.remember(sight(0.0))
    assert memory.thumbnail(node) is None
    assert np.isnan(memory.poses[node]).all()
    memory.remember(sight(0.0, pose=(1.0, 2.0, 0.0)))
    assert memory.poses[node].tolist() == [1.0, 2.0, 0.0]


def test_a_place_gets_a_picture_later_unless_it_is_forgotten(memory, sight):
    node, picture = memory.remember(sight(0.0)), np.full((48, 64, 3), (200, 40, 90), np.uint8)
    memory.illustrate(node, picture)
    assert np.abs(memory.thumbnail(node).astype(int) - picture).max() < 8
    memory.visits[node] = 0
    memory.illustrate(node, 0 * picture)
    assert np.abs(memory.thumbnail(node).astype(int) - picture).max() < 8


def test_places_that_look_alike_are_two_where_poses_say_so(memory, sight):
    here, there = (memory.remember(sight(0.0, pose=(x, 0.0, 0.0))) for x in (0.0, 5.0))
    assert here != there
    assert memory.remember(sight(0.0, pose=(0.1, 0.0, 0.0))) == here
    assert memory.remember(sight(0.0, pose=(5.1, 0.0, 0.0))) == there


def test_locating_says_the_nearest_places_in_the_models_distance(memory, room, sight):
    nodes = [memory.remember(sight(place)) for place in (0.0, 3.0, 6.0, 9.0)]
    found = memory.locate(sight(3.4).latent, count=3)
    assert [near.node for near in found] == [nodes[1], nodes[2], nodes[0]]
    expected = [room.distance(memory.latent(near.node), sight(3.4).latent).item() for near in found]
    assert [near.distance for near in found] == pytest.approx(expected)
    assert found[0].distance == pytest.approx(0.4 * room.calibration.tolerance, rel=1e-4)


def test_an_empty_memory_knows_no_place(memory, sight):
    assert memory.locate(sight(0.0).latent, 5) == []
    assert memory.nearest(LatentGoal(memory.model, sight(0.0).latent)) == []


def test_any_goal_has_a_nearest_place(memory, room, sight):
    nodes = [memory.remember(sight(place)) for place in (0.0, 3.0, 6.0)]
    assert memory.nearest(LatentGoal(room, sight(2.8).latent), 2) == memory.locate(sight(2.8).latent, 2)
    name = room.contract.state_names[0]
    found = memory.nearest(StateGoal(room, [name], [5.0]))[0]
    assert found.node == nodes[2]
    assert found.distance == pytest.approx(1.0 / room.calibration.state_scale[0], rel=1e-4)


@pytest.mark.parametrize(
    ("latent", "state"),
    [
        (torch.zeros(1, 15), torch.zeros(2)),
        (torch.zeros(1, 16), torch.zeros(3)),
        (torch.full((1, 16), torch.nan), torch.zeros(2)),
    ],
)
def test_a_sight_of_something_else_is_refused(memory, latent, state):
    with pytest.raises(ValueError, match="allowed: finite latents of 16"):
        memory.remember(Sight(latent, state, 0))
    assert len(memory) == 0
