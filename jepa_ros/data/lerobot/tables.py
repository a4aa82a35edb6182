"""A LeRobot dataset's tables: which episodes there are, and their rows."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jepa_ros.data.lerobot.information import DatasetError, Information

EPISODES = "meta/episodes"
UNREADABLE = (OSError, pa.ArrowException, ValueError)


@dataclass(frozen=True)
class VideoPart:
    """Where an episode's pictures of one camera are: the file within the dataset, and since when (s) in it."""

    file: str
    start: float


@dataclass(frozen=True)
class EpisodeRows:
    """One episode of the dataset: how many rows it should have and where they are.

    Attributes:
        index: its number.
        first: the number of its first row in the dataset.
        length: rows.
        file: the table within the dataset.
        videos: feature to its video.
    """

    index: int
    first: int
    length: int
    file: str
    videos: dict[str, VideoPart]


def read_episodes(path: Path, information: Information, report: Callable[[str], None]) -> list[EpisodeRows]:
    """The episodes that the dataset lists, by number; `report` is told what cannot be read."""
    found: dict[int, EpisodeRows] = {}
    videos = [name for name, feature in information.features.items() if feature.dtype == "video"]
    for file in sorted((path / EPISODES).rglob("*.parquet")):
        try:
            table = read_table(file, lambda name: not name.startswith("stats/"), report)
        except DatasetError as error:
            report(str(error))
            continue
        for row in table.to_pylist():
            try:
                episode = _episode(row, information, videos)
            except (KeyError, TypeError, ValueError) as error:
                report(f"{file}: episode {row.get('episode_index')} is not described as in v3.0: {error!r}")
                continue
            found[episode.index] = episode
    if len(found) != information.total_episodes:
        report(f"{path / EPISODES} describes {len(found)} of {information.total_episodes} episodes")
    return [found[index] for index in sorted(found)]


def read_table(file: Path, wanted: Callable[[str], bool], report: Callable[[str], None]) -> pa.Table:
    """The columns whose names are wanted, of all groups of rows that can be read; `report` is told of the others.

    Raises:
        DatasetError: nothing can be read.
    """
    if not file.is_file():
        raise DatasetError(f"{file} is missing")
    try:
        with pq.ParquetFile(file, page_checksum_verification=True) as source:
            names = [name for name in source.schema_arrow.names if wanted(name)]
            found = [source.schema_arrow.empty_table().select(names)]
            for group in range(source.num_row_groups):
                try:
                    found.append(source.read_row_group(group, columns=names))
                except UNREADABLE as error:
                    report(f"{file}: group {group} of its rows is damaged: {_reason(error)}")
            return pa.concat_tables(found)
    except UNREADABLE as error:
        raise DatasetError(f"{file} is damaged: {_reason(error)}") from None


class Tables:
    """The tables of a dataset; the newest one stays in memory, since episodes share it.

    Args:
        path: the dataset's folder.
        columns: those that are wanted.
        report: told what cannot be read.
    """

    def __init__(self, path: Path, columns: Collection[str], report: Callable[[str], None]) -> None:
        self._path, self._columns, self._report = path, set(columns), report
        self._newest: tuple[str, pa.Table] = ("", pa.table({}))

    def rows(self, episode: EpisodeRows) -> dict[str, list[Any]]:
        """The episode's rows, column by column. Raises DatasetError where there are none."""
        table = self._table(episode.file)
        missing = sorted(self._columns - set(table.column_names))
        if missing:
            raise DatasetError(f"{self._path / episode.file} has no column {', '.join(missing)}")
        rows = table.filter(pc.equal(table["episode_index"], episode.index))
        if not len(rows):
            raise DatasetError(f"{self._path / episode.file} has no row of them")
        if len(rows) != episode.length:
            self._report(f"episode {episode.index}: {len(rows)} of {episode.length} rows can be read")
        return rows.to_pydict()

    def _table(self, file: str) -> pa.Table:
        if self._newest[0] != file:
            self._newest = (file, read_table(self._path / file, self._columns.__contains__, self._report))
        return self._newest[1]


def _episode(row: dict[str, Any], information: Information, videos: Collection[str]) -> EpisodeRows:
    parts = {}
    for name in videos:
        chunk, file, start = (
            row.get(f"videos/{name}/{what}") for what in ("chunk_index", "file_index", "from_timestamp")
        )
        if None not in (chunk, file, start):
            parts[name] = VideoPart(information.video_file(name, int(chunk), int(file)), float(start))
    table = information.data_file(int(row["data/chunk_index"]), int(row["data/file_index"]))
    first, length = int(row["dataset_from_index"]), int(row["length"])
    return EpisodeRows(int(row["episode_index"]), first, length, table, parts)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:100]
