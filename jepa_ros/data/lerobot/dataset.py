"""A LeRobot dataset (v3.0) as a recording: every episode is a chapter, every row a sample of each entry."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jepa_ros.contract import Contract, Entry, StreamError, decode_image
from jepa_ros.contract.errors import listed
from jepa_ros.contract.operators import clamped_range
from jepa_ros.data.lerobot.information import DatasetError, read_information
from jepa_ros.data.lerobot.matching import Match, Part
from jepa_ros.data.lerobot.tables import EpisodeRows, Tables, read_episodes
from jepa_ros.data.lerobot.video import Video
from jepa_ros.data.recording import Chapter, Reading, Sample

START_NS = 1_000_000_000  # of the first episode: a stamp of 0 means that there is none
NEAR = 0.5  # frame intervals within which a picture belongs to a row

Read = Callable[[int], np.ndarray]


class Dataset:
    """One dataset, open for reading. What is damaged is left out and told in `damage`.

    Values are in the contract's units already, as when a contract's own tool has converted a bag. The action of a row
    is the command sent at its time, in force until the next row's.

    Args:
        path: its folder.

    Raises:
        DatasetError: it cannot be read, or is of another version than 3.
    """

    contract_text = None

    def __init__(self, path: Path) -> None:
        self.path = path
        self.information = read_information(path)
        self._reports: dict[str, None] = {}
        self._left_out: Counter[str] = Counter()
        self.episodes = read_episodes(path, self.information, self._report)
        if not self.episodes:
            raise DatasetError(f"{path} has no episode that can be read: {listed(self.damage)}")

    @property
    def damage(self) -> list[str]:
        """What cannot be read, in words."""
        left_out = [f"{reason}: {count} episodes are left out" for reason, count in self._left_out.items()]
        return [*self._reports, *left_out]

    def reading(self, contract: Contract, namespace: str = "") -> Reading:
        """The samples of the contract's entries, one of each per row; every row is a frame.

        Raises:
            DatasetError: something of the contract is not there.
        """
        match = Match(contract, self.information, str(self.path))
        for note in match.notes:
            self._report(note)
        entries = {**contract.actions, **contract.observations}
        # The clock comes last of its row, so that a frame sees all of it
        keys = sorted(entries, key=lambda key: (key in contract.images, key in contract.observations))
        clock = next(iter(contract.images), keys[-1])
        keys.append(keys.pop(keys.index(clock)))
        columns = {
            part.feature for part in match.parts.values() if self.information.features[part.feature].dtype != "video"
        }
        tables = Tables(self.path, {*columns, "timestamp", "episode_index"}, self._report)
        plan = [(key, entries[key], match.parts[key]) for key in keys]
        count = len(keys) * sum(episode.length for episode in self.episodes)
        return Reading(clock, count, self._chapters(plan, tables))

    def close(self) -> None:
        """Nothing stays open between episodes."""

    def __enter__(self) -> Dataset:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _report(self, sentence: str) -> None:
        self._reports[sentence] = None

    def _chapters(self, plan: Sequence[tuple[str, Entry, Part]], tables: Tables) -> Iterator[Chapter]:
        for episode in self.episodes:
            with ExitStack() as files:
                yield self._chapter(episode, plan, tables, files)

    def _chapter(
        self, episode: EpisodeRows, plan: Sequence[tuple[str, Entry, Part]], tables: Tables, files: ExitStack
    ) -> Chapter:
        """The episode's samples; none where its rows or one of its videos cannot be read."""
        try:
            rows = tables.rows(episode)
            reads = [(key, self._reader(entry, part, episode, rows, files)) for key, entry, part in plan]
        except DatasetError as error:
            self._left_out[str(error)] += 1
            return Chapter(0, ())
        # Episodes have no date; one after the other, their stamps are at least all different
        start, times = episode.first / self.information.fps, rows["timestamp"]
        return Chapter(len(times), _samples(start, times, reads))

    def _reader(
        self, entry: Entry, part: Part, episode: EpisodeRows, rows: Mapping[str, list[Any]], files: ExitStack
    ) -> Read:
        """The function from a row's number to the entry's value."""
        name = part.feature
        feature = self.information.features[name]
        if not feature.is_picture:
            return partial(_numbers, rows[name], part, entry, feature.size)
        if feature.dtype == "image":
            return partial(_still, rows[name], name)
        if name not in episode.videos:
            raise DatasetError(f"meta/episodes names no video of {name}")
        where = episode.videos[name]
        video = Video(self.path / where.file, where.start, NEAR / self.information.fps)
        files.callback(video.close)
        times = rows["timestamp"]
        return lambda index: video.at(where.start + times[index])


class Still(NamedTuple):
    """An encoded picture, as the contract decodes it."""

    format: str
    data: bytes


def _samples(start: float, times: Sequence[float], reads: Sequence[tuple[str, Read]]) -> Iterator[Sample]:
    for index, seconds in enumerate(times):
        if seconds is None or not math.isfinite(seconds):
            continue
        stamp_ns = START_NS + round((start + seconds) * 1e9)
        for key, read in reads:
            yield Sample(key, partial(read, index), stamp_ns, stamp_ns)


def _numbers(column: Sequence[Any], part: Part, entry: Entry, size: int, index: int) -> np.ndarray:
    row = np.array(column[index], dtype=np.float64).reshape(-1)
    if len(row) != size:
        raise StreamError(f"{part.feature}: {len(row)} numbers in a row, not {size}")
    values = row[list(part.places)]
    for name, value in zip(entry.select, values):
        if not np.isfinite(value):
            raise StreamError(f"{part.feature}: {name} is {value}, not a finite number")
    return np.clip(values, *clamped_range(entry.apply))


def _still(column: Sequence[Any], name: str, index: int) -> np.ndarray:
    data = (column[index] or {}).get("bytes")
    if not data:
        raise StreamError(f"{name}: a row has no picture in it")
    return decode_image(Still("", data))
