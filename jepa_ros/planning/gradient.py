"""Gradient descent through the predictor, from several starts at once, projected into the limits after every step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from jepa_ros.planning.optimiser import Found, Landscape, better


@dataclass(frozen=True)
class GradientDescent:
    """Numbers of the search.

    Source: the steps are Adam's (Kingma and Ba, 2015); planning by gradients through a learned model as in Henaff et
    al., "Model-Based Planning with Discrete and Continuous Actions" (2017). The projection makes it projected descent.
    """

    starts: int = 8
    """Action sequences that descend side by side."""
    iterations: int = 6
    rate: float = 0.4
    """Length of a step, as a share of the deviation that the search begins with."""
    momentum: float = 0.8
    memory: float = 0.95
    """How slowly the step forgets the slope's direction and its square."""

    def search(
        self,
        mean: Tensor,
        deviation: Tensor,
        landscape: Landscape,
        generator: torch.Generator,
    ) -> Iterator[Found]:
        """Refine action sequences; see :class:`Optimiser`. The costs must be differentiable."""
        noise = torch.randn(self.starts, *mean.shape, generator=generator, device=mean.device)
        noise[0] = 0.0
        candidates = landscape.legal(mean + deviation * noise)
        direction, square = torch.zeros_like(candidates), torch.zeros_like(candidates)
        best: Found | None = None
        iteration = 0
        while True:
            iteration += 1
            costs, slope = with_slope(landscape.score, candidates)
            best = better(best, candidates, costs)
            direction = torch.lerp(slope, direction[: len(slope)], self.momentum)  # there may be no time for the others
            square = torch.lerp(slope.square(), square[: len(slope)], self.memory)
            # Both begin at zero, and are scaled up to what they would be without that.
            mean_slope = direction / (1.0 - self.momentum**iteration)
            size = (square / (1.0 - self.memory**iteration)).sqrt().clamp(min=1e-12)
            candidates = landscape.legal(candidates - self.rate * deviation * mean_slope / size)
            yield best


@torch.inference_mode(False)
@torch.enable_grad()
def with_slope(score: Callable[[Tensor], Tensor], candidates: Tensor) -> Found:
    """Costs (B,) of candidates (B, H, A), and how each cost grows with its own candidate's actions (B, H, A).

    The slope is 0 where it is not finite. Works within inference mode, if ``score`` holds on to no tensor made in it.
    """
    actions = candidates.clone().requires_grad_()
    costs = score(actions)
    (slope,) = torch.autograd.grad(costs.sum(), actions)
    return costs.detach(), slope.nan_to_num(0.0, posinf=0.0, neginf=0.0)
