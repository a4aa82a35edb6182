"""Curves of a training, for TensorBoard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tensorboardX import SummaryWriter

from jepa_ros.training import Progress


@contextmanager
def curves(folder: Path) -> Iterator[Callable[[Progress], None]]:
    """Event files in ``folder``, written by calling the function it gives.

    A training that goes on, or begins anew, goes on in the same curves: what they hold of later steps is purged.
    """
    writers: list[SummaryWriter] = []

    def write(now: Progress) -> None:
        if not writers:
            writers.append(SummaryWriter(str(folder), purge_step=now.step))
        for name, value in now.figures().items():
            writers[0].add_scalar(name, value, now.step)

    try:
        yield write
    finally:
        for writer in writers:
            writer.close()
