"""Processes that share out a measurement's work: as many as the project's machines have cores."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

import torch

CORES = 2


@contextmanager
def workers() -> Iterator[ProcessPoolExecutor]:
    """A pool of processes with one torch thread each; where a measurement fails, what has not begun is dropped."""
    spawning = multiprocessing.get_context("spawn")  # torch may hang where it is forked
    pool = ProcessPoolExecutor(CORES, spawning, torch.set_num_threads, (1,))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
