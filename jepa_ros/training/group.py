"""Processes that train one model together: each takes its part of every batch; sums and means run over all of them.

What several processes compute is what one computes with the same global batch, but for the order of additions: every
random number is drawn for the global batch, and statistics of a batch are those of the global one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, distributed, nn

Rows = TypeVar("Rows", Tensor, np.ndarray)


class _Sum(torch.autograd.Function):
    """The sum over all processes, whose gradient is that of all their losses together.

    A process may use the sum otherwise than its neighbours do, with its own rows, so gradients are summed as well.
    """

    @staticmethod
    def forward(context: object, local: Tensor) -> Tensor:
        total = local.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(context: object, gradient: Tensor) -> Tensor:
        total = gradient.clone()
        distributed.all_reduce(total)
        return total


class Group:
    """``size`` processes, of which this is number ``rank``; by default one alone."""

    def __init__(self, rank: int = 0, size: int = 1):
        self.rank, self.size = rank, size

    def part(self, rows: Rows) -> Rows:
        """Of a global batch (B, ...), this process's rows. Raises ValueError where B can't be shared evenly."""
        if len(rows) % self.size:
            raise ValueError(f"a batch of {len(rows)} can't be shared by {self.size} processes; choose a multiple")
        count = len(rows) // self.size
        return rows[self.rank * count : (self.rank + 1) * count]

    def sum(self, local: Tensor) -> Tensor:
        """The sum over all processes; gradients flow through it."""
        return local if self.size == 1 else _Sum.apply(local)

    def mean(self, local: Tensor) -> Tensor:
        """The mean over all processes; gradients flow through it."""
        return self.sum(local) / self.size

    @torch.no_grad()
    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Give every process the mean gradient, in one exchange."""
        if self.size == 1:
            return
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        flat = self.mean(torch.cat([gradient.flatten() for gradient in gradients]))
        for gradient, mean in zip(gradients, flat.split([gradient.numel() for gradient in gradients])):
            gradient.copy_(mean.view_as(gradient))

    def any(self, *here: bool) -> list[bool]:
        """Whether each of these is so in any process."""
        if self.size == 1:
            return list(here)
        return (self.sum(torch.tensor(here, dtype=torch.float32, device=_exchange_device())) > 0).tolist()

    @contextmanager
    def first_alone(self) -> Iterator[None]:
        """The first process does it before the others, which then find what it left on the disk."""
        if self.size > 1 and self.rank > 0:
            distributed.barrier()
        yield
        if self.size > 1 and self.rank == 0:
            distributed.barrier()


ALONE = Group()


@contextmanager
def joined(device: str) -> Iterator[tuple[Group, str]]:
    """The group that torchrun started this process in, and this process's device: its own one of several GPUs."""
    size = int(os.environ.get("WORLD_SIZE", 1))
    if size == 1:
        yield ALONE, device
        return
    rank, local = int(os.environ["RANK"]), int(os.environ["LOCAL_RANK"])
    if device == "cuda":
        torch.cuda.set_device(local)
        device = f"cuda:{local}"
    distributed.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    try:
        yield Group(rank, size), device
    finally:
        distributed.destroy_process_group()


def _exchange_device() -> str:
    return "cuda" if distributed.get_backend() == "nccl" else "cpu"
