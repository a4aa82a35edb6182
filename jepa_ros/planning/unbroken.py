"""For how long the world has differed from prediction, as far as anybody could tell."""

from __future__ import annotations


class UnbrokenSurprise:
    """Counts the seconds of surprise without a break.

    A normal verdict is a break. No verdict, as where images were lost, is none: such time does not count, and what was
    counted before stays. Surprise counts from when it was seen first, not from when that was known, but no further back
    than ``farthest`` seconds, so that no motion ends for a single late picture. What was seen before ``begin`` says
    nothing.
    """

    def __init__(self, begin: float, farthest: float):
        self._begin = self._before = begin
        self._farthest = farthest
        self._since: float | None = None

    def judge(self, now: float, anomalous: bool | None, delay: float = 0.0) -> None:
        """Take note of what was seen ``delay`` seconds ago: whether that was a surprise, None where nobody can tell."""
        passed, self._before = now - self._before, now
        if anomalous is None or now - delay < self._begin:
            self._since = None if self._since is None else self._since + passed
        elif not anomalous:
            self._since = None
        elif self._since is None:
            self._since = now - min(delay, self._farthest)

    def seconds(self, now: float) -> float:
        """How long it has lasted by now."""
        return 0.0 if self._since is None else now - self._since
