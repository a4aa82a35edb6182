"""Goals of one action server take turns: the newest one preempts, and nobody waits for good."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rclpy.action.server import ServerGoalHandle

from jepa_ros.ros.goals import CODES, GoalError


class Turns:
    """Which goal may run, and why it must end: a newer goal, a client's cancel, or an order to stop."""

    def __init__(self) -> None:
        self._running = threading.Lock()
        self._newest: ServerGoalHandle | None = None
        self._order = ""

    def accept(self, handle: ServerGoalHandle) -> None:
        """A goal was accepted: it runs as soon as the one before has ended, which it does now."""
        self._newest, self._order = handle, ""
        handle.execute()

    def busy(self) -> bool:
        """Whether a goal is running."""
        return self._running.locked()

    def stop(self, order: str) -> bool:
        """End the running goal for this reason and wait until it has sent its last command; False where none runs."""
        self._order = order
        ran = self.busy()
        with self._running:
            return ran

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The time in which one goal runs alone."""
        with self._running:
            yield

    def check(self, handle: ServerGoalHandle) -> None:
        """Raise GoalError where this goal must end now."""
        if handle.is_cancel_requested:
            raise GoalError(CODES.CANCELED, "canceled by a client")
        if self._newest is not handle:
            raise GoalError(CODES.PREEMPTED, "a newer goal took over")
        if self._order:
            raise GoalError(CODES.PREEMPTED, self._order)


def finish(handle: ServerGoalHandle, code: int) -> None:
    """Bring a goal into the final state that its error code stands for."""
    ending: Callable[[], None] = handle.abort
    if code == CODES.NONE:
        ending = handle.succeed
    elif code == CODES.CANCELED:
        ending = handle.canceled
    ending()
