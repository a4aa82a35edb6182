"""Encode whole episodes once; every offline figure is computed from these latents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jepa_ros.data.episodes import Episode
from jepa_ros.world_model import WorldModel

BATCH = 256


@dataclass(frozen=True)
class EncodedEpisode:
    """One episode of T frames as a model sees it.

    ``latents`` (T, N, D) of full observations, ``goals`` (T, N, D) of the images alone, as goal images are encoded
    (the same as ``latents`` for a machine without a camera), ``state`` (T, S) and ``actions`` (T - stride, A) in the
    contract's units; ``actions[t]`` leads from frame t to frame t + stride.
    """

    latents: Tensor
    goals: Tensor
    state: Tensor
    actions: Tensor
    stride: int

    def __len__(self) -> int:
        return len(self.latents)


@dataclass(frozen=True)
class Rollouts:
    """K stretches of H periods.

    ``start`` (K, N, D), ``actions`` (K, H, A), and what came after each of them: ``future`` and ``goals`` (K, H, N, D).
    """

    start: Tensor
    actions: Tensor
    future: Tensor
    goals: Tensor


@torch.inference_mode()
def encode_episodes(model: WorldModel, episodes: Sequence[Episode]) -> list[EncodedEpisode]:
    """The episodes in latent space."""
    return [_encode(model, episode) for episode in episodes]


def draw_rollouts(episodes: Sequence[EncodedEpisode], horizon: int, count: int, seed: int = 0) -> Rollouts:
    """Up to ``count`` stretches, drawn without replacement.

    Raises ValueError where no episode is long enough for one.
    """
    places = [(e, t) for e in episodes for t in range(len(e) - horizon * e.stride)]
    if not places:
        raise ValueError(f"no episode lasts {horizon + 1} periods; evaluate on longer recordings, or look for gaps")
    chosen = np.random.default_rng(seed).permutation(len(places))[:count]
    parts = [_stretch(*places[index], horizon) for index in chosen]
    return Rollouts(*(torch.stack(column) for column in zip(*parts)))


def steps(episodes: Sequence[EncodedEpisode]) -> tuple[Tensor, Tensor, Tensor]:
    """All steps of one period: latents before (K, N, D), actions (K, A), latents after (K, N, D)."""
    columns = zip(*((e.latents[: -e.stride], e.actions, e.latents[e.stride :]) for e in episodes))
    before, actions, after = (torch.cat(column) for column in columns)
    return before, actions, after


def _stretch(episode: EncodedEpisode, start: int, horizon: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    frames = start + episode.stride * torch.arange(horizon + 1)
    return (
        episode.latents[start],
        episode.actions[frames[:-1]],
        episode.latents[frames[1:]],
        episode.goals[frames[1:]],
    )


def _encode(model: WorldModel, episode: Episode) -> EncodedEpisode:
    state, actions = torch.from_numpy(episode.state), torch.from_numpy(episode.actions)
    parts = [_encode_frames(model, images, part) for images, part in _batches(model, episode, state)]
    latents, goals = (torch.cat(column).cpu() for column in zip(*parts))
    return EncodedEpisode(latents, goals, state, actions, episode.stride)


def _encode_frames(model: WorldModel, images: dict[str, Tensor], state: Tensor) -> tuple[Tensor, Tensor]:
    percept = model.encoder.perceive(images, model.normalise_state(state))
    return percept.latent, percept.latent if percept.sight is None else percept.sight


def _batches(model: WorldModel, episode: Episode, state: Tensor) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
    for begin in range(0, len(episode), BATCH):
        part = slice(begin, begin + BATCH)
        images = {
            key: torch.from_numpy(np.array(frames[part])).to(model.device) for key, frames in episode.images.items()
        }
        yield images, state[part].to(model.device)
