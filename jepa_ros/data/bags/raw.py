"""Messages as they stand in a bag's files, before anybody has decoded them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar


class Channel(NamedTuple):
    """One topic of the file; `definition` is empty where the file has none."""

    topic: str
    kind: str
    definition: str


class RawMessage(NamedTuple):
    """One message, undecoded."""

    stamp_ns: int
    topic: str
    kind: str
    data: memoryview


class Stamped(Protocol):
    """What a message is made into: it still tells when it was received."""

    stamp_ns: int


Finished = TypeVar("Finished", bound=Stamped)
Finish = Callable[[RawMessage], Finished]
