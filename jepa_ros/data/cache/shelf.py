"""Pictures in growing .npy files, memory-mapped once they are complete, so that they may be larger than RAM."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.lib import format as npy


class Shelf:
    """The pictures of one recording: one file per camera, `<its number>.npy`.

    They are written, not mapped, while they grow: on a full disk a write is refused, a mapped one kills the process.

    Args:
        folder: where the files are to be; it exists.
        sizes: key to (height, width) of each camera.

    Attributes:
        needed: bytes that all frames announced so far take.
    """

    def __init__(self, folder: Path, sizes: Mapping[str, tuple[int, int]]) -> None:
        self.needed = 0
        self._folder, self._sizes, self._count = folder, dict(sizes), 0
        self._frame = sum(3 * height * width for height, width in sizes.values())
        self._files = {key: path.open("wb") for key, path in paths(folder, sizes).items()}
        self._write_headers()

    def announce(self, frames: int) -> None:
        """Say how many frames are to come. Raises OSError where the disk has no room for them."""
        self.needed = (self._count + frames) * self._frame
        if shutil.disk_usage(self._folder).free < frames * self._frame:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._folder))

    def add(self, images: Mapping[str, np.ndarray]) -> None:
        """Append one frame, uint8 (H, W, 3) of each camera. Raises OSError where the disk is full."""
        for key, file in self._files.items():
            file.write(np.ascontiguousarray(images[key]).data)
        self._count += 1

    def finish(self) -> dict[str, np.ndarray]:
        """Complete the files; their pictures by key, as `mapped` gives them."""
        for file in self._files.values():
            file.seek(0)
        self._write_headers()
        for file in self._files.values():
            file.close()
        return mapped(self._folder, self._sizes)

    def close(self) -> None:
        """Close the files as they are, whole or not."""
        for file in self._files.values():
            with suppress(OSError):  # where the disk is full
                file.close()

    def _write_headers(self) -> None:
        for key, file in self._files.items():
            # NumPy leaves room in a header for the first axis to grow
            shape = (self._count, *self._sizes[key], 3)
            npy.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})


def mapped(folder: Path, sizes: Mapping[str, tuple[int, int]]) -> dict[str, np.ndarray]:
    """Key to uint8 (N, H, W, 3), read-only views of the files; what is not looked at is not in memory.

    Raises OSError or ValueError where a file is missing or damaged.
    """
    return {key: np.load(path, mmap_mode="r").view(np.ndarray) for key, path in paths(folder, sizes).items()}


def paths(folder: Path, sizes: Mapping[str, tuple[int, int]]) -> dict[str, Path]:
    """Key to file, by the cameras' order: keys may hold what file names may not."""
    return {key: folder / f"{number}.npy" for number, key in enumerate(sizes)}
