"""Record a bag: MCAP, compressed, written aside and renamed when it is whole."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rosbags.interfaces import Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

from jepa_ros.data.bags.messages import Messages
from jepa_ros.data.bags.unpacking import zstd
from jepa_ros.data.recording import RecordingError

CONTRACT_TOPIC = "/jepa_ros/contract"
CONTRACT_KEY = "jepa_ros_contract"
ROSBAG2_VERSION = 8  # the last one whose metadata Humble's ros2 bag can read
PARTIAL = ".partial"
FLUSH_NS = 1_000_000_000  # a killed recording loses at most its last second
UNLIMITED = QosTime(9223372036, 854775807)  # rosbag2's "not specified"
LATCHED = Qos(
    QosHistory.KEEP_LAST,
    1,
    QosReliability.RELIABLE,
    QosDurability.TRANSIENT_LOCAL,
    UNLIMITED,
    UNLIMITED,
    QosLiveliness.AUTOMATIC,
    UNLIMITED,
    False,
)


class BagError(RecordingError):
    """A bag that cannot be written or read; the message says why."""


class BagWriter:
    """Writes one bag, from one thread at a time.

    Until `close` it is at `<path>.partial/<name>`, a bag that can be read as far as it was written. Leaving a
    `with` block by an exception leaves it there: nothing recorded is lost, and `path` never holds half a
    recording. So does a disk that is full.

    Args:
        path: directory of the bag to be.
        contract_text: the contract it is recorded under, stored as a latched message on `/jepa_ros/contract`,
            which survives splitting, merging and playing with `ros2 bag`, and in the metadata.
        namespace: the robot's namespace, put before relative topic names.
        definitions: message types beyond ROS 2's common ones, see `Messages`.

    Raises:
        BagError: `path` exists, or the disk takes no more; everything that writes may raise it.
    """

    def __init__(
        self,
        path: str | Path,
        contract_text: str | None = None,
        namespace: str = "",
        definitions: Mapping[str, str] | None = None,
    ) -> None:
        self.path = Path(path)
        if self.path.exists():
            raise BagError(f"{self.path} exists already and is not overwritten")
        self.count = 0
        self._folder = _free_folder(self.path)
        self._prefix = f"/{namespace.strip('/')}/" if namespace.strip("/") else "/"
        self._messages = Messages(definitions)
        self._contract_text = contract_text
        self._connections: dict[str, Any] = {}
        self._flushed_ns: int | None = None
        self._open()

    def write(self, topic: str, kind: str, fields: Mapping[str, Any], stamp_ns: int) -> None:
        """Write a message of type `kind` with nested fields, received at `stamp_ns`.

        Raises:
            MessageError: the fields do not fit the type.
        """
        self.write_serialized(topic, kind, self._messages.serialize(self._messages.build(kind, fields)), stamp_ns)

    def write_serialized(self, topic: str, kind: str, data: bytes | memoryview, stamp_ns: int) -> None:
        """Write a message that is CDR bytes already, as a raw subscription gives it."""
        if self._contract_text is not None and not self._connections:
            self._write_contract(stamp_ns)
        name = topic if topic.startswith("/") else self._prefix + topic
        connection = self._connections.get(name)
        if connection is None:
            connection = self._connect(name, kind, ())
        elif connection.msgtype != kind:
            raise BagError(f"{name} carries {connection.msgtype}, not {kind}")
        with self._disk():
            self._writer.write(connection, stamp_ns, data)
            self._flush(stamp_ns)
        self.count += 1

    def close(self) -> None:
        """Finish the bag and move it to `path`."""
        with self._disk():
            self._finish()
            os.replace(self._folder / self.path.name, self.path)
            self._folder.rmdir()

    def leave(self) -> None:
        """Finish the bag where it is, aside, as far as the disk takes it."""
        with contextlib.suppress(OSError):
            self._finish()

    def __enter__(self) -> BagWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.leave()

    def _open(self) -> None:
        self._writer = Writer(self._folder / self.path.name, version=ROSBAG2_VERSION, storage_plugin=StoragePlugin.MCAP)
        self._writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
        if self._contract_text is not None:
            self._writer.set_custom_data(CONTRACT_KEY, self._contract_text)
        self._writer.open()
        # Chunks without a checksum would hide a damaged disk block
        self._writer.storage.compressor = _compress

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        """Where the disk fails, say what became of the recording."""
        try:
            yield
        except OSError as error:
            kept = self._folder / self.path.name
            reason = error.strerror or error
            raise BagError(f"{self.path} cannot be written on: {reason}; what was recorded is at {kept}") from error

    def _finish(self) -> None:
        self._writer.close()
        for file in (self._folder / self.path.name).iterdir():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())

    def _connect(self, name: str, kind: str, qos: tuple[Qos, ...]) -> Any:
        connection = self._writer.add_connection(name, kind, typestore=self._messages.store, offered_qos_profiles=qos)
        self._connections[name] = connection
        return connection

    def _write_contract(self, stamp_ns: int) -> None:
        kind = "std_msgs/msg/String"
        connection = self._connect(CONTRACT_TOPIC, kind, (LATCHED,))
        message = self._messages.build(kind, {"data": self._contract_text})
        self._writer.write(connection, stamp_ns, self._messages.serialize(message))

    def _flush(self, stamp_ns: int) -> None:
        """Bring what is pending onto the disk once a second of recording."""
        if self._flushed_ns is None:
            self._flushed_ns = stamp_ns
        storage = self._writer.storage
        if abs(stamp_ns - self._flushed_ns) >= FLUSH_NS and storage.chunk.msgs:
            storage.close_chunk()
            storage.bio.flush()
            self._flushed_ns = stamp_ns


def partial_paths(path: Path) -> list[Path]:
    """Unfinished recordings of the bag `path`."""
    return [folder / path.name for folder in sorted(path.parent.glob(f"{path.name}{PARTIAL}*"))]


def _free_folder(path: Path) -> Path:
    """A new directory beside `path`; what an earlier recording left unfinished stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        folder = path.with_name(f"{path.name}{PARTIAL}{number if number > 1 else ''}")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            number += 1


def _compress(data: bytes) -> bytes:
    return zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1})
