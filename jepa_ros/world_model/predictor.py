"""What the next latent will be if this action is taken."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from jepa_ros.world_model.architecture import Architecture
from jepa_ros.world_model.graphs import differentiated
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

    def roll_out(self, context: Tensor, actions: Tensor) -> Tensor:
        """A context (B, K, 1, D) and normalised actions (B, T, k·A) → the latents after each of them (B, T, 1, D)."""
        plain = all(type(layer) in (nn.Linear, nn.SiLU) for layer in self.change)
        mixed = torch.is_autocast_enabled(context.device.type)  # what is written in place keeps its type
        if mixed or not plain or differentiated((context, actions, self.change[0].weight)):
            return one_by_one(self, context, actions)
        return self._in_place(context, actions)

    def _in_place(self, context: Tensor, actions: Tensor) -> Tensor:
        """The same without ``forward``, whose many small operations take longer than its products.

        What actions do is multiplied for all steps at once, and the loop writes into memory that was there before.
        """
        first, _, second, _, last = self.change
        (batch, history, _, size), steps = context.shape, actions.shape[1]
        *seen, done = first.weight.t().split([size] * history + [actions.shape[-1]])
        outer = torch.addmm(first.bias, actions.transpose(0, 1).flatten(0, 1), done).unflatten(0, (steps, batch))
        latents = context.new_empty(history + steps, batch, size)
        latents[:history] = context.squeeze(2).transpose(0, 1)
        known, inner = latents.unbind(), torch.empty_like(outer[0])
        onward, back = second.weight.t(), last.weight.t()
        for step, hidden in enumerate(outer.unbind(), start=history):
            for index, weight in enumerate(seen, start=step - history):
                hidden.addmm_(known[index], weight)
            torch.addmm(second.bias, silu(hidden, inplace=True), onward, out=inner)
            torch.addmm(last.bias, silu(inner, inplace=True), back, out=known[step])
            known[step].add_(known[step - 1])
        return latents[history:].transpose(0, 1).unsqueeze(2)


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

    def roll_out(self, context: Tensor, actions: Tensor) -> Tensor:
        """A context (B, K, N, D) and normalised actions (B, T, k·A) → the latents after each of them (B, T, N, D)."""
        return one_by_one(self, context, actions)


def one_by_one(predictor: nn.Module, context: Tensor, actions: Tensor) -> Tensor:
    """What a predictor's ``forward`` makes of a context (B, K, N, D) and of each of the actions (B, T, k·A) in turn."""
    history, latents = context.shape[1], list(context.unbind(1))
    for action in actions.unbind(1):
        latents.append(predictor(latents[-history:], action))
    return torch.stack(latents[history:], dim=1)


PREDICTORS = {"pooled": Predictor, "tokens": TokenPredictor}
