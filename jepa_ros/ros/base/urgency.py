"""Which threads the processor serves first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def hurry(priority: int) -> None:
    """Have this process, with all threads that it has and makes, served before all that is not as urgent.

    ``priority`` is that of SCHED_FIFO, from 1 up; 0 changes nothing. All threads, since one that waits for the
    interpreter is no faster than the one that holds it. Raises OSError where the system does not allow it.
    """
    if priority:
        for thread in os.listdir("/proc/self/task"):
            with suppress(ProcessLookupError):  # it has just ended
                os.sched_setscheduler(int(thread), os.SCHED_FIFO, os.sched_param(priority))


@contextmanager
def patient() -> Iterator[None]:
    """Let this thread wait for its turn like those of any process: for work that takes as long as it may."""
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)
