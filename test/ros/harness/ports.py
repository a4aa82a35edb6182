"""The UDP ports of a process, and how to keep others from taking them."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path


def ports_of(process: int) -> list[int]:
    """The UDP ports that a process listens on (Linux)."""
    own = set(_sockets(process))
    rows = [line.split() for line in Path(f"/proc/{process}/net/udp").read_text().splitlines()[1:]]
    return [int(row[1].rpartition(":")[2], base=16) for row in rows if row[9] in own]


def _sockets(process: int) -> Iterator[str]:
    """The inodes of a process's sockets."""
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            name = os.readlink(descriptor)
            if name.startswith("socket:["):
                yield name[len("socket:[") : -1]


def occupy(ports: list[int], until: ExitStack) -> None:
    """Take ports that nobody has; they are given back when ``until`` is closed."""
    for port in ports:
        taken = until.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        with suppress(OSError):
            taken.bind(("", port))
