"""Pictures of an MP4 file by time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from jepa_ros.contract import StreamError
from jepa_ros.data.lerobot.information import DatasetError


class Video:
    """One video, open for reading forward from a time on.

    Args:
        path: the file.
        start: seconds from the file's beginning; nothing before is asked for.
        tolerance: seconds by which a picture's time may differ from the one asked for.

    Raises:
        DatasetError: the file is missing or no video.
    """

    def __init__(self, path: Path, start: float, tolerance: float) -> None:
        self._path, self._tolerance = path, tolerance
        if not path.is_file():
            raise DatasetError(f"{path} is missing")
        try:
            self._container = av.open(str(path), metadata_errors="replace")
            self._stream = self._container.streams.video[0]
            self._stream.thread_type = "AUTO"
            self._container.seek(max(0, int((start - tolerance) / self._stream.time_base)), stream=self._stream)
        except (av.FFmpegError, LookupError) as error:
            raise DatasetError(f"{path} cannot be read as a video: {error}") from None
        self._frames = self._decode()
        self._frame = next(self._frames, None)

    def at(self, seconds: float) -> np.ndarray:
        """The picture at a time, (H, W, 3) uint8 RGB; times must not decrease. Raises StreamError without one."""
        while self._frame is not None and self._frame.time < seconds - self._tolerance:
            self._frame = next(self._frames, None)
        if self._frame is None:
            raise StreamError(f"{self._path} has no picture at {seconds:.3f} s, nor after it")
        if self._frame.time > seconds + self._tolerance:
            raise StreamError(
                f"{self._path} has no picture at {seconds:.3f} s; the next is at {self._frame.time:.3f} s"
            )
        return self._frame.to_ndarray(format="rgb24")

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _decode(self) -> Iterator[av.VideoFrame]:
        """Whole frames in order; what is damaged between them is passed over."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                frames = packet.decode() if packet is not None else []
            except av.FFmpegError:
                continue
            if packet is None:
                return
            yield from (frame for frame in frames if frame.pts is not None and not frame.is_corrupt)
