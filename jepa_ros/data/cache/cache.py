"""Recordings that were decoded once, kept for the next time."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np

from jepa_ros.contract import Contract
from jepa_ros.data.cache.aligned import Aligned
from jepa_ros.data.cache.shelf import Shelf, mapped
from jepa_ros.data.recording import RecordingError

FORMAT = 1  # to be raised with everything that decodes or aligns differently
UNUSED_DAYS = 30
PARTIAL = ".partial"
ABOUT, NUMBERS = "entry.json", "numbers.npz"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class CacheError(RecordingError):
    """Decoded frames cannot be stored; the message says where and how much room they need."""


class Decoded(NamedTuple):
    """What a recording holds.

    Attributes:
        aligned: its frames.
        count: samples that were read.
        problems: what was left out or looks wrong, in words.
    """

    aligned: Aligned
    count: int
    problems: list[str]


Decode = Callable[[Shelf], Decoded]
Sizes = Mapping[str, tuple[int, int]]


def fingerprint(path: Path, contract: Contract, namespace: str) -> str:
    """A recording's key: changes with its place, its files' names, sizes and times, and with how it is read."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    parts = [[str(file.relative_to(path)), file.stat().st_size, file.stat().st_mtime_ns] for file in files]
    text = json.dumps([FORMAT, str(path.resolve()), parts, contract.text, namespace.strip("/")])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Unkept:
    """Decodes into a folder that is gone when the last array is."""

    def read(self, _key: str, _sizes: Sizes) -> Decoded | None:
        """Nothing is kept."""
        return None

    def make(self, _key: str, sizes: Sizes, decode: Decode) -> Decoded:
        """As `Cache.make`."""
        with TemporaryDirectory(prefix="jepa_ros_") as folder:
            return _decode(Path(folder), sizes, decode)


class Cache:
    """A folder of decoded recordings: `<key>/` with one .npy file per camera, the numbers, and what was told.

    An entry is made aside and renamed, so what has its name is whole; one that is damaged all the same reads as
    None. With each new entry those go that were not used for 30 days, and what a killed process left unfinished.
    Nothing else is needed to keep it in order, and deleting all of it costs only time.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, key: str, sizes: Sizes) -> Decoded | None:
        """The entry of that key; None where there is none that is whole.

        Args:
            key: see `fingerprint`.
            sizes: the contract's images.
        """
        entry = self.folder / key
        try:
            about = json.loads((entry / ABOUT).read_text(encoding="utf-8"))
            images = mapped(entry, sizes)
            with np.load(entry / NUMBERS) as numbers:
                aligned = Aligned(images, **{name: numbers[name] for name in _NUMBERS})
            if any(len(column) != len(aligned.stamps_ns) for column in images.values()):
                return None
            os.utime(entry / ABOUT)
            return Decoded(aligned, about["count"], about["problems"])
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
            return None

    def make(self, key: str, sizes: Sizes, decode: Decode) -> Decoded:
        """Decode anew and keep it as the entry of that key.

        Args:
            key: see `fingerprint`.
            sizes: the contract's images.
            decode: puts the pictures on the shelf that it is given, finishes it, and returns the rest.

        Raises:
            CacheError: the folder cannot be written to, or the disk is full.
        """
        try:
            with self._aside() as aside:
                decoded = _decode(aside, sizes, decode)
                _write(aside, decoded)
                self._place(aside, key)
                return decoded
        except OSError as error:
            raise CacheError(f"decoded frames cannot be kept in {self.folder}: {error.strerror}") from error

    @contextmanager
    def _aside(self) -> Iterator[Path]:
        """A new folder for an entry in the making, locked, so that nobody takes it for left over."""
        with self._alone():
            self._tidy()
            aside = Path(mkdtemp(suffix=PARTIAL, dir=self.folder))
            lock = _lock(aside)
        try:
            yield aside
        finally:
            shutil.rmtree(aside, ignore_errors=True)
            os.close(lock)

    def _place(self, aside: Path, key: str) -> None:
        entry = self.folder / key
        with self._alone():
            if entry.exists():  # damaged, or made by somebody else meanwhile
                shutil.rmtree(entry)
            os.replace(aside, entry)

    def _tidy(self) -> None:
        for partial in self.folder.glob(f"*{PARTIAL}"):
            lock = _lock(partial, fcntl.LOCK_NB)
            if lock is not None:
                shutil.rmtree(partial, ignore_errors=True)
                os.close(lock)
        for about in self.folder.glob(f"*/{ABOUT}"):
            if time.time() - about.stat().st_mtime > UNUSED_DAYS * 86400:
                shutil.rmtree(about.parent, ignore_errors=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process tidies or renames in this folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = _lock(self.folder)
        try:
            yield
        finally:
            os.close(lock)


_NUMBERS = ("state", "actions", "stamps_ns", "takes")


def _decode(folder: Path, sizes: Sizes, decode: Decode) -> Decoded:
    shelf = Shelf(folder, sizes)
    try:
        return decode(shelf)
    except OSError as error:
        if error.errno not in FULL:
            raise
        room = f"{shelf.needed / 1e6:.1f} MB are needed, {shutil.disk_usage(folder).free / 1e6:.1f} MB are free"
        raise CacheError(f"no room for decoded frames in {folder.parent}: {error.strerror}; {room}") from error
    finally:
        shelf.close()


def _write(folder: Path, decoded: Decoded) -> None:
    """Complete an entry, down to the disk, so that not even a power cut makes one that only looks whole."""
    np.savez(folder / NUMBERS, **{name: getattr(decoded.aligned, name) for name in _NUMBERS})
    about = {"format": FORMAT, "count": decoded.count, "problems": decoded.problems}
    (folder / ABOUT).write_text(json.dumps(about, indent=1), encoding="utf-8")
    for file in folder.iterdir():
        with file.open("rb") as handle:
            os.fsync(handle.fileno())


def _lock(folder: Path, how: int = 0) -> int | None:
    """A descriptor that locks the folder until it is closed; None where, not to be waited for, somebody else has it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | how)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
