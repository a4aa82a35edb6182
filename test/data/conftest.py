"""Writes LeRobot datasets (v3.0) for the tests, as LeRobot lays them out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import av
import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jepa_ros.contract import Contract, read_values
from jepa_ros.data.bags.bag import read_bag
from jepa_ros.data.episodes import Episode

PLACE = "chunk-{chunk_index:03d}/file-{file_index:03d}"
Columns = Mapping[str, np.ndarray]


class DatasetWriter:
    """Writes a dataset of episodes, each a mapping from feature to one array with a row per frame.

    Args:
        path: its folder.
        fps: rows per second.
        names: of the numbers, by feature.
        pictures: "video" or "image": how features with rows of (H, W, 3) are kept.
        per_file: episodes in one table and one video; each file has a chunk of its own.
    """

    def __init__(self, path, fps=10, names: Mapping[str, Sequence] | None = None, pictures="video", per_file=2):
        self.path, self.fps, self.names, self.pictures, self.per_file = path, fps, names or {}, pictures, per_file

    def write(self, episodes: Sequence[Columns]) -> Path:
        described = []
        for first in range(0, len(episodes), self.per_file):
            described += self._write_file(first, episodes[first : first + self.per_file])
        ends = np.cumsum([row["length"] for row in described]).tolist()
        for row, end in zip(described, ends):
            row |= {"dataset_from_index": end - row["length"], "dataset_to_index": end}
        self._write_table("meta/episodes", 0, [pa.Table.from_pylist(described)])
        self._write_table("meta/tasks", 0, [pa.table({"task_index": [0], "task": ["move"]})])
        info = {
            "codebase_version": "v3.0",
            "robot_type": "arm",
            "fps": self.fps,
            "total_episodes": len(episodes),
            "data_path": f"data/{PLACE}.parquet",
            "video_path": f"videos/{{video_key}}/{PLACE}.mp4",
            "features": {name: self._feature(name, rows) for name, rows in episodes[0].items()},
        }
        (self.path / "meta/info.json").write_text(json.dumps(info))
        return self.path

    def _feature(self, name: str, rows: np.ndarray) -> dict:
        kind = self.pictures if rows.ndim == 4 else "float32"
        return {"dtype": kind, "shape": rows.shape[1:], "names": self.names.get(name)}

    def _write_file(self, first: int, episodes: Sequence[Columns]) -> list[dict]:
        number = first // self.per_file
        described, tables, start = [], [], 0.0
        for index, columns in enumerate(episodes, first):
            length = len(next(iter(columns.values())))
            row = {"episode_index": index, "length": length, "data/chunk_index": number, "data/file_index": 0}
            for name in self._videos(columns):
                row |= {f"videos/{name}/chunk_index": number, f"videos/{name}/file_index": 0}
                row |= {
                    f"videos/{name}/from_timestamp": start,
                    f"videos/{name}/to_timestamp": start + length / self.fps,
                }
            described.append(row)
            tables.append(self._table(index, length, columns))
            start += length / self.fps
        self._write_table("data", number, tables)
        for name in self._videos(episodes[0]):
            file = self.path / "videos" / name / f"{PLACE.format(chunk_index=number, file_index=0)}.mp4"
            _write_video(file, np.concatenate([columns[name] for columns in episodes]), self.fps)
        return described

    def _videos(self, columns: Columns) -> list[str]:
        return [name for name, rows in columns.items() if rows.ndim == 4 and self.pictures == "video"]

    def _table(self, index: int, length: int, columns: Columns) -> pa.Table:
        numbers = np.arange(length)
        table = {
            "timestamp": pa.array(numbers / self.fps, pa.float32()),
            "frame_index": pa.array(numbers),
            "episode_index": pa.array(np.full(length, index)),
        }
        for name, rows in columns.items():
            if rows.ndim == 2:
                table[name] = pa.array(rows.astype(np.float32).tolist(), pa.list_(pa.float32()))
            elif name not in self._videos(columns):
                table[name] = pa.array([{"bytes": _png(picture), "path": None} for picture in rows])
        return pa.table(table)

    def _write_table(self, folder: str, number: int, groups: Sequence[pa.Table]) -> None:
        file = self.path / folder / f"{PLACE.format(chunk_index=number, file_index=0)}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(file, groups[0].schema) as writer:
            for group in groups:
                writer.write_table(group)


def _png(picture: np.ndarray) -> bytes:
    return cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()


def _write_video(file: Path, pictures: np.ndarray, fps: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"crf": "1", "g": "2"})
        stream.height, stream.width, stream.pix_fmt = *pictures.shape[1:3], "yuv444p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


@pytest.fixture(scope="session")
def dataset_writer() -> type[DatasetWriter]:
    return DatasetWriter


@pytest.fixture(scope="session")
def minute_rows(contract: Contract, minute: Path, episodes: list[Episode]) -> dict[str, np.ndarray]:
    """The bag with the embedded arm's minute as the rows of a dataset: one per tick, with the command sent then."""
    (bag,) = episodes
    (entry,) = contract.actions.values()
    with read_bag(minute) as recording:
        commands = [read_values(entry, item.message) for item in recording.messages([entry.channel.topic])]
    pictures = {key: images[:: bag.stride] for key, images in bag.images.items()}
    return {**pictures, "observation.state": bag.state[:: bag.stride], "action": np.array(commands)}
