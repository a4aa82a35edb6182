"""What to do to get from one latent to another."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from jepa_ros.world_model.architecture import Architecture

HORIZON = 8  # periods that a proposal looks ahead
WIDTH = 128
ARRIVALS = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0)
"""Periods until the goal; for each there is a proposal."""


class Proposer(nn.Module):
    """Goal-conditioned inverse dynamics: what was done where one latent led to another so many periods later.

    It is not told the command in force: recorded motion goes on as it was, and who sees how it was learns that instead
    of where the goal is (de Haan et al., "Causal Confusion in Imitation Learning", arXiv 1905.11979).
    Latents come to it scaled by ``middle`` (N, D) and ``spread`` (), for they may be of any size.

    Source: Ghosh et al., "Learning to Reach Goals via Iterated Supervised Learning" (arXiv 1912.06088), here for
    several actions at once.
    """

    def __init__(self, architecture: Architecture):
        super().__init__()
        self.size = architecture.action_size
        self.register_buffer("middle", torch.zeros(architecture.tokens, architecture.latent_size))
        self.register_buffer("spread", torch.ones(()))
        self.network = nn.Sequential(
            nn.Linear(2 * architecture.flat_size + 1, WIDTH),
            nn.SiLU(),
            nn.Linear(WIDTH, WIDTH),
            nn.SiLU(),
            nn.Linear(WIDTH, HORIZON * self.size),
        )

    def forward(self, latent: Tensor, goal: Tensor, periods: Tensor) -> Tensor:
        """Latents and goal latents (B, N, D), the periods from one to the other (B,) → normalised actions (B, H, A)."""
        here, there = ((each - self.middle).flatten(1) / self.spread for each in (latent, goal))
        told = torch.cat([here, there, 1 / periods.unsqueeze(1)], dim=1)
        return self.network(told).unflatten(1, (HORIZON, self.size))

    def propose(self, latent: Tensor, goal: Tensor) -> Tensor:
        """Normalised actions (M, H, A) from a latent (N, D) to a goal latent (N, D): a proposal for each arrival."""
        periods = latent.new_tensor(ARRIVALS)
        return self(*(each.expand(len(periods), *each.shape) for each in (latent, goal)), periods)
