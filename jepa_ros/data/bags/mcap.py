"""Read MCAP files, whole, cut off or damaged.

A recording that was killed has no index at its end, and a disk can lose a block in the middle. So the file is
walked record by record instead of trusting its index: every chunk that is whole is read, and what is not is
reported.

Source: https://mcap.dev/spec
"""

from __future__ import annotations

import heapq
import mmap
import struct
from binascii import crc32
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from lz4.frame import decompress as lz4_decompress

from jepa_ros.data.bags.excerpts import ALL, Excerpts
from jepa_ros.data.bags.raw import Channel, Finish, Finished, RawMessage
from jepa_ros.data.bags.unpacking import unpack, zstd
from jepa_ros.data.parallel import Spread

MAGIC = b"\x89MCAP0\r\n"
FOOTER, SCHEMA, CHANNEL, MESSAGE, CHUNK, MESSAGE_INDEX = 2, 3, 4, 5, 6, 7
RUN_LENGTH = 2**20  # bytes of unchunked messages that are read as if they were one chunk

_RECORD = struct.Struct("<BQ")
_MESSAGE = struct.Struct("<HIQQ")
_CHUNK = struct.Struct("<QQQI")
_U16, _U32, _U64 = struct.Struct("<H"), struct.Struct("<I"), struct.Struct("<Q")


@dataclass
class _Block:
    """Records that are read together: a chunk, or a run of messages outside of chunks."""

    offset: int
    end: int
    first_ns: int
    last_ns: int
    chunk: bool
    counts: Counter[int]


@dataclass
class _Content:
    """Messages of a block by channel id, as far as it is whole; `damage` says where it is not."""

    messages: list[tuple[int, int, memoryview]] = field(default_factory=list)
    damage: str = ""


