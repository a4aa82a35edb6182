"""From asynchronous streams to ticks, the same way live and from a bag.

Samples go in as they arrive; at any tick the newest sample that is not from the tick's future comes out, if
the stream's strategy finds it fresh enough. Nothing is made up: a stream without a fresh sample makes the
tick a gap.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from jepa_ros.contract.contract import Contract
from jepa_ros.contract.errors import StreamError
from jepa_ros.contract.images import resize_image
from jepa_ros.contract.stream import Stream, action_streams

#: A stamp further back than this is no late message but a clock set back: a bag that loops, a new simulation.
RESET_NS = 1_000_000_000


@dataclass(frozen=True, eq=False)
class Observation:
    """One aligned tick.

    Attributes:
        stamp_ns: the tick.
        images: key → (H, W, 3) uint8 RGB at the contract's size.
        state: (S,) float32 in contract order and units. Do not write to it.
    """

    stamp_ns: int
    images: Mapping[str, np.ndarray]
    state: np.ndarray


@dataclass
class Counters:
    """What was noticed about the stamps of all streams, for diagnostics."""

    late: int = 0  #: samples older than the newest of their stream, dropped
    repeated: int = 0  #: samples with the stamp of the one before, which they replace
    resets: int = 0  #: clocks set back by more than a second; all samples are forgotten


class Aligner:
    """Collects the samples of all streams of a contract and answers for any tick.

    It may be fed and asked from several threads.

    Args:
        contract: which streams there are and how they are aligned.
        history: for how many seconds back ticks can be asked for; images at most half a second. None keeps
            everything, for going through a bag.
    """

    def __init__(self, contract: Contract, history: float | None = 2.0) -> None:
        self.counters = Counters()
        self._lock = threading.Lock()
        period_ns = round(contract.period * 1e9)
        observed = {key: Stream(entry, period_ns, history) for key, entry in contract.observations.items()}
        self._streams = observed | action_streams(contract, history)
        self._images = [(key, self._streams[key]) for key in contract.images]
        self._state = [self._streams[k] for k, entry in contract.observations.items() if not entry.is_image]
        self._actions = [self._streams[key] for key in contract.actions]

    def push(self, key: str, value: np.ndarray, receive_ns: int, header_ns: int | None = None) -> None:
        """Add a sample.

        Args:
            key: an entry of the contract's observations or actions.
            value: the decoded image (any size, it is stored at the contract's) or the result of read_values.
            receive_ns: when the message arrived.
            header_ns: the stamp in its header; None or 0 where there is none.

        Raises:
            StreamError: the entry is aligned by header stamps and this message has none.
        """
        stream = self._streams[key]
        entry = stream.entry
        stamp = receive_ns
        if entry.align.timeline == "header":
            if not header_ns:
                topic = entry.channel.topic
                raise StreamError(f"{topic}: message without a stamp (or set align.timeline: receive)")
            stamp = header_ns
        stored = resize_image(value, entry.size) if entry.size else np.asarray(value, dtype=np.float32)
        with self._lock:
            self._insert(stream, stamp, stored)

    def sample(self, tick_ns: int) -> Observation | None:
        """The observation at a tick, None where some stream has no fresh sample (a gap)."""
        with self._lock:
            images, parts = {}, []
            for key, stream in self._images:
                found = stream.at(tick_ns)
                if found is None:
                    return None
                images[key] = found
            for stream in self._state:
                found = stream.at(tick_ns)
                if found is None:
                    return None
                parts.append(found)
        state = parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else np.zeros(0, np.float32)
        return Observation(tick_ns, images, state)

    def action(self, start_ns: int, end_ns: int) -> np.ndarray | None:
        """The mean of the commanded motion between two times; the command in force where both are the same.

        A command is in force from its stamp to the next one's, at most for the entry's ``tolerance_ms``. Where the
        contract sends velocities as paths, they are reached at the end of a period: see :mod:`jepa_ros.contract.ramp`.

        Returns:
            (A,) float32, or None where some part of the interval has no command in force.
        """
        with self._lock:
            parts = [stream.mean(start_ns, end_ns) for stream in self._actions]
        if any(part is None for part in parts):
            return None
        return np.concatenate(parts).astype(np.float32)

    def missing(self, tick_ns: int) -> str | None:
        """Why :meth:`sample` finds a gap at this tick, in words; None where it finds none."""
        with self._lock:
            for stream in (*(stream for _, stream in self._images), *self._state):
                if stream.at(tick_ns) is None:
                    return stream.missing(tick_ns)
        return None

    def clear(self) -> None:
        """Forget all samples."""
        with self._lock:
            self._forget()

    def _insert(self, stream: Stream, stamp: int, value: np.ndarray) -> None:
        samples = stream.samples
        if samples and stamp < samples[-1][0] - RESET_NS:
            self.counters.resets += 1
            # All of them: a silent stream's samples would count again once the clock comes by them.
            self._forget()
        if samples and stamp < samples[-1][0]:
            self.counters.late += 1
        elif samples and stamp == samples[-1][0]:
            self.counters.repeated += 1
            stream.replace(value)
        else:
            stream.append(stamp, value)

    def _forget(self) -> None:
        for stream in self._streams.values():
            stream.samples.clear()
