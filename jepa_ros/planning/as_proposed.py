"""No search at all: what it would begin with is the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from jepa_ros.planning.optimiser import Found, better


@dataclass(frozen=True)
class AsProposed:
    """Takes what the model proposes, made legal, or the rest of the last plan where that is better."""

    iterations: int = 1

    def search(
        self,
        mean: Tensor,
        deviation: Tensor,
        legal: Callable[[Tensor], Tensor],
        score: Callable[[Tensor], Tensor],
        generator: torch.Generator,
    ) -> Iterator[Found]:
        """The first mean, and no more; see :class:`Optimiser`."""
        candidates = legal(mean.unsqueeze(0))
        yield better(None, candidates, score(candidates))
