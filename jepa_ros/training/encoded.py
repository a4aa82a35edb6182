"""Episodes in latent space: each frame encoded once, and stretches of it to predict from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from jepa_ros.data.episodes import Episode
from jepa_ros.world_model import Architecture, WorldModel

BATCH = 256


@dataclass(frozen=True)
class Stretches:
    """M stretches of H contract periods, as a model with history K and blocks of k actions predicts them.

    ``context`` (M, K, N, D) is what the model looks at, ``actions`` (M, H, A) in the contract's units, and what came
    after each block of them: ``future``, ``goals`` and ``feelings`` (M, H/k, N, D).
    """

    context: Tensor
    actions: Tensor
    future: Tensor
    goals: Tensor
    feelings: Tensor

    @classmethod
    def joined(cls, parts: Sequence[Stretches]) -> Stretches:
        """The stretches of all parts, one after the other."""
        return cls(*(torch.cat([getattr(part, field.name) for part in parts]) for field in fields(cls)))


@dataclass(frozen=True)
class EncodedEpisode:
    """One episode of T frames as a model sees it.

    ``latents`` (T, N, D) of full observations, ``goals`` (T, N, D) of the images alone, as goal images are encoded
    (the same as ``latents`` for a machine without a camera), ``feelings`` (T, N, D) of the state alone, ``state``
    (T, S) and ``actions`` (T - stride, A) in the contract's units; ``actions[t]`` leads from frame t to frame
    t + stride.
    """

    latents: Tensor
    goals: Tensor
    feelings: Tensor
    state: Tensor
    actions: Tensor
    stride: int

    def __len__(self) -> int:
        return len(self.latents)

    def starts(self, architecture: Architecture, horizon: int) -> range:
        """The frames with a whole past before and ``horizon`` periods after them."""
        past = self.stride * architecture.action_block * (architecture.history - 1)
        return range(past, len(self) - self.stride * horizon)

    def stretches(self, architecture: Architecture, horizon: int, starts: Sequence[int]) -> Stretches:
        """What leads to these frames and ``horizon`` periods on from them; ``horizon`` is a multiple of the block."""
        block, begin = architecture.action_block, torch.tensor(starts, dtype=torch.long).unsqueeze(1)
        periods = begin + self.stride * torch.arange(horizon)
        past = begin + self.stride * block * torch.arange(1 - architecture.history, 1)
        after = begin + self.stride * block * torch.arange(1, horizon // block + 1)
        came = (part[after] for part in (self.latents, self.goals, self.feelings))
        return Stretches(self.latents[past], self.actions[periods], *came)


@torch.inference_mode()
def encode_episodes(model: WorldModel, episodes: Sequence[Episode]) -> list[EncodedEpisode]:
    """The episodes in latent space."""
    return [_encode(model, episode) for episode in episodes]


def one_step(model: WorldModel, episode: EncodedEpisode) -> tuple[Tensor, Stretches]:
    """Each latent of an episode as predicted one step before (M, N, D), and the stretches of one step to compare it."""
    block = model.architecture.action_block
    steps = episode.stretches(model.architecture, block, episode.starts(model.architecture, block))
    predicted = model.predict(steps.context.to(model.device), steps.actions.to(model.device))
    return predicted[:, 0].cpu(), steps


def _encode(model: WorldModel, episode: Episode) -> EncodedEpisode:
    state, actions = torch.from_numpy(episode.state), torch.from_numpy(episode.actions)
    parts = [_encode_frames(model, images, part) for images, part in _batches(model, episode, state)]
    latents, goals, feelings = (torch.cat(column).cpu() for column in zip(*parts))
    return EncodedEpisode(latents, goals, feelings, state, actions, episode.stride)


def _encode_frames(model: WorldModel, images: dict[str, Tensor], state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    percept = model.encoder.perceive(images, model.normalise_state(state))
    return percept.latent, percept.sight, percept.feeling


def _batches(model: WorldModel, episode: Episode, state: Tensor) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
    for begin in range(0, len(episode), BATCH):
        part = slice(begin, begin + BATCH)
        images = {
            key: torch.from_numpy(np.array(frames[part])).to(model.device) for key, frames in episode.images.items()
        }
        yield images, state[part].to(model.device)
