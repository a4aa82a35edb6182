"""No search at all: what it would begin with is the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from jepa_ros.planning.optimiser import Found, Landscape, better


@dataclass(frozen=True)
class AsProposed:
    """Takes what the model proposes, made legal, or the rest of the last plan where that is better."""

    iterations: int = 1

    def search(
        self,
        mean: Tensor,
        deviation: Tensor,
        landscape: Landscape,
        generator: torch.Generator,
    ) -> Iterator[Found]:
        """The first mean, and no more; see :class:`Optimiser`."""
        candidates = landscape.legal(mean.unsqueeze(0))
        yield better(None, candidates, landscape.score(candidates))
