"""The cross-entropy method: sample action sequences, keep the best few, fit a Gaussian to them, repeat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from jepa_ros.planning.optimiser import Found, Landscape, better


@dataclass(frozen=True)
class CrossEntropy:
    """Numbers of the search.

    Source: Rubinstein and Kroese, "The Cross-Entropy Method" (2004); best-so-far and mean among the candidates as in
    Pinneri et al., "Sample-efficient Cross-Entropy Method for Real-time Planning" (2020).
    """

    candidates: int = 80
    elites: int = 6
    iterations: int = 3
    smallest_deviation: float = 0.05
    """Standard deviation that the fit never goes below, as a share of the first one."""

    def search(
        self,
        mean: Tensor,
        deviation: Tensor,
        landscape: Landscape,
        generator: torch.Generator,
    ) -> Iterator[Found]:
        """Refine action sequences; see :class:`Optimiser`."""
        floor = self.smallest_deviation * deviation
        best: Found | None = None
        while True:
            noise = torch.randn(self.candidates, *mean.shape, generator=generator, device=mean.device)
            candidates = mean + deviation * noise
            candidates[0], candidates[1] = mean, mean if best is None else best[0]
            candidates = landscape.legal(candidates)
            costs = landscape.score(candidates)
            best = better(best, candidates, costs)
            order = costs.topk(min(self.elites, len(costs)), largest=False, sorted=False).indices
            elites = candidates[order]
            mean, deviation = elites.mean(dim=0), elites.std(dim=0).clamp(min=floor)
            yield best
