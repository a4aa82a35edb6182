"""What a LeRobot dataset says of itself: features, rate, and where files are (meta/info.json)."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from jepa_ros.data.lerobot.place import INFO
from jepa_ros.data.recording import RecordingError

VERSION = "v3."
BOOKKEEPING = ("timestamp", "frame_index", "episode_index", "index", "task_index")
CONVERTER = "python -m lerobot.scripts.convert_dataset_v21_to_v30 --repo-id=<id> --root=<folder>"


class DatasetError(RecordingError):
    """A LeRobot dataset that cannot be read; the message says why."""


class Feature(BaseModel):
    """One feature: a column of the tables, or a video beside them."""

    dtype: str
    shape: tuple[int, ...]
    names: Any = None
    info: dict[str, Any] | None = None

    @property
    def is_picture(self) -> bool:
        return self.dtype in ("video", "image")

    @property
    def is_depth(self) -> bool:
        info = self.info or {}
        return bool(info.get("is_depth_map") or info.get("video.is_depth_map"))

    @property
    def size(self) -> int:
        """How many numbers a row has."""
        return math.prod(self.shape)

    @property
    def labels(self) -> tuple[str, ...] | None:
        """A name for each number, None where not every one has its own.

        Seen in public datasets: a list; a list under the name of an axis; name to index; nothing.
        """
        names = self.names
        if isinstance(names, dict) and names and all(isinstance(place, int) for place in names.values()):
            names = sorted(names, key=names.get)
        elif isinstance(names, dict):
            names = [name for part in names.values() if isinstance(part, list) for name in part]
        if not isinstance(names, list) or len(names) != self.size or len(set(map(str, names))) != self.size:
            return None
        return tuple(map(str, names))

    def __str__(self) -> str:
        if self.is_picture:
            return f"{self.dtype} {'×'.join(map(str, self.shape))}"
        return ", ".join(self.labels) if self.labels else f"{self.size} numbers without names"


class Information(BaseModel):
    """The whole of it, as far as reading needs it."""

    fps: float = Field(gt=0, allow_inf_nan=False)
    features: dict[str, Feature]
    total_episodes: int = Field(ge=0)
    data_path: str
    video_path: str | None = None

    @property
    def contents(self) -> dict[str, str]:
        """What is recorded, in words."""
        return {name: str(feature) for name, feature in self.features.items() if name not in BOOKKEEPING}

    def data_file(self, chunk: int, file: int) -> str:
        """The table's path within the dataset."""
        return self.data_path.format(chunk_index=chunk, file_index=file)

    def video_file(self, feature: str, chunk: int, file: int) -> str:
        """The video's path within the dataset."""
        return (self.video_path or "").format(video_key=feature, chunk_index=chunk, file_index=file)


def read_information(path: Path) -> Information:
    """What the dataset at `path` says of itself.

    Raises:
        DatasetError: the file is damaged, lacks something, or is of another version; says which one.
    """
    file = path / INFO
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        version = str(content["codebase_version"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{file} is damaged: {' '.join(repr(error).split())}") from None
    if not version.startswith(VERSION):
        older = f"; LeRobot converts v2.1: {CONVERTER}" if version < VERSION else ""
        raise DatasetError(f"{path} is a LeRobot dataset of version {version}; v3.0 can be read{older}")
    try:
        found = Information.model_validate(content)
        found.data_file(0, 0), found.video_file("", 0, 0)
    except ValidationError as error:
        first = error.errors()[0]
        raise DatasetError(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (LookupError, ValueError, AttributeError) as error:
        raise DatasetError(f"{file}: data_path or video_path is no pattern of a file: {error!r}") from None
    return found
