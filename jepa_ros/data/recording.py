"""What a recording is to those who read it, whatever it is stored as: chapters of samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from jepa_ros.contract import Contract


class RecordingError(Exception):
    """A recording that cannot be written or read; the message says why."""


class Sample(NamedTuple):
    """One value of one entry of the contract.

    Attributes:
        key: the entry's.
        read: the value, as `Aligner.push` takes it; to be called before the next sample is taken. Raises
            StreamError where there is none that can be used.
        receive_ns: when it arrived.
        header_ns: when it was measured, None where nobody says.
    """

    key: str
    read: Callable[[], np.ndarray]
    receive_ns: int
    header_ns: int | None


class Chapter(NamedTuple):
    """A stretch that has nothing to do with the one before: its samples in order of receipt, `frames` at most."""

    frames: int
    samples: Iterable[Sample]


class Reading(NamedTuple):
    """What a contract reads from a recording, once.

    Attributes:
        clock: the entry whose samples are the frames; None where frames come at the contract's rate.
        count: samples in all.
        chapters: the samples.
    """

    clock: str | None
    count: int
    chapters: Iterable[Chapter]


class Recording(Protocol):
    """A bag or a dataset, open for reading. What is damaged is left out and told in `damage`."""

    path: Path

    @property
    def damage(self) -> list[str]:
        """What cannot be read, in words; complete only after everything was read."""

    @property
    def contract_text(self) -> str | None:
        """The contract under which it was recorded, None where it has none."""

    def reading(self, contract: Contract, namespace: str = "") -> Reading:
        """What the contract reads; `namespace` is the robot's, where there are several.

        Raises RecordingError where something of the contract is missing.
        """

    def __enter__(self) -> Recording: ...

    def __exit__(self, *_: object) -> None: ...
