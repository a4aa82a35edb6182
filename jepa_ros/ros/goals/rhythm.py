"""When commands are due."""

from __future__ import annotations

from collections.abc import Callable

SLACK = 0.2  # of a period: how much of a delay the next command makes up for; more would send commands in bursts


class Rhythm:
    """Moments a period (s) apart from a motion's first command on, for whichever goal; ``now`` is a clock (s)."""

    def __init__(self, period: float, now: Callable[[], float]):
        self.period, self._now = period, now
        self._due: float | None = None

    def left(self) -> float:
        """Seconds until a command is due; 0 where that is as soon as it is ready."""
        return 0.0 if self._due is None else max(self._due - self._now(), 0.0)

    def beat(self) -> None:
        """A command was sent."""
        now = self._now()
        due = now if self._due is None else max(self._due, now - SLACK * self.period)
        self._due = due + self.period

    def break_off(self) -> None:
        """The motion ends: the next command begins another, and is due as soon as it is ready."""
        self._due = None
