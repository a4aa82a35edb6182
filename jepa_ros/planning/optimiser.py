"""What every search for actions answers to, whatever method it follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import torch
from torch import Tensor

#: An action sequence (H, A) and its cost ().
Found = tuple[Tensor, Tensor]


class Optimiser(Protocol):
    """Searches for the action sequence of least cost, for as long as it is asked to.

    ``iterations`` is how many refinements its author thinks a plan worth.
    """

    iterations: int

    def search(
        self,
        mean: Tensor,
        deviation: Tensor,
        legal: Callable[[Tensor], Tensor],
        score: Callable[[Tensor], Tensor],
        generator: torch.Generator,
    ) -> Iterator[Found]:
        """Refine action sequences without end, or until there is no more to try, the same way for the same generator.

        ``mean`` and ``deviation`` (H, A) are where the search begins, ``legal`` projects candidates (B, H, A) into the
        limits, ``score`` gives their costs (B,), infinite for those that have none. Yields after each iteration the
        best legal sequence so far (H, A) and its cost (): never a worse one than before.
        """


def better(best: Found | None, candidates: Tensor, costs: Tensor) -> Found:
    """The best of what was found before and of legal candidates (B, H, A) with their costs (B,)."""
    least, index = costs.min(dim=0, keepdim=True)  # of shape (1,): indexing with a number would wait for the device
    newest = candidates[index].squeeze(0), least.squeeze(0)
    if best is None:
        return newest
    improved = newest[1] < best[1]
    return torch.where(improved, newest[0], best[0]), torch.where(improved, newest[1], best[1])
