"""Lives of arms that nobody leaves in peace: their commands are legal, and a judge that lets all pass is none."""

import numpy as np
import pytest

from benchmark.commands import figure
from benchmark.lives import Life, Verdict, live


@pytest.fixture
def life(contract, model):
    return Life(contract, model, seed=1)


def test_a_short_life_has_no_illegal_command():
    found = live(seed=0, commands=300)
    assert found.commands >= 300
    assert found.complaints == []


def test_a_command_that_jumps_is_noticed(life, monkeypatch):
    prepare = life.commander._reference.prepare

    def jumping(action, state, due_ns):
        prepared = prepare(action, state, due_ns)
        for _, fields in prepared.commands.values():
            for point in fields["points"]:
                point["positions"][0] += 0.05
        return prepared

    life.send(np.zeros(2))
    life._pass(0.1)
    monkeypatch.setattr(life.commander._reference, "prepare", jumping)
    life.send(np.zeros(2))
    assert len(life.complaints) == 1
    assert "is not on from" in life.complaints[0]


def test_a_stop_long_after_a_motion_stays_where_the_motion_has_led(life):
    life.send(np.ones(2))
    life._pass(0.1)
    life.send(np.ones(2))
    life._pass(1.26)
    life.commander.stop()
    assert life.complaints == []


def test_a_life_knows_faults(life):
    for _ in range(20):
        life.pursue_something()
    assert life._disturbed_ns > 0
    assert life.judged > 100


def test_what_is_wrong_is_counted_and_the_first_of_it_told():
    found = figure(Verdict(999_000, ["too fast"]), Verdict(1000, []))
    assert (found.value, found.n) == (1, 1_000_000)
    assert found.low <= 1 <= found.high
    assert "too fast" in found.conditions
