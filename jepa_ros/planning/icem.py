"""The improved cross-entropy method: smooth noise, elites that stay, fewer candidates from iteration to iteration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from jepa_ros.planning.optimiser import Found, Landscape, better


@dataclass(frozen=True)
class ImprovedCrossEntropy:
    """Numbers of the search.

    Source: Pinneri et al., "Sample-efficient Cross-Entropy Method for Real-time Planning" (2020). From one plan to the
    next only the best sequence is kept (the warm start), not all elites.
    """

    candidates: int = 80
    elites: int = 6
    iterations: int = 3
    colour: float = 2.0
    """Exponent β of the noise's power spectrum f^(-β) along the horizon: 0 is white, 2 a random walk."""
    decay: float = 1.25
    """Each iteration samples this many times fewer candidates, down to twice the elites."""
    kept: float = 0.3
    """Share of the elites that stand again in the next iteration."""
    momentum: float = 0.1
    """Share of the old mean and deviation in the new."""

    def search(
        self,
        mean: Tensor,
        deviation: Tensor,
        landscape: Landscape,
        generator: torch.Generator,
    ) -> Iterator[Found]:
        """Refine action sequences; see :class:`Optimiser`."""
        candidates = mean.unsqueeze(0)
        population, iteration = float(self.candidates), 0
        best: Found | None = None
        while True:
            iteration += 1
            noise = coloured_noise(max(int(population), 2 * self.elites), mean, self.colour, generator)
            candidates = torch.cat([candidates, mean + deviation * noise])
            if iteration >= self.iterations:  # earlier, the mean among the candidates would narrow the search too soon
                candidates[-1] = mean
            candidates = landscape.legal(candidates)
            costs = landscape.score(candidates)
            best = better(best, candidates, costs)
            elites = candidates[costs.topk(min(self.elites, len(costs)), largest=False).indices]
            mean = torch.lerp(elites.mean(dim=0), mean, self.momentum)
            deviation = torch.lerp(elites.std(dim=0), deviation, self.momentum)
            candidates = elites[: max(int(self.kept * self.elites), 1)]
            population /= self.decay
            yield best


def coloured_noise(count: int, like: Tensor, colour: float, generator: torch.Generator) -> Tensor:
    """Gaussian noise (count, H, A) of unit variance whose power falls with frequency as f^(-colour) along H.

    ``like`` (H, A) gives shape and device. Source: Timmer and König, "On generating power law noise" (1995); the
    lowest frequency stands for the constant part too.
    """
    horizon, size = like.shape
    frequency = torch.fft.rfftfreq(horizon, device=like.device).clamp(min=1.0 / horizon)
    scale = frequency ** (-colour / 2)
    # The mean power over the horizon: all frequencies but the constant and Nyquist's count twice.
    twice = torch.full_like(scale, 2.0)
    twice[0] = 1.0
    if horizon % 2 == 0:
        twice[-1] = 1.0
    scale = scale / (twice * scale.square()).sum().sqrt() * horizon
    parts = torch.randn(2, count, size, len(scale), generator=generator, device=like.device) * scale
    # Of a constant and of Nyquist's frequency only the real part shows: it carries the whole power.
    imaginary = torch.where(twice == 1.0, 0.0, parts[1] / 2**0.5)
    real = torch.where(twice == 1.0, parts[0], parts[0] / 2**0.5)
    return torch.fft.irfft(torch.complex(real, imaginary), n=horizon).transpose(1, 2)
