"""Play a recording through the contract's aligner, as the live node plays its topics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from jepa_ros.contract import Aligner, Contract, Observation, StreamError, UnrelatedMessage
from jepa_ros.data.cache.shelf import Shelf
from jepa_ros.data.recording import Recording, Sample

RESET_NS = 1_000_000_000  # a stamp further back than this means that the clock was set back
SILENCE_NS = 10_000_000_000  # ticks of a longer silence are not counted one by one


class Frames:
    """Aligned observations between two resets of the clock, in order; `breaks` are where gaps were.

    Attributes:
        stamps_ns: the ticks.
        states: one (S,) float32 per tick.
        breaks: indices of frames that do not follow the one before.
        commands: an aligner with all commands of this time, none forgotten.
    """

    def __init__(self, contract: Contract) -> None:
        self.stamps_ns: list[int] = []
        self.states: list[np.ndarray] = []
        self.breaks: set[int] = set()
        self.commands = Aligner(contract, history=None)

    def __len__(self) -> int:
        return len(self.stamps_ns)

    def add(self, observation: Observation) -> None:
        """Append all but the images of an observation."""
        self.stamps_ns.append(observation.stamp_ns)
        self.states.append(observation.state)


class Replay:
    """Turns a recording's samples into frames: one per primary image, or per period where there is no camera.

    Args:
        recording: open for reading.
        contract: what is read and how it is aligned.
        namespace: the robot's, where the recording has several.
        tell: called with the number of samples read, now and then.

    Raises:
        RecordingError: something of the contract is not in the recording.
    """

    def __init__(
        self, recording: Recording, contract: Contract, namespace: str = "", tell: Callable[[int], None] | None = None
    ) -> None:
        self._recording, self._contract, self.tell = recording, contract, tell
        self._reading = recording.reading(contract, namespace)
        self.count = self._reading.count
        self._headers = {
            key
            for key, entry in (*contract.observations.items(), *contract.actions.items())
            if entry.align.timeline == "header"
        }
        self._period_ns = round(contract.period * 1e9)
        self.gaps: Counter[str] = Counter()
        self.refused: dict[str, list[Any]] = {}
        self._chapters: list[Frames] = []

    def frames(self, shelf: Shelf) -> list[Frames]:
        """Read the whole recording. The frames' pictures go onto the shelf, in the same order."""
        self._shelf, done = shelf, 0
        for chapter in self._reading.chapters:
            self._begin(chapter.frames)
            for sample in chapter.samples:
                if self.tell and done % 256 == 0:
                    self.tell(done)
                if self._reading.clock is None:
                    self._run_clock(sample.receive_ns)
                self._take(sample)
                done += 1
        return self._chapters

    def problems(self) -> list[str]:
        """What was left out, in words."""
        refused = [f"{count} samples were refused: {first}" for first, count in self.refused.values()]
        gaps = [f"{count} ticks have no observation: {reason}" for reason, count in self.gaps.items()]
        return [*self._recording.damage, *refused, *gaps]

    def _begin(self, capacity: int) -> None:
        """Start over with empty streams: with each chapter, and when the clock was set back."""
        self._aligner = Aligner(self._contract)
        self._capacity = capacity
        self._shelf.announce(capacity)
        self._current = Frames(self._contract)
        self._chapters.append(self._current)
        self._newest_ns: dict[str, int] = {}
        self._next_tick_ns: int | None = None
        self._in_gap = False

    def _take(self, sample: Sample) -> None:
        key, read, receive_ns, header_ns = sample
        stamp_ns = header_ns if header_ns and key in self._headers else receive_ns
        if stamp_ns < self._newest_ns.get(key, stamp_ns) - RESET_NS:
            self._begin(self._capacity - len(self._current))
        self._newest_ns[key] = max(stamp_ns, self._newest_ns.get(key, stamp_ns))
        try:
            aligner = self._current.commands if key in self._contract.actions else self._aligner
            aligner.push(key, read(), receive_ns, header_ns)
        except UnrelatedMessage:
            return
        except StreamError as error:
            self.refused.setdefault(key, [str(error), 0])[1] += 1
            return
        if key == self._reading.clock:
            self._tick(stamp_ns)

    def _run_clock(self, now_ns: int) -> None:
        """Without a camera ticks come at the contract's rate; what arrived before one counts for it."""
        if self._next_tick_ns is None or abs(now_ns - self._next_tick_ns) > SILENCE_NS:
            self._next_tick_ns, self._in_gap = now_ns, True
        while self._next_tick_ns < now_ns:
            self._tick(self._next_tick_ns)
            self._next_tick_ns += self._period_ns

    def _tick(self, stamp_ns: int) -> None:
        frames = self._current
        if frames.stamps_ns and stamp_ns <= frames.stamps_ns[-1]:
            return
        observation = self._aligner.sample(stamp_ns)
        if observation is None:
            self._in_gap = True
            reason = self._aligner.missing(stamp_ns) or "unknown"
            self.gaps[reason.partition(":")[0] + " was silent"] += 1
            return
        if self._in_gap:
            frames.breaks.add(len(frames))
            self._in_gap = False
        frames.add(observation)
        self._shelf.add(observation.images)
