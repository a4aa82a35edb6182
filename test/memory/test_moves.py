import pytest

from jepa_ros.memory.table import DEGREE


@pytest.fixture
def nodes(memory, sight):
    return [memory.remember(sight(2.0 * place)) for place in range(DEGREE + 4)]


def test_of_several_times_the_quickest_counts(memory, nodes):
    for periods in (3.0, 1.0, 2.0):
        memory.connect(nodes[0], nodes[1], periods)
    known = memory.moves(nodes[0])
    assert (known.ends.tolist(), known.periods.tolist(), known.times.tolist()) == ([nodes[1]], [1.0], [3])


def test_moves_have_a_direction(memory, nodes):
    memory.connect(nodes[0], nodes[1], 1.0)
    assert not len(memory.moves(nodes[1]).ends)
    assert memory.route(nodes[1], nodes[0]) is None


def test_a_prediction_gives_way_to_experience_and_never_the_other_way_round(memory, nodes):
    memory.expect(nodes[0], nodes[1], 1.0)
    assert memory.moves(nodes[0]).times.tolist() == [0]
    memory.connect(nodes[0], nodes[1], 2.5)
    memory.expect(nodes[0], nodes[1], 1.0)
    known = memory.moves(nodes[0])
    assert (known.periods.tolist(), known.times.tolist()) == ([2.5], [1])


def test_a_move_that_is_struck_out_is_used_no_more_until_it_is_made(memory, nodes):
    memory.connect(nodes[0], nodes[1], 1.0)
    memory.strike_out(nodes[0], nodes[1])
    memory.expect(nodes[0], nodes[1], 1.0)
    assert memory.moves(nodes[0]).struck.tolist() == [True]
    assert memory.route(nodes[0], nodes[1]) is None
    memory.connect(nodes[0], nodes[1], 4.0)
    assert memory.route(nodes[0], nodes[1]).periods.tolist() == [4.0]


@pytest.mark.parametrize("made", [True, False])
def test_a_move_that_was_struck_out_too_early_counts_as_before(memory, nodes, made):
    (memory.connect if made else memory.expect)(nodes[0], nodes[1], 2.0)
    memory.strike_out(nodes[0], nodes[1])
    memory.reinstate(nodes[0], nodes[1])
    known = memory.moves(nodes[0])
    assert (known.times.tolist(), known.struck.tolist()) == ([int(made)], [False])
    assert memory.route(nodes[0], nodes[1]).periods.tolist() == [2.0]


def test_what_was_never_thought_of_can_be_struck_out(memory, nodes):
    memory.strike_out(nodes[0], nodes[1])
    memory.expect(nodes[0], nodes[1], 1.0)
    assert memory.route(nodes[0], nodes[1]) is None


def test_the_moves_made_most_often_are_kept_and_of_these_the_shortest(memory, nodes):
    memory.expect(nodes[0], nodes[1], 1.0)
    memory.connect(nodes[0], nodes[2], 9.0)
    memory.connect(nodes[0], nodes[2], 9.0)
    for place in range(3, DEGREE + 1):
        memory.connect(nodes[0], nodes[place], float(place))
    memory.connect(nodes[0], nodes[DEGREE + 1], 1.0)  # in place of what was only predicted
    memory.connect(nodes[0], nodes[DEGREE + 2], 1.0)  # in place of the longest that was made once
    memory.expect(nodes[0], nodes[DEGREE + 3], 1.0)  # which counts less than all of these
    kept = {node for node in nodes[2 : DEGREE + 3] if node != nodes[DEGREE]}
    assert set(memory.moves(nodes[0]).ends.tolist()) == kept


def test_where_there_is_no_room_a_shorter_prediction_takes_the_place_of_a_longer_one(memory, nodes):
    for place in range(1, DEGREE + 1):
        memory.expect(nodes[0], nodes[place], float(place))
    memory.expect(nodes[0], nodes[DEGREE + 1], DEGREE + 1.0)
    memory.expect(nodes[0], nodes[DEGREE + 2], 1.0)
    kept = {*nodes[1:DEGREE], nodes[DEGREE + 2]}
    assert set(memory.moves(nodes[0]).ends.tolist()) == kept


def test_what_was_tried_in_vain_is_remembered_however_much_else_is_predicted(memory, nodes):
    memory.expect(nodes[0], nodes[1], 9.0)
    memory.strike_out(nodes[0], nodes[1])
    for place in range(2, DEGREE + 4):
        memory.expect(nodes[0], nodes[place], 1.0)
    memory.expect(nodes[0], nodes[1], 1.0)
    assert memory.struck_out.tolist() == [[nodes[0], nodes[1]]]
    assert len(memory.predicted) == DEGREE - 1


def test_another_chance_is_for_moves_that_were_made_once(memory, nodes):
    memory.connect(nodes[0], nodes[1], 1.0)
    memory.expect(nodes[0], nodes[2], 1.0)
    for end in nodes[1:3]:
        memory.strike_out(nodes[0], end)
    memory.pardon()
    assert memory.struck_out.tolist() == [[nodes[0], nodes[2]]]
