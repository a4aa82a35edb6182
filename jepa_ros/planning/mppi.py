"""Model predictive path integral control: the new mean is the average of all candidates, the good ones count most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from jepa_ros.planning.optimiser import Found, Landscape, better


@dataclass(frozen=True)
class PathIntegral:
    """Numbers of the search.

    Source: Williams et al., "Information Theoretic MPC for Model-Based Reinforcement Learning" (2017). The deviation of
    the noise is fixed, as there. The control cost of the derivation is left out: effort is a cost of its own here.
    """

    candidates: int = 80
    iterations: int = 3
    temperature: float = 0.1
    """The weight of a candidate falls to 1/e per this share of the gap between the best and the median cost."""

    def search(
        self,
        mean: Tensor,
        deviation: Tensor,
        landscape: Landscape,
        generator: torch.Generator,
    ) -> Iterator[Found]:
        """Refine action sequences; see :class:`Optimiser`."""
        best: Found | None = None
        while True:
            noise = torch.randn(self.candidates, *mean.shape, generator=generator, device=mean.device)
            candidates = mean + deviation * noise
            candidates[0] = mean
            candidates = landscape.legal(candidates)
            costs = landscape.score(candidates)
            best = better(best, candidates, costs)
            mean = torch.einsum("b,bha->ha", self.weights(costs), candidates)
            yield best

    def weights(self, costs: Tensor) -> Tensor:
        """How much each candidate counts (B,), given the costs (B,): 1 in all, or 0 where no cost is finite."""
        excess = costs - costs.min()
        gap = excess.median().clamp(1e-9, 1e9)
        return torch.softmax(-excess / (self.temperature * gap), dim=0).nan_to_num(0.0)
