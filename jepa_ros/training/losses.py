"""The terms of the training loss: small siblings that each look at one batch of encoded sequences.

Every term is a module called with a ``Sequences`` and returns one number (). None compares pixels: the future is
predicted in latent space, and the other terms give that space a useful shape. What keeps it from collapsing stands in
``collapse.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from jepa_ros.world_model import Architecture


@dataclass(frozen=True)
class Sequences:
    """A batch of encoded sequences of T frames, one step of the model apart; latents are flat, D is all their numbers.

    ``context`` and ``target`` (B, T, D) encode the same frames, each with senses dropped at random; ``predicted``
    (B, T-K, D) is the open-loop rollout from the first K frames of ``context``, as many as the model looks back;
    ``actions`` (B, T-1, k·A), the blocks of k actions that lead from frame to frame, and ``state`` (B, T, S) are
    normalised. ``images`` uint8 {camera: (B, T, H, W, 3)} are as recorded.
    """

    context: Tensor
    target: Tensor
    predicted: Tensor
    actions: Tensor
    state: Tensor
    images: dict[str, Tensor]


class Prediction(nn.Module):
    """Squared error of the open-loop rollout against the latents that came to be; gradients flow through both.

    Source: multi-step rollout losses of V-JEPA 2-AC (arXiv 2506.09985); no stop-gradient, as in LeJEPA (2511.08544).
    """

    def forward(self, batch: Sequences) -> Tensor:
        return functional.mse_loss(batch.predicted, batch.target[:, -batch.predicted.shape[1] :])


class Agreement(nn.Module):
    """Both encodings of a frame, made from different senses, must agree: a goal image is where joints said it was."""

    def forward(self, batch: Sequences) -> Tensor:
        return functional.mse_loss(batch.context, batch.target)


class InverseDynamics(nn.Module):
    """Which action was taken must be readable from two neighbouring latents, so latents keep what actions change.

    Source: Pathak et al., arXiv 1705.05363; as the term that makes JEPA latents plannable, EB-JEPA (2025).
    """

    def __init__(self, architecture: Architecture, width: int = 128):
        super().__init__()
        self.head = nn.Sequential(
            nn.Linear(2 * architecture.flat_size, width),
            nn.SiLU(),
            nn.Linear(width, architecture.action_block * architecture.action_size),
        )

    def forward(self, batch: Sequences) -> Tensor:
        pairs = torch.cat([batch.context[:, :-1], batch.context[:, 1:]], dim=-1)
        return functional.mse_loss(self.head(pairs), batch.actions)


class TemporalSimilarity(nn.Module):
    """Neighbouring latents lie close together (slowness), so that distance in latent space means time to get there.

    The squared step of one of ``tokens``, on average: a latent of many tokens is held no tighter than one of few.
    Source: Wiskott and Sejnowski, slow feature analysis (2002); for JEPAs, Sobal et al. (arXiv 2502.14819).
    """

    def __init__(self, tokens: int = 1):
        super().__init__()
        self.tokens = tokens

    def forward(self, batch: Sequences) -> Tensor:
        return (batch.context[:, 1:] - batch.context[:, :-1]).pow(2).sum(-1).mean() / self.tokens


class StateReadout(nn.Module):
    """The measured state must be a linear function of the latent. The readout is only used in training."""

    def __init__(self, architecture: Architecture):
        super().__init__()
        self.head = nn.Linear(architecture.flat_size, architecture.state_size)

    def forward(self, batch: Sequences) -> Tensor:
        return functional.mse_loss(self.head(batch.context), batch.state)
