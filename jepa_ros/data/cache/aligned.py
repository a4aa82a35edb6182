"""A whole recording, aligned: a table of frames, from which episodes are cut wherever nothing is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from jepa_ros.contract import Contract
from jepa_ros.data.replay import Frames

LOST_FRAME = 1.5  # frame intervals after which one counts as lost
UNEVEN = 0.1  # share of the period by which a step may differ before it is worth a warning


@dataclass(frozen=True, eq=False)
class Aligned:
    """N frames of one recording, in order.

    Attributes:
        images: key to uint8 (N, H, W, 3).
        state: float32 (N, S).
        actions: float32 (N, A), the mean command of the period that begins with a frame; NaN where it is interrupted
            or has no command.
        stamps_ns: int64 (N,).
        takes: int64 (K, 3): first frame, end and stride of each stretch without a reset of the clock.
    """

    images: dict[str, np.ndarray]
    state: np.ndarray
    actions: np.ndarray
    stamps_ns: np.ndarray
    takes: np.ndarray

    def stretches(self) -> Iterator[tuple[int, int, int]]:
        """First frame, last frame that begins a step, and stride, of each stretch without a gap."""
        for first, end, stride in self.takes.tolist():
            for begin, last in _runs(np.isfinite(self.actions[first:end]).all(axis=1)):
                yield first + begin, first + last, stride


def align(
    chapters: Sequence[Frames], images: dict[str, np.ndarray], contract: Contract, warn: Callable[[str], None]
) -> Aligned:
    """The chapters of a recording, whose pictures are `images`, as one table; `warn` is told of uneven steps."""
    ends = np.cumsum([len(frames) for frames in chapters]).tolist()
    strides = [_stride(np.array(frames.stamps_ns), contract.period, warn) for frames in chapters]
    takes = [(end - len(frames), end, stride) for frames, end, stride in zip(chapters, ends, strides)]
    actions = [_actions(frames, stride, len(contract.action_names)) for frames, stride in zip(chapters, strides)]
    states = [state for frames in chapters for state in frames.states]
    return Aligned(
        images=images,
        state=np.array(states, np.float32).reshape(len(states), len(contract.state_names)),
        actions=np.concatenate(actions),
        stamps_ns=np.array([stamp for frames in chapters for stamp in frames.stamps_ns], np.int64),
        takes=np.array(takes, np.int64).reshape(-1, 3),
    )


def _stride(stamps: np.ndarray, period: float, warn: Callable[[str], None]) -> int:
    if len(stamps) < 2:
        return 1
    interval = float(np.median(np.diff(stamps))) * 1e-9
    stride = max(1, round(period / interval))
    if abs(stride * interval / period - 1) > UNEVEN:
        warn(
            f"{1 / interval:.1f} Hz: no number of frames makes a period of {period:g} s, "
            f"a step lasts {stride * interval:.3f} s"
        )
    return stride


def _actions(frames: Frames, stride: int, size: int) -> np.ndarray:
    """The mean command (T, A) of the step from each frame on, NaN where it is interrupted or has no command."""
    actions = np.full((len(frames), size), np.nan, np.float32)
    intervals = np.diff(frames.stamps_ns)
    if not len(intervals):
        return actions
    broken = intervals > LOST_FRAME * float(np.median(intervals))
    broken[[index - 1 for index in frames.breaks if index > 0]] = True
    lost = np.concatenate([[0], np.cumsum(broken)])
    for t in range(len(frames) - stride):
        if lost[t] == lost[t + stride]:
            action = frames.commands.action(frames.stamps_ns[t], frames.stamps_ns[t + stride])
            if action is not None:
                actions[t] = action
    return actions


def _runs(valid: np.ndarray) -> Iterator[tuple[int, int]]:
    """First and last index of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], valid, [False]]).astype(np.int8)))
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist()):
        yield first, end - 1
