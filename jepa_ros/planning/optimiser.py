"""What every search for actions answers to, whatever method it follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

#: An action sequence (H, A) and its cost ().
Found = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Outlook:
    """What comes of candidates, in more detail than their costs (B,).

    ``misses`` (B, T, E) is by how much each misses the goal after each of T steps: a vector as long as the distance.
    ``slopes`` gives, for the number of a candidate (1,), how its cost grows with each of its distances (T,).
    """

    costs: Tensor
    misses: Tensor
    slopes: Callable[[Tensor], Tensor]


class Landscape(Protocol):
    """What is searched: which action sequences (B, H, A) there are, and what they cost."""

    def legal(self, candidates: Tensor) -> Tensor:
        """The nearest ones that the robot may be sent; of the first ones only, where there is no time for all."""

    def score(self, candidates: Tensor) -> Tensor:
        """The costs (B,) of legal ones; infinite for those that have none, or that there is no time for."""

    def outlook(self, candidates: Tensor) -> Outlook:
        """The same, with what comes of legal ones; exactly, so that small differences mean something."""


class Optimiser(Protocol):
    """Searches for the action sequence of least cost, for as long as it is asked to.

    ``iterations`` is how many refinements its author thinks a plan worth.
    """

    iterations: int

    def search(
        self,
        mean: Tensor,
        deviation: Tensor,
        landscape: Landscape,
        generator: torch.Generator,
    ) -> Iterator[Found]:
        """Refine action sequences without end, or until there is no more to try, the same way for the same generator.

        ``mean`` and ``deviation`` (H, A) are where the search begins. Yields after each iteration the best legal
        sequence so far (H, A) and its cost (): never a worse one than before.
        """


def better(best: Found | None, candidates: Tensor, costs: Tensor) -> Found:
    """The best of what was found before and of legal candidates (B, H, A) with their costs (B,)."""
    least, index = costs.min(dim=0, keepdim=True)  # of shape (1,): indexing with a number would wait for the device
    newest = candidates[index].squeeze(0), least.squeeze(0)
    if best is None:
        return newest
    improved = newest[1] < best[1]
    return torch.where(improved, newest[0], best[0]), torch.where(improved, newest[1], best[1])
