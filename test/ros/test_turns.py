"""Who may run, when goals come and all are told to end."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from jepa_ros.ros.client.client import wait_for
from jepa_ros.ros.goals.goal_reader import CODES, GoalError
from jepa_ros.ros.goals.turns import Turns


@pytest.fixture
def turns():
    return Turns()


@pytest.fixture
def accept(turns):
    """Accepts goals of which nobody has run yet."""

    def make():
        handle = SimpleNamespace(is_cancel_requested=False, execute=lambda: None)
        turns.accept(handle)
        return handle

    return make


def may_run(turns, handle):
    try:
        turns.check(handle)
    except GoalError:
        return False
    return True


def reason(turns, handle):
    with pytest.raises(GoalError) as error:
        turns.check(handle)
    return error.value.code, str(error.value)


def test_a_newer_goal_takes_a_motion_over(turns, accept):
    old, new = accept(), accept()
    assert reason(turns, old) == (CODES.PREEMPTED, "a newer goal took over")
    turns.check(new)
    assert turns.taken_over(old)
    assert not turns.taken_over(new)


def test_nobody_takes_over_when_all_are_told_to_stop_and_who_says_so_waits_for_all(turns, accept):
    old, new = accept(), accept()
    stopped = threading.Event()
    stopping = threading.Thread(target=lambda: turns.stop("enough") and stopped.set())
    with turns.turn(old):
        stopping.start()
        wait_for(lambda: not may_run(turns, new), 10.0, "the order to stop")
        assert not turns.taken_over(old)
    assert not stopped.is_set()
    with turns.turn(new):
        assert reason(turns, new) == (CODES.PREEMPTED, "enough")
    stopping.join(timeout=10)
    assert stopped.is_set()


def test_where_nothing_runs_nothing_is_stopped(turns):
    assert not turns.stop("enough")
