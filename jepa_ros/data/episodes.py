"""From recordings to aligned episodes, the stretches without a gap that a world model learns from."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jepa_ros.contract import Contract, ContractError
from jepa_ros.data.recording import Recording, RecordingError
from jepa_ros.data.replay import Frames, Replay
from jepa_ros.data.sources import find_recordings, open_recording

LOST_FRAME = 1.5  # frame intervals after which one counts as lost
UNEVEN = 0.1  # share of the period by which a step may differ before it is worth a warning

Progress = Callable[[int, int], None]
Warn = Callable[[str], None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Episode:
    """A stretch of a recording without a gap, at the rate of its camera.

    Attributes:
        images: key to uint8 (T, H, W, 3) RGB at the contract's size.
        state: float32 (T, S) in contract order and units.
        actions: float32 (T - stride, A); `actions[t]` is the mean command between frames t and t + stride.
        stamps_ns: int64 (T,), increasing.
        stride: frames that make one contract period.
        source: the recording it is from.
    """

    images: dict[str, np.ndarray]
    state: np.ndarray
    actions: np.ndarray
    stamps_ns: np.ndarray
    stride: int
    source: str = ""

    def __len__(self) -> int:
        return len(self.stamps_ns)


def load_episodes(
    paths: str | Path | Sequence[str | Path],
    contract: Contract,
    namespace: str = "",
    progress: Progress | None = None,
    warn: Warn = _log.warning,
) -> list[Episode]:
    """All episodes of one or more recordings, in order.

    Args:
        paths: bags, datasets or directories of them.
        contract: what is read and how it is aligned.
        namespace: the robot's, where a bag has several.
        progress: called with samples read and samples in all, now and then.
        warn: called with a sentence for everything that was left out or looks wrong.

    Raises:
        RecordingError: a recording cannot be read, lacks something of the contract, or not one episode came out.
    """
    paths = find_recordings([paths] if isinstance(paths, (str, Path)) else paths)
    recordings = [open_recording(path) for path in paths]
    replays = [Replay(recording, contract, namespace) for recording in recordings]
    total = sum(replay.count for replay in replays)
    done = 0
    episodes: list[Episode] = []
    for recording, replay in zip(recordings, replays):
        path = recording.path
        _check_contract(recording, contract, warn)
        if progress is not None:
            replay.tell = lambda count, before=done: progress(min(before + count, total), total)
        with recording:
            found = [item for frames in replay.frames() for item in _split(frames, contract, str(path), warn)]
        done += replay.count
        for problem in replay.problems():
            warn(f"{path}: {problem}")
        if not found:
            warn(f"{path}: not one stretch with observations and commands lasts a period")
        episodes += found
    if progress is not None:
        progress(total, total)
    if not episodes:
        raise RecordingError(f"no episode in {', '.join(str(item.path) for item in recordings)}: {_reasons(replays)}")
    return episodes


def _reasons(replays: Sequence[Replay]) -> str:
    problems = [problem for replay in replays for problem in replay.problems()]
    return "; ".join(problems) or "commands and observations never come together for a whole period"


def _check_contract(recording: Recording, contract: Contract, warn: Warn) -> None:
    text, path = recording.contract_text, recording.path
    if text is None:
        return
    try:
        difference = Contract.parse(text, name=f"{path}: its contract").difference(contract)
    except ContractError as error:
        warn(str(error))
        return
    if difference:
        warn(f"{path} was recorded under another contract, whose models would not fit: {difference}")


def _split(frames: Frames, contract: Contract, source: str, warn: Warn) -> Iterator[Episode]:
    """The episodes of a chapter: wherever a step of one period is whole from its first frame to its last."""
    if len(frames) < 2:
        return
    stamps = np.array(frames.stamps_ns)
    intervals = np.diff(stamps)
    interval = float(np.median(intervals)) * 1e-9
    stride = max(1, round(contract.period / interval))
    if abs(stride * interval / contract.period - 1) > UNEVEN:
        warn(
            f"{source}: {1 / interval:.1f} Hz: no number of frames makes a period of {contract.period:g} s, "
            f"a step lasts {stride * interval:.3f} s"
        )
    broken = intervals > LOST_FRAME * interval * 1e9
    broken[[index - 1 for index in frames.breaks if index > 0]] = True
    actions = _actions(frames, stamps, stride, broken)
    state = np.array(frames.states, np.float32)
    for first, last in _stretches([action is not None for action in actions]):
        end = last + stride + 1
        yield Episode(
            images={key: images[first:end] for key, images in frames.images.items()},
            state=state[first:end],
            actions=np.array(actions[first : last + 1], np.float32),
            stamps_ns=stamps[first:end],
            stride=stride,
            source=source,
        )


def _actions(frames: Frames, stamps: np.ndarray, stride: int, broken: np.ndarray) -> list[np.ndarray | None]:
    """The mean command of the step from each frame on, None where it is interrupted or has no command."""
    lost = np.concatenate([[0], np.cumsum(broken)])
    steps = range(max(len(stamps) - stride, 0))
    times = stamps.tolist()
    return [frames.commands.action(times[t], times[t + stride]) if lost[t] == lost[t + stride] else None for t in steps]


def _stretches(valid: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """First and last index of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], valid, [False]]).astype(np.int8)))
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist()):
        yield first, end - 1
