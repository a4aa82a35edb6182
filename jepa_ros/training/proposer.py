"""Learn what leads from one latent to another: the head that proposes where a search begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from jepa_ros.contract import period_ends
from jepa_ros.data.episodes import Episode
from jepa_ros.training.encoded import EncodedEpisode, encode_episodes
from jepa_ros.training.schedule import one_cycle
from jepa_ros.world_model import WorldModel
from jepa_ros.world_model.proposer import ARRIVALS, HORIZON, Proposer

PAIRS = 40_000
SEEN = 0.5  # share of the goals that are seen only, as goal images are
BATCH = 256
LEARNING_RATE, WEIGHT_DECAY = 3e-3, 1e-4


@dataclass(frozen=True)
class Pairs:
    """M moments of recorded motion, each with a later one, to which it led.

    ``latent`` and ``goal`` (M, N, D), ``periods`` (M,) from one to the other, the normalised commands ``actions``
    (M, H, A) that followed ``latent``, and whether the episode lasted until then, ``known`` (M, H).
    """

    latent: Tensor
    goal: Tensor
    periods: Tensor
    actions: Tensor
    known: Tensor

    @classmethod
    def joined(cls, parts: Sequence[Pairs]) -> Pairs:
        """The pairs of all parts, one after the other."""
        return cls(*(torch.cat([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def take(self, index: Tensor) -> Pairs:
        """Some of them."""
        return Pairs(*(getattr(self, field.name)[index] for field in fields(self)))


def learn_to_propose(model: WorldModel, episodes: Sequence[Episode], steps: int, seed: int = 0) -> Proposer:
    """What proposes actions between latents of a trained model, learnt from recorded motion; the model stays as it is.

    Source of the relabelling, by which every recorded moment is a goal of those before: Andrychowicz et al., "Hindsight
    Experience Replay" (arXiv 1707.01495).
    """
    pairs = _pairs(model, episodes, np.random.default_rng(seed))
    dice = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    proposer = Proposer(model.architecture)
    proposer.middle = pairs.latent.mean(dim=0)
    proposer.spread = (pairs.latent - proposer.middle).square().mean().sqrt().clamp(min=1e-9)
    optimiser = torch.optim.AdamW(proposer.parameters(), weight_decay=WEIGHT_DECAY, fused=True)
    for step in range(1, steps + 1):
        rate, momentum = one_cycle(step, steps, LEARNING_RATE)
        for settings in optimiser.param_groups:
            settings.update(lr=rate, betas=(momentum, settings["betas"][1]))
        optimiser.zero_grad(set_to_none=True)
        _loss(proposer, pairs.take(torch.randint(len(pairs.latent), (BATCH,), generator=dice))).backward()
        optimiser.step()
    return proposer.to(model.device).eval().requires_grad_(False)


def _loss(proposer: Proposer, pairs: Pairs) -> Tensor:
    """The mean squared error ()."""
    errors = (proposer(pairs.latent, pairs.goal, pairs.periods) - pairs.actions).square().mean(-1)
    return errors[pairs.known].mean()


def _pairs(model: WorldModel, episodes: Sequence[Episode], random: np.random.Generator) -> Pairs:
    """Pairs of all episodes, of each by its length. One after the other is encoded: latents of all may be too many."""
    frames = sum(len(episode) for episode in episodes)
    parts = []
    for episode in episodes:
        (encoded,) = encode_episodes(model, [episode])
        parts.append(_pairs_of(encoded, -(-PAIRS * len(episode) // frames), model, random))
    return Pairs.joined(parts)


def _pairs_of(episode: EncodedEpisode, count: int, model: WorldModel, random: np.random.Generator) -> Pairs:
    farthest = min(ARRIVALS[-1], (len(episode) - 1) // episode.stride)
    periods = (farthest ** random.random(count)).round().astype(int)
    starts = random.integers(0, len(episode) - episode.stride * periods)
    ends = torch.from_numpy(starts + episode.stride * periods)
    moments = torch.from_numpy(starts[:, None] + episode.stride * np.arange(HORIZON + 1))
    last = len(episode.actions) - 1
    commands = period_ends(torch.tensor(model.contract.ramped), episode.actions[moments.clamp(max=last)])
    seen = torch.from_numpy(random.random(count) < SEEN)[:, None, None]
    return Pairs(
        latent=episode.latents[torch.from_numpy(starts)],
        goal=torch.where(seen, episode.goals[ends], episode.latents[ends]),
        periods=torch.from_numpy(periods).float(),
        actions=commands / model.action_scale.cpu(),
        known=moments[:, :-1] <= last,
    )
