"""Goals of one action server take turns: the newest one preempts, and nobody waits for good."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rclpy.action.server import ServerGoalHandle

from jepa_ros.ros.goals.goal_reader import GoalError
from jepa_ros.ros.goals.remedies import CODES


class Turns:
    """Which goal may run, and why it must end: a newer goal, a client's cancel, or an order to stop."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pending: list[ServerGoalHandle] = []
        self._running: ServerGoalHandle | None = None
        self._newest: ServerGoalHandle | None = None
        self._stopped: ServerGoalHandle | None = None
        self._why = ("", "")

    def accept(self, handle: ServerGoalHandle) -> None:
        """A goal was accepted: it runs as soon as the one before has ended, which it does now."""
        with self._changed:  # its turn comes after this, and a goal that fails to begin takes over from nobody
            handle.execute()
            self._newest = handle
            self._pending.append(handle)

    def busy(self) -> bool:
        """Whether a goal is running."""
        return self._running is not None

    def stop(self, cause: str, remedy: str = "") -> bool:
        """End all goals there are for this cause and wait until they have sent their last command.

        ``remedy`` is what helps, where that is not what helps as a rule. Goals that are accepted meanwhile are not
        concerned. False where there were none.
        """
        with self._changed:
            self._stopped, self._why = self._newest, (cause, remedy)
            concerned = list(self._pending)
            self._changed.wait_for(lambda: not any(handle in self._pending for handle in concerned))
        return bool(concerned)

    @contextmanager
    def turn(self, handle: ServerGoalHandle) -> Iterator[None]:
        """The time in which this goal runs alone."""
        with self._changed:
            self._changed.wait_for(lambda: self._running is None)
            self._running = handle
        try:
            yield
        finally:
            with self._changed:
                self._running = None
                self._pending.remove(handle)
                if not self._pending:  # nobody is left to compare with, and a handle holds its whole server
                    self._newest = self._stopped = None
                self._changed.notify_all()

    def taken_over(self, handle: ServerGoalHandle) -> bool:
        """Whether a newer goal goes on from where this one has got to."""
        return self._newest is not handle and self._stopped is not self._newest

    def check(self, handle: ServerGoalHandle) -> None:
        """Raise GoalError where this goal must end now."""
        if handle.is_cancel_requested:
            raise GoalError(CODES.CANCELED, "canceled by a client")
        if self._newest is not handle:
            raise GoalError(CODES.PREEMPTED, "a newer goal took over")
        if self._stopped is handle:
            raise GoalError(CODES.PREEMPTED, *self._why)


def finish(handle: ServerGoalHandle, code: int) -> None:
    """Bring a goal into the final state that its error code stands for."""
    ending: Callable[[], None] = handle.abort
    if code == CODES.NONE:
        ending = handle.succeed
    elif code == CODES.CANCELED:
        ending = handle.canceled
    ending()
