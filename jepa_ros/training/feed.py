"""Batches, each prepared while the one before it is computed with."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import fields
from types import TracebackType
from typing import Any

import torch
from torch import Tensor

from jepa_ros.training.windows import Windows


class Feed:
    """Hands out ``prepare(step)`` for one step after the other, on ``device``; a thread prepares the next one.

    ``waited`` is how many seconds the caller has waited for batches.
    """

    def __init__(self, prepare: Callable[[int], Windows], steps: range, device: torch.device):
        self.prepare, self.steps, self.device = prepare, iter(steps), device
        self.waited = 0.0
        self._thread = ThreadPoolExecutor(1, "feed")
        self._next: Future[Windows] | None = self._order()

    def __enter__(self) -> Feed:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._thread.shutdown(cancel_futures=True)

    def take(self) -> Windows:
        """The next step's batch. Raises what ``prepare`` raised, and IndexError after the last."""
        if self._next is None:
            raise IndexError("all batches are taken")
        begin = time.monotonic()
        windows = self._next.result()
        self.waited += time.monotonic() - begin
        self._next = self._order()
        return _changed(windows, lambda tensor: tensor.to(self.device, non_blocking=True))

    def _order(self) -> Future[Windows] | None:
        step = next(self.steps, None)
        return None if step is None else self._thread.submit(self._prepare, step)

    def _prepare(self, step: int) -> Windows:
        windows = self.prepare(step)
        # Only from pinned memory can a GPU fetch a batch while it computes.
        return _changed(windows, Tensor.pin_memory) if self.device.type == "cuda" else windows


def _changed(part: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """The same with every tensor changed."""
    if isinstance(part, Tensor):
        return change(part)
    if isinstance(part, dict):
        return {key: _changed(value, change) for key, value in part.items()}
    return type(part)(**{field.name: _changed(getattr(part, field.name), change) for field in fields(part)})
