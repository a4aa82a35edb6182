"""Gauss and Newton's method: what candidates change tells which change leads to the goal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from jepa_ros.planning.optimiser import Found, Landscape, Outlook, better

LENGTHS = (1.0, 2.0)  # of the steps that are tried, as shares of what the linear model thinks best
NEAREST = 1e-3  # distances below this weigh as much as this one: an arrival must not outweigh all the rest
FINEST = 0.01  # of the first deviation: differences by less would drown in rounding
LEAST = 1e-9  # added to what is divided by
RIDGE = 1e-3  # of the mean square of what candidates differ by: what few of them change can't be told


@dataclass(frozen=True)
class GaussNewton:
    """Numbers of the search.

    Candidates around the best one, as many as a sequence has numbers, say by least squares how the misses depend on the
    actions, without gradients. The steps that this linear model thinks best are among the next candidates, from bold to
    careful ones.

    Source: Cartis and Roberts, "A derivative-free Gauss-Newton method" (2019), with the damping of Levenberg and
    Marquardt. The cost is a sum of distances rather than of their squares, so each is weighted by its inverse, as in
    iteratively reweighted least squares. What else the cost holds enters by its slope.
    """

    iterations: int = 2
    shrinking: float = 0.3
    """Deviation of an iteration's candidates, as a share of that of the one before."""
    dampings: tuple[float, ...] = (1e-3, 1e-2, 1e-1, 1.0)
    """How dear steps are, as shares of the mean curvature; one step for each. Where limits bind, the careful win."""
    calm: float = 10.0
    """How much dearer a step is that changes from action to action: the model does not tell rapid ones apart."""

    def search(
        self,
        mean: Tensor,
        deviation: Tensor,
        landscape: Landscape,
        generator: torch.Generator,
    ) -> Iterator[Found]:
        """Refine action sequences; see :class:`Optimiser`."""
        prices = self._prices(mean)
        lengths = torch.tensor(LENGTHS, device=mean.device).view(-1, 1, 1, 1)
        tried, spread = mean.unsqueeze(0), deviation
        best: Found | None = None
        while True:
            around = tried[-1:] + spread * _directions(mean.numel(), generator, mean.device).view(-1, *mean.shape)
            candidates = landscape.legal(torch.cat([tried, around]))
            outlook = landscape.outlook(candidates)
            best = better(best, candidates, outlook.costs)
            yield best
            base = outlook.costs.argmin(keepdim=True)
            moves = (candidates - candidates[base]) / deviation
            steps = _steps(moves.flatten(1), outlook, base, prices).view(-1, *mean.shape) * deviation
            tried = candidates[base] + torch.cat([(lengths * steps).flatten(0, 1), torch.zeros_like(steps[:1])])
            spread = torch.maximum(self.shrinking * spread, FINEST * deviation)

    def _prices(self, like: Tensor) -> Tensor:
        """What the squares of steps cost (K, n, n), for each damping, in units of the mean curvature and slope."""
        horizon, size = like.shape
        changes = torch.eye(horizon, device=like.device).diff(dim=0)
        rough = torch.kron(changes.T @ changes, torch.eye(size, device=like.device))
        dampings = torch.tensor(self.dampings, device=like.device).view(-1, 1, 1)
        return dampings * (torch.eye(horizon * size, device=like.device) + self.calm * rough)


def _steps(moves: Tensor, outlook: Outlook, base: Tensor, prices: Tensor) -> Tensor:
    """The moves (K, n) from candidate ``base`` that cost least, as moves (B, n) and what came of them let expect.

    ``prices`` (K, n, n) are those of the moves themselves.
    """
    slopes, lengths = outlook.slopes(base), outlook.misses.norm(dim=-1)
    weights = (slopes / lengths[base].clamp(min=NEAREST)).sqrt().squeeze(0)
    misses = (outlook.misses * weights.unsqueeze(-1)).flatten(1)
    others = outlook.costs - lengths @ slopes
    values = torch.cat([misses, others.unsqueeze(-1)], dim=1)
    known = (outlook.costs.isfinite() & outlook.costs[base].isfinite()).unsqueeze(-1)
    changes = torch.where(known, values - values[base], 0.0)
    square = moves.T @ moves
    ridge = (RIDGE * square.diagonal().mean() + LEAST) * torch.eye(len(square), device=square.device)
    jacobian = torch.linalg.solve(square + ridge, moves.T @ changes)
    jacobian, slope = jacobian[:, :-1], jacobian[:, -1:]
    curvature = jacobian @ jacobian.T
    unit = curvature.diagonal().mean() + slope.abs().mean() + LEAST
    downhill = jacobian @ torch.where(known[base], misses[base], 0.0).T + slope
    return -torch.linalg.solve(curvature + unit * prices, downhill.expand(len(prices), -1, -1)).squeeze(-1)


def _directions(size: int, generator: torch.Generator, device: torch.device) -> Tensor:
    """As many directions (n, n) as there are numbers, at right angles, each as long as a standard normal one."""
    drawn = torch.randn(size, size, generator=generator, device=device)
    return torch.linalg.qr(drawn).Q * size**0.5
