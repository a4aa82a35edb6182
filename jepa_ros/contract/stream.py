"""The samples of one topic in time: what counts at a tick, and what was in force between two."""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter

import numpy as np

from jepa_ros.contract.contract import Contract, Entry
from jepa_ros.contract.ramp import Ramp

#: Samples that a stream keeps at most, however fast they come.
MAX_SAMPLES = 4096
_IMAGE_HISTORY = 0.5
_STAMP = itemgetter(0)


class Stream:
    """The newest samples of one entry, oldest first, each a tuple that begins with stamp and value.

    Attributes:
        entry: the contract's.
        samples: those that are kept.
    """

    def __init__(self, entry: Entry, period_ns: int, history: float | None) -> None:
        self.entry = entry
        self.samples: list[tuple[int, np.ndarray]] = []
        self._fresh_ns = freshness(entry, period_ns)
        self._kept_ns = _kept(entry, history)

    def append(self, stamp: int, value: np.ndarray) -> None:
        """Add the newest sample; from time to time forget those that no tick can ask for any more."""
        samples = self.samples
        samples.append(self._sample(stamp, value))
        if self._kept_ns is None:
            return
        if stamp - samples[0][0] > 2 * self._kept_ns or len(samples) > MAX_SAMPLES:
            first = bisect_right(samples, stamp - self._kept_ns, key=_STAMP) - 1
            del samples[: max(first, len(samples) - MAX_SAMPLES // 2)]

    def replace(self, value: np.ndarray) -> None:
        """Give the newest sample another value."""
        stamp = self.samples.pop()[0]
        self.samples.append(self._sample(stamp, value))

    def at(self, tick_ns: int) -> np.ndarray | None:
        """The value that counts at the tick, None where there is no fresh one."""
        samples = self.samples
        index = len(samples) - 1
        if index >= 0 and samples[index][0] > tick_ns:
            index = bisect_right(samples, tick_ns, key=_STAMP) - 1
        if index < 0 or self._stale(samples[index], tick_ns):
            return None
        return samples[index][1]

    def mean(self, start_ns: int, end_ns: int) -> np.ndarray | None:
        """The mean value between two times, None where for some part of it there was none; at one time, ``at``."""
        samples = self.samples
        index = bisect_right(samples, start_ns, key=_STAMP) - 1
        if index < 0:
            return None
        if end_ns <= start_ns:
            return self.at(start_ns)
        total, since = 0.0, start_ns
        while since < end_ns:
            until = min(end_ns, samples[index + 1][0]) if index + 1 < len(samples) else end_ns
            if self._stale(samples[index], until):
                return None
            total = total + self._sum(samples[index], since, until)
            since, index = until, index + 1
        return total / (end_ns - start_ns)

    def missing(self, tick_ns: int) -> str:
        """Why there is no fresh sample at the tick, in words."""
        topic = self.entry.channel.topic
        earlier = [sample[0] for sample in self.samples if sample[0] <= tick_ns]
        if not self.samples:
            return f"{topic}: nothing received"
        if not earlier:
            ahead = (self.samples[0][0] - tick_ns) / 1e6
            return f"{topic}: only samples from {ahead:.0f} ms and more after the tick"
        age, most = (tick_ns - earlier[-1]) / 1e6, self._fresh_ns / 1e6
        return f"{topic}: newest sample is {age:.0f} ms old, {most:.0f} ms allowed"

    def _stale(self, sample: tuple, tick_ns: int) -> bool:
        return self._fresh_ns is not None and tick_ns - sample[0] > self._fresh_ns

    def _sample(self, stamp: int, value: np.ndarray) -> tuple:
        return stamp, value

    def _sum(self, sample: tuple, since_ns: int, until_ns: int) -> np.ndarray:
        """The integral of what this sample is in force for; here it holds."""
        return sample[1] * (until_ns - since_ns)


class RampedStream(Stream):
    """Velocities that are reached at the end of a period; each sample also knows the velocity that it starts from."""

    def __init__(self, entry: Entry, period_ns: int, history: float | None, ramp: Ramp) -> None:
        super().__init__(entry, period_ns, history)
        self._ramp = ramp

    def _sample(self, stamp: int, value: np.ndarray) -> tuple:
        if not self.samples or self._stale(self.samples[-1], stamp):
            return stamp, value, np.zeros(len(value))
        before, towards, start = self.samples[-1]
        return stamp, value, self._ramp.velocity(start, towards, (stamp - before) * 1e-9)

    def _sum(self, sample: tuple, since_ns: int, until_ns: int) -> np.ndarray:
        stamp, value, start = sample
        way = self._ramp.way(start, value, (until_ns - stamp) * 1e-9)
        if since_ns > stamp:
            way = way - self._ramp.way(start, value, (since_ns - stamp) * 1e-9)
        return way * 1e9


def action_streams(contract: Contract, history: float | None) -> dict[str, Stream]:
    """An empty stream for every action entry; where the contract sends paths, one that knows of their ramps."""
    streams: dict[str, Stream] = {}
    period_ns, first = round(contract.period * 1e9), 0
    for key, entry in contract.actions.items():
        part = slice(first, first := first + len(entry.select))
        if contract.is_path(entry):
            streams[key] = RampedStream(entry, period_ns, history, Ramp(contract.limits.rate[part], contract.period))
        else:
            streams[key] = Stream(entry, period_ns, history)
    return streams


def freshness(entry: Entry, period_ns: int) -> int | None:
    """The greatest age of a sample in nanoseconds, None for any."""
    if entry.align.strategy == "asof":
        return entry.align.tolerance_ms * 1_000_000
    return period_ns - 1 if entry.align.strategy == "drop" else None


def _kept(entry: Entry, history: float | None) -> int | None:
    """How far back samples are kept, in nanoseconds; None for all."""
    if history is None:
        return None
    return round((min(history, _IMAGE_HISTORY) if entry.is_image else history) * 1e9)
