"""From recordings to aligned episodes, the stretches without a gap that a world model learns from."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from jepa_ros.contract import Contract, ContractError
from jepa_ros.data.cache.aligned import Aligned, align
from jepa_ros.data.cache.cache import Cache, Decoded, Unkept, fingerprint
from jepa_ros.data.cache.shelf import Shelf
from jepa_ros.data.recording import Recording, RecordingError
from jepa_ros.data.replay import Replay
from jepa_ros.data.sources import find_recordings, open_recording

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
    cache: Path | None = None,
) -> list[Episode]:
    """All episodes of one or more recordings, in order. Their images are read-only maps of files.

    Args:
        paths: bags, datasets or directories of them.
        contract: what is read and how it is aligned.
        namespace: the robot's, where a bag has several.
        progress: called with samples read and samples in all, now and then.
        warn: called with a sentence for everything that was left out or looks wrong.
        cache: a folder where decoded frames are kept for the next time. Without one, and where a contract decodes by
            code of its own, they go with the last array.

    Raises:
        RecordingError: a recording cannot be read, lacks something of the contract, or not one episode came out.
        CacheError: there is no room for the decoded frames.
    """
    places = find_recordings([paths] if isinstance(paths, (str, Path)) else paths)
    found = _decode_all(places, contract, namespace, progress or _nobody, _store(cache, contract))
    problems = [problem for decoded in found for problem in decoded.problems]
    episodes = [episode for place, decoded in zip(places, found) for episode in _cut(decoded.aligned, str(place))]
    for problem in dict.fromkeys(problems):  # many recordings of one robot may have the same
        warn(problem)
    if not episodes:
        reasons = "; ".join(problems) or "commands and observations never come together for a whole period"
        raise RecordingError(f"no episode in {', '.join(map(str, places))}: {reasons}")
    return episodes


def _store(cache: Path | None, contract: Contract) -> Cache | Unkept:
    entries = (*contract.observations.values(), *contract.actions.values())
    return Unkept() if cache is None or any(entry.channel.decoder for entry in entries) else Cache(cache)


def _decode_all(
    paths: Sequence[Path], contract: Contract, namespace: str, progress: Progress, store: Cache | Unkept
) -> list[Decoded]:
    """What every recording holds, decoded where it is not kept. All are opened, and refused, before any is decoded."""
    keys = [fingerprint(path, contract, namespace) for path in paths]
    found = {key: kept for key in keys if (kept := store.read(key, contract.images)) is not None}
    recordings = {key: open_recording(path) for key, path in zip(keys, paths) if key not in found}
    replays = {key: Replay(recording, contract, namespace) for key, recording in recordings.items()}
    total = sum(item.count for item in (*found.values(), *replays.values()))
    done = sum(kept.count for kept in found.values())
    for key, replay in replays.items():
        replay.tell = lambda count, before=done: progress(min(before + count, total), total)
        with recordings[key] as recording:
            work = partial(_decode, recording, replay, contract)
            found[key] = store.make(key, contract.images, work)
        done += replay.count
    progress(total, total)
    return [found[key] for key in keys]


def _decode(recording: Recording, replay: Replay, contract: Contract, shelf: Shelf) -> Decoded:
    problems = list(_contract_problems(recording, contract))
    chapters = replay.frames(shelf)
    aligned = align(chapters, shelf.finish(), contract, lambda text: problems.append(f"{recording.path}: {text}"))
    problems += [f"{recording.path}: {problem}" for problem in replay.problems()]
    if next(aligned.stretches(), None) is None:
        problems.append(f"{recording.path}: not one stretch with observations and commands lasts a period")
    return Decoded(aligned, replay.count, problems)


def _contract_problems(recording: Recording, contract: Contract) -> Iterator[str]:
    text, path = recording.contract_text, recording.path
    if text is None:
        return
    try:
        difference = Contract.parse(text, name=f"{path}: its contract").difference(contract)
    except ContractError as error:
        yield str(error)
        return
    if difference:
        yield f"{path} was recorded under another contract, whose models would not fit: {difference}"


def _cut(aligned: Aligned, source: str) -> Iterator[Episode]:
    """The episodes: wherever a step of one period is whole from its first frame to its last."""
    for first, last, stride in aligned.stretches():
        end = last + stride + 1
        yield Episode(
            images={key: images[first:end] for key, images in aligned.images.items()},
            state=aligned.state[first:end],
            actions=aligned.actions[first : last + 1],
            stamps_ns=aligned.stamps_ns[first:end],
            stride=stride,
            source=source,
        )


def _nobody(_done: int, _total: int) -> None:
    """Is told of the progress where nobody else wants to know."""