class McapFile:
    """One MCAP file. `damage` tells what of `name` cannot be read; it may grow while messages are read."""

    def __init__(self, path: Path, name: Path) -> None:
        self.name = name
        self.damage: list[str] = []
        self.channels: dict[int, Channel] = {}
        self._schemas: dict[int, tuple[str, str]] = {}
        self._blocks: list[_Block] = []
        with path.open("rb") as file:
            # An empty file cannot be mapped
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""
        self._view = memoryview(self._map)
        if bytes(self._view[: len(MAGIC)]) == MAGIC:
            self._walk()
            self._find_channels()
        else:
            self.damage.append(f"{name} is not an MCAP file")

    def close(self) -> None:
        """Forget the file. Messages still held stay valid: the mapping goes with the last of them."""
        self._blocks.clear()
        self._view, self._map = memoryview(b""), b""

    @property
    def counts(self) -> Counter[int]:
        """Messages per channel id."""
        return sum((block.counts for block in self._blocks), Counter())

    def messages(
        self, topics: Collection[str], finish: Finish[Finished], spread: Spread, excerpts: Excerpts = ALL
    ) -> Iterator[Finished]:
        """What `finish` makes of each message of the topics, in the order in which they were received.

        `spread` says where: `finish` may be called from several threads.
        """
        wanted = {key for key, channel in self.channels.items() if channel.topic in topics}
        blocks = [block for block in self._blocks if wanted & block.counts.keys()]
        blocks = [block for block in blocks if excerpts.meet(block.first_ns, block.last_ns)]
        blocks.sort(key=lambda block: block.first_ns)
        pending: list[tuple[int, int, Finished]] = []
        order = 0
        for block, (items, damage) in zip(blocks, spread(partial(self._finish, wanted, finish, excerpts), blocks)):
            while pending and pending[0][0] < block.first_ns:
                yield heapq.heappop(pending)[-1]
            for item in items:
                heapq.heappush(pending, (item.stamp_ns, order, item))
                order += 1
            self.damage += damage
        while pending:
            yield heapq.heappop(pending)[-1]

    def _finish(
        self, wanted: set[int], finish: Finish[Finished], excerpts: Excerpts, block: _Block
    ) -> tuple[list[Finished], list[str]]:
        content = self._read(block)
        items = []
        for key, stamp_ns, data in content.messages:
            if key in wanted and excerpts.hold(stamp_ns):
                channel = self.channels[key]
                items.append(finish(RawMessage(stamp_ns, channel.topic, channel.kind, data)))
        return items, [content.damage] if content.damage else []

    def _walk(self) -> None:
        """Find the blocks, and the schemas and channels outside of chunks."""
        end, offset = len(self._view), len(MAGIC)
        while offset + _RECORD.size <= end:
            code, length = _RECORD.unpack_from(self._view, offset)
            begin, offset = offset + _RECORD.size, offset + _RECORD.size + length
            if code == FOOTER:
                return
            if code == 0 or offset > end:
                self.damage.append(f"{self.name}: damaged at byte {begin - _RECORD.size} of {end}, the rest is lost")
                return
            try:
                self._note(code, begin, offset)
            except (struct.error, ValueError) as error:
                self.damage.append(f"{self.name}: record at byte {begin - _RECORD.size} is damaged: {error}")
        self.damage.append(f"{self.name}: cut off at byte {end}, the recording was not finished")

    def _note(self, code: int, begin: int, end: int) -> None:
        if code == CHUNK:
            first_ns, last_ns, _, _ = _CHUNK.unpack_from(self._view, begin)
            self._blocks.append(_Block(begin, end, first_ns, last_ns, True, Counter()))
        elif code == MESSAGE_INDEX and self._blocks:
            key, size = _U16.unpack_from(self._view, begin)[0], _U32.unpack_from(self._view, begin + 2)[0]
            self._blocks[-1].counts[key] += size // 16
        elif code == MESSAGE:
            self._extend_run(begin, end)
        elif code in (SCHEMA, CHANNEL):
            self._learn(code, self._view[begin:end])

    def _extend_run(self, begin: int, end: int) -> None:
        key, _, stamp_ns, _ = _MESSAGE.unpack_from(self._view, begin)
        run = self._blocks[-1] if self._blocks else None
        offset = begin - _RECORD.size
        if run is None or run.chunk or run.end != offset or end - run.offset > RUN_LENGTH:
            run = _Block(offset, end, stamp_ns, stamp_ns, False, Counter())
            self._blocks.append(run)
        run.end = end
        run.first_ns, run.last_ns = min(run.first_ns, stamp_ns), max(run.last_ns, stamp_ns)
        run.counts[key] += 1

    def _find_channels(self) -> None:
        """Look into chunks for what neither the file's end nor the message indexes told."""
        for block in self._blocks:
            if block.counts and block.counts.keys() <= self.channels.keys():
                continue
            content = self._read(block)
            block.counts = Counter(key for key, _, _ in content.messages)
            if content.damage:
                self.damage.append(content.damage)

    def _read(self, block: _Block) -> _Content:
        """Everything in a block, which also tells what it says about channels."""
        content = _Content()
        try:
            records = self._decompress(block) if block.chunk else self._view[block.offset : block.end]
            offset = 0
            while offset < len(records):
                code, length = _RECORD.unpack_from(records, offset)
                offset += _RECORD.size
                record = records[offset : offset + length]
                if len(record) < length:
                    raise ValueError("a record goes beyond the chunk")
                if code == MESSAGE:
                    key, _, stamp_ns, _ = _MESSAGE.unpack_from(record)
                    content.messages.append((key, stamp_ns, record[_MESSAGE.size :]))
                elif code in (SCHEMA, CHANNEL):
                    self._learn(code, record)
                offset += length
        except (ValueError, RuntimeError, struct.error, zstd.ZstdError) as error:
            seconds = (block.last_ns - block.first_ns) * 1e-9
            content.damage = f"{self.name}: {seconds:.3f} s at stamp {block.first_ns} ns are damaged: {error}"
        return content

    def _decompress(self, block: _Block) -> memoryview:
        view = self._view[block.offset : block.end]
        _, _, size, checksum = _CHUNK.unpack_from(view)
        method, offset = _text(view, _CHUNK.size)
        data = view[offset + 8 : offset + 8 + _U64.unpack_from(view, offset)[0]]
        if method == "zstd":
            data = unpack(data)
        elif method == "lz4":
            data = memoryview(lz4_decompress(data))
        elif method:
            raise ValueError(f"compression {method!r} is not known")
        if len(data) != size or (checksum and crc32(data) != checksum):
            raise ValueError("the checksum is wrong")
        return data

    def _learn(self, code: int, record: memoryview) -> None:
        key = _U16.unpack_from(record)[0]
        if code == SCHEMA:
            name, offset = _text(record, 2)
            _, offset = _text(record, offset)
            self._schemas[key] = name, _text(record, offset)[0]
        else:
            name, definition = self._schemas.get(_U16.unpack_from(record, 2)[0], ("", ""))
            self.channels[key] = Channel(_text(record, 4)[0], name, definition)


def _text(view: memoryview, offset: int) -> tuple[str, int]:
    """The string at `offset` and where it ends."""
    length = _U32.unpack_from(view, offset)[0]
    offset += 4
    if offset + length > len(view):
        raise ValueError("a string goes beyond its record")
    return str(view[offset : offset + length], "utf-8"), offset + length
