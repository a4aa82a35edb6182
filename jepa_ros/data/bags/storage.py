"""Find a bag's files and read them alike: MCAP or SQLite, split or compressed, finished or not."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import yaml

from jepa_ros.data.bags.excerpts import ALL, Excerpts
from jepa_ros.data.bags.mcap import McapFile
from jepa_ros.data.bags.raw import Finish, Finished, RawMessage
from jepa_ros.data.bags.sqlite import SqliteFile
from jepa_ros.data.bags.unpacking import unpack, zstd
from jepa_ros.data.parallel import Spread
from jepa_ros.data.recording import RecordingError

KINDS = (".mcap", ".db3")
PACKED = ".zstd"
INFORMATION = "metadata.yaml"


class Layout(NamedTuple):
    """What a bag consists of, in the order in which it was recorded."""

    files: list[Path]
    packed_messages: bool
    custom: dict[str, str]
    damage: list[str]


def is_storage(path: Path) -> bool:
    """Whether the name is that of a bag's file."""
    return path.name.removesuffix(PACKED).endswith(KINDS)


def read_layout(path: Path) -> Layout:
    """The files of a rosbag2 directory or a bare file. What metadata.yaml cannot tell, the directory does."""
    if not path.is_dir():
        return Layout([path], False, {}, [])
    found = sorted(file for file in path.iterdir() if is_storage(file))
    try:
        text = (path / INFORMATION).read_text(encoding="utf-8")
        information = yaml.safe_load(text)["rosbag2_bagfile_information"]
        named = [path / Path(name).name for name in information["relative_file_paths"]]
        packed = str(information.get("compression_mode", "")).lower() == "message"
        custom = dict(information.get("custom_data") or {})
    except FileNotFoundError:
        return Layout(found, False, {}, [f"{path / INFORMATION} is missing: the recording was not finished"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        return Layout(found, False, {}, [f"{path / INFORMATION} is damaged: {reason}"])
    damage = [f"{file} is missing" for file in named if not file.exists()]
    return Layout([file for file in named if file.exists()], packed, custom, damage)


class Unreadable(NamedTuple):
    """Stands where a message cannot be read, and says why."""

    stamp_ns: int
    reason: str


class Storage:
    """One file of a bag, unpacked where it or its messages are compressed.

    Attributes:
        channels: topic, type and definition by channel id.
        counts: messages by channel id.
        damage: what cannot be read; may grow while messages are read.
    """

    def __init__(self, path: Path, packed_messages: bool = False) -> None:
        self._folder = None
        self._packed = packed_messages
        damage: list[str] = []
        plain = path
        if path.name.endswith(PACKED):
            self._folder = TemporaryDirectory(prefix="jepa_ros_")
            plain = _unpack(path, Path(self._folder.name), damage)
        self._file = SqliteFile(plain, path) if plain.suffix == ".db3" else McapFile(plain, path)
        self._file.damage[:0] = damage
        self.channels, self.counts, self.damage = self._file.channels, self._file.counts, self._file.damage

    def messages(
        self, topics: Collection[str], finish: Finish[Finished], spread: Spread, excerpts: Excerpts = ALL
    ) -> Iterator[Finished | Unreadable]:
        """What `finish` makes of each message of the topics, in the order in which they were received.

        `spread` says where: `finish` may be called from several threads.
        """

        def unpacked(message: RawMessage) -> Finished | Unreadable:
            try:
                return finish(message._replace(data=unpack(message.data)))
            except zstd.ZstdError as error:
                reason = f"{message.topic} at stamp {message.stamp_ns} ns is damaged: {error}"
                return Unreadable(message.stamp_ns, reason)

        return self._file.messages(topics, unpacked if self._packed else finish, spread, excerpts)

    def close(self) -> None:
        """Close the file and remove what was unpacked."""
        self._file.close()
        if self._folder is not None:
            self._folder.cleanup()


def _unpack(path: Path, folder: Path, damage: list[str]) -> Path:
    target = folder / path.name.removesuffix(PACKED)
    with zstd.open(path, "rb") as source, target.open("wb") as sink:
        try:
            shutil.copyfileobj(source, sink)
        except (zstd.ZstdError, EOFError) as error:
            damage.append(f"{path}: damaged after {sink.tell()} unpacked bytes: {error}")
        except OSError as error:
            reason = f"{error.strerror}; the environment variable TMPDIR can name a larger place"
            raise RecordingError(f"{path} cannot be unpacked into {folder.parent}: {reason}") from error
    return target
