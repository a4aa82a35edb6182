"""What the next latent will be if this action is taken."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from jepa_ros.world_model.architecture import Architecture
from jepa_ros.world_model.transformer import ConditionedBlock, places, unmoved


class Predictor(nn.Module):
    """A residual network: the next latent is the newest one plus what the action does to it."""

    def __init__(self, architecture: Architecture):
        super().__init__()
        latent, width = architecture.latent_size, architecture.predictor_width
        seen, done = architecture.history * latent, architecture.action_block * architecture.action_size
        self.change = nn.Sequential(
            nn.Linear(seen + done, width),
            nn.SiLU(),
            nn.Linear(width, width),
            nn.SiLU(),
            nn.Linear(width, latent),
        )

    def forward(self, past: Sequence[Tensor], action: Tensor) -> Tensor:
        """The last K latents (B, 1, D), oldest first, and normalised actions (B, k·A) → the next latents (B, 1, D)."""
        return past[-1] + self.change(torch.cat([*past, action.unsqueeze(-2)], dim=-1))


class TokenPredictor(nn.Module):
    """A transformer over the tokens of the newest latent, each with its own past, under the action.

    The action conditions every block through adaptive layer norms; see :class:`ConditionedBlock` for the source. Before
    training, nothing changes.
    """

    def __init__(self, architecture: Architecture):
        super().__init__()
        latent, sizes = architecture.latent_size, architecture.token_predictor
        self.embed = nn.Linear(architecture.history * latent, sizes.width)
        self.places = places(architecture.tokens, sizes.width)
        self.action = nn.Sequential(
            nn.Linear(architecture.action_block * architecture.action_size, sizes.width),
            nn.SiLU(),
            nn.Linear(sizes.width, sizes.width),
            nn.SiLU(),
        )
        self.blocks = nn.ModuleList(ConditionedBlock(sizes.width, sizes.heads) for _ in range(sizes.depth))
        self.change = nn.Sequential(nn.LayerNorm(sizes.width), unmoved(nn.Linear(sizes.width, latent)))

    def forward(self, past: Sequence[Tensor], action: Tensor) -> Tensor:
        """The last K latents (B, N, D), oldest first, and normalised actions (B, k·A) → the next latents (B, N, D)."""
        tokens = self.embed(torch.cat(list(past), dim=-1)) + self.places
        condition = self.action(action)
        for block in self.blocks:
            tokens = block(tokens, condition)
        return past[-1] + self.change(tokens)


PREDICTORS = {"pooled": Predictor, "tokens": TokenPredictor}
