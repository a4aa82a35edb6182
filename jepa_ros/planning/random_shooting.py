"""Random shooting: sample action sequences and keep the best. What every other search has to beat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from jepa_ros.planning.optimiser import Found, Landscape, better


@dataclass(frozen=True)
class RandomShooting:
    """Numbers of the search.

    Source: Nagabandi et al., "Neural Network Dynamics for Model-Based Deep Reinforcement Learning" (2018).
    """

    candidates: int = 80
    iterations: int = 3

    def search(
        self,
        mean: Tensor,
        deviation: Tensor,
        landscape: Landscape,
        generator: torch.Generator,
    ) -> Iterator[Found]:
        """Sample on and on around the first mean; see :class:`Optimiser`."""
        best: Found | None = None
        while True:
            noise = torch.randn(self.candidates, *mean.shape, generator=generator, device=mean.device)
            noise[0] = 0.0
            candidates = landscape.legal(mean + deviation * noise)
            best = better(best, candidates, landscape.score(candidates))
            yield best
