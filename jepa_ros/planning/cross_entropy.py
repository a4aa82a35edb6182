"""The cross-entropy method: sample action sequences, keep the best few, fit a Gaussian to them, repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class CrossEntropy:
    """Numbers of the search.

    Source: Rubinstein and Kroese, "The Cross-Entropy Method" (2004); best-so-far and mean among the candidates as in
    Pinneri et al., "Sample-efficient Cross-Entropy Method for Real-time Planning" (2020).
    """

    candidates: int = 128
    elites: int = 16
    iterations: int = 3
    smallest_deviation: float = 0.05
    """Standard deviation that the fit never goes below, as a share of the first one."""

    def search(
        self,
        mean: Tensor,
        deviation: Tensor,
        legal: Callable[[Tensor], Tensor],
        score: Callable[[Tensor], Tensor],
        generator: torch.Generator,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Refine action sequences for as long as the caller keeps asking.

        ``mean`` and ``deviation`` (H, A) are where the search begins, ``legal`` projects candidates (B, H, A) into the
        limits, ``score`` gives their costs (B,). Yields the best legal sequence so far (H, A) and its cost ().
        """
        floor = self.smallest_deviation * deviation
        best, least = mean, torch.tensor(torch.inf, device=mean.device)
        while True:
            noise = torch.randn(self.candidates, *mean.shape, generator=generator, device=mean.device)
            candidates = mean + deviation * noise
            candidates[0], candidates[1] = mean, best
            candidates = legal(candidates)
            costs = score(candidates)
            elite_costs, order = torch.topk(costs, min(self.elites, self.candidates), largest=False)
            elites = candidates[order]
            better = elite_costs[0] <= least
            best, least = torch.where(better, elites[0], best), torch.where(better, elite_costs[0], least)
            mean, deviation = elites.mean(dim=0), elites.std(dim=0).clamp(min=floor)
            yield best, least
