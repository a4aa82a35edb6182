"""Who may run, when goals come and all are told to end."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from harness.goals import assert_failed, see
from harness.operator import Operator

from jepa_ros.ros.client.client import on_executor, wait_for
from jepa_ros.ros.goals.goal_action import GoalAction
from jepa_ros.ros.goals.goal_reader import GoalError
from jepa_ros.ros.goals.remedies import CODES
from jepa_ros.ros.goals.turns import Turns
from jepa_ros_interfaces.action import MoveToGoal


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


class Revoked(GoalAction):
    """Goals that are told to end in the same breath in which they are accepted."""

    def _accept(self, handle):
        super()._accept(handle)
        self.stop("enough")

    def pursue(self, handle, result):
        wait_for(lambda: self.turns.check(handle), 10.0, "the order to stop")


def test_who_tells_a_goal_to_end_that_was_just_accepted_need_not_let_the_executor_go(graph):
    node = graph.node("server")
    node.active = True
    robot = SimpleNamespace(node=node)
    action = on_executor(graph.executor, lambda: Revoked(robot, MoveToGoal, "move_to_goal", Turns()))
    assert_failed(Operator(graph).move(see(0.0, 0.0)).ending(), CODES.PREEMPTED, "enough")
    on_executor(graph.executor, action.destroy)
