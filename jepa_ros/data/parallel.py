"""Work on all cores that comes back in order.

Threads are enough: what takes time here, unpacking and pictures, runs in C without the interpreter's lock.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Protocol, TypeVar

AHEAD = 4  # pieces of work per core that are begun before the first result is taken

Item = TypeVar("Item")
Result = TypeVar("Result")


class Spread(Protocol):
    """How pieces of work are done: `ahead`, on all cores, or `map`, one after the other."""

    def __call__(self, function: Callable[[Item], Result], items: Iterable[Item], /) -> Iterator[Result]: ...


def ahead(function: Callable[[Item], Result], items: Iterable[Item], /) -> Iterator[Result]:
    """`map` on all cores. Items are taken by the caller's thread, a few before their results are asked for."""
    pool, begun = _pool(), deque[Future[Result]]()
    try:
        for item in items:
            begun.append(pool.submit(function, item))
            if len(begun) > AHEAD * cores():
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        for future in begun:
            future.cancel()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(cores(), thread_name_prefix="decode")


# A forked process has the pool but not its threads.
os.register_at_fork(after_in_child=_pool.cache_clear)
