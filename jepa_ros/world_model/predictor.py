"""What the next latent will be if this action is taken."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from jepa_ros.world_model.architecture import Architecture


class Predictor(nn.Module):
    """A residual network: the latent after one period is the latent plus what the action does to it."""

    def __init__(self, architecture: Architecture):
        super().__init__()
        latent, width = architecture.latent_size, architecture.predictor_width
        self.change = nn.Sequential(
            nn.Linear(latent + architecture.action_size, width),
            nn.SiLU(),
            nn.Linear(width, width),
            nn.SiLU(),
            nn.Linear(width, latent),
        )

    def forward(self, latent: Tensor, action: Tensor) -> Tensor:
        """Latents (B, N, D) and normalised actions (B, A) → latents one period later (B, N, D)."""
        action = action.unsqueeze(-2).expand(*latent.shape[:-1], -1)
        return latent + self.change(torch.cat([latent, action], dim=-1))
