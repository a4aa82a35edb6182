"""The planner is served before what is not as urgent, where the system allows that, and only as far as it must be."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest

from jepa_ros.ros.base.urgency import patient

PRIORITY = 10  # the parameter's default


def in_an_urgent_thread(look: Callable[[], list[int]]) -> list[int] | None:
    """What is found in a thread with a real-time priority; None where the system allows none."""
    found: list[list[int] | None] = []

    def run() -> None:
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
        except PermissionError:
            found.append(None)
        else:
            found.append(look())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def policies(process: int) -> set[int]:
    """How the threads of a process are served."""
    return {os.sched_getscheduler(int(thread)) for thread in os.listdir(f"/proc/{process}/task")}


def test_all_threads_of_the_planner_are_urgent_where_that_is_allowed(stack):
    planner = next(process for label, process in stack.processes.running.items() if "planner" in label)
    if in_an_urgent_thread(list) is not None:
        assert policies(planner.pid) == {os.SCHED_FIFO}
    else:
        assert "is not allowed here" in stack.log("planner")
        assert policies(planner.pid) == {os.SCHED_OTHER}


def test_the_world_model_is_not(stack):
    model = next(process for label, process in stack.processes.running.items() if "world_model" in label)
    assert policies(model.pid) == {os.SCHED_OTHER}


def test_work_that_may_take_long_waits_like_any_other():
    def look() -> list[int]:
        with patient():
            inside = os.sched_getscheduler(0)
        return [inside, os.sched_getscheduler(0)]

    found = in_an_urgent_thread(look)
    if found is None:
        pytest.skip("this system allows no real-time priorities")
    assert found == [os.SCHED_OTHER, os.SCHED_FIFO]
