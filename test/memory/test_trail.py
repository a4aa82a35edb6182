import numpy as np
import pytest

from jepa_ros.memory import Trail


@pytest.fixture
def trail(memory, room):
    return Trail(memory, room)


@pytest.fixture
def period(room):
    return room.contract.period


def moves(memory):
    return {(node, int(end)) for node in range(len(memory)) for end in memory.moves(node).ends}


def test_a_stream_becomes_nodes_and_moves_of_one_period(memory, trail, sight, period):
    nodes = [trail.add(sight(1.5 * tick, tick * period)) for tick in range(4)]
    assert moves(memory) == set(zip(nodes, nodes[1:]))
    assert memory.route(nodes[0], nodes[3]).periods == pytest.approx([1.0, 1.0, 1.0])


def test_a_camera_faster_than_control_tells_where_each_period_leads(memory, trail, sight, period):
    nodes = [trail.add(sight(1.5 * tick, tick * period / 2)) for tick in range(6)]
    assert moves(memory) == set(zip(nodes, nodes[2:]))


def test_staying_is_no_move(memory, trail, sight, period):
    for tick in range(5):
        trail.add(sight(0.1 * tick, tick * period))
    assert len(memory) == 1
    assert not moves(memory)


def test_a_slow_move_across_a_border_costs_what_its_length_takes(memory, trail, sight, period):
    """Two sights on either side of a border lie nearer to each other than the places that they count as."""
    memory.remember(sight(0.0))
    memory.remember(sight(1.9))
    first, second = trail.add(sight(-0.9, 0.0)), trail.add(sight(2.8, period))
    assert memory.route(first, second).total == pytest.approx(1.0, abs=0.05)
    memory.remember(sight(-6.0))
    first, second = trail.add(sight(-5.5, 10.0)), trail.add(sight(-0.9, 10.0 + period))
    assert memory.route(first, second).total == pytest.approx(3.0, rel=1e-3)


@pytest.mark.parametrize("seconds", [-5.0, 0.0, 1.0], ids=["clock jumps back", "clock stands still", "gap"])
def test_nothing_is_concluded_across_a_break(memory, trail, sight, period, seconds):
    trail.add(sight(0.0, 0.0))
    trail.add(sight(5.0, seconds))
    assert not moves(memory)
    trail.add(sight(7.0, seconds + period))
    assert moves(memory) == {(1, 2)}


def test_a_lost_frame_makes_a_longer_move(memory, trail, sight, period):
    nodes = [trail.add(sight(1.5 * tick, tick * period)) for tick in (0, 1, 3)]
    np.testing.assert_allclose(memory.route(nodes[0], nodes[2]).periods, [1.0, 2.0], rtol=1e-5)
