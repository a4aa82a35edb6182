"""Memory out of recordings: the places that a robot went through, as its model perceives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch

from jepa_ros.data.episodes import Episode
from jepa_ros.memory import Expectation, Memory, Sight, Trail
from jepa_ros.training.encoded import BATCH
from jepa_ros.world_model import WorldModel


def remember(
    memory: Memory,
    model: WorldModel,
    episodes: Sequence[Episode],
    tell: Callable[[float, float], None] = lambda done, total: None,
) -> None:
    """Take in one sight per control period of every episode, and predict what other moves can be made.

    ``tell`` hears of the frames done and all.
    """
    done, total = 0, sum(map(len, episodes))
    expectation = Expectation(memory)
    for episode in episodes:
        trail = Trail(memory, model)
        for sight in sights(model, episode):
            expectation.note(trail.add(sight))
            done += episode.stride
            tell(min(done, total), total)
    expectation.catch_up()


@torch.inference_mode()
def sights(model: WorldModel, episode: Episode) -> Iterator[Sight]:
    """What a robot perceived, once per control period."""
    for begin in range(0, len(episode), BATCH * episode.stride):
        part = slice(begin, begin + BATCH * episode.stride, episode.stride)
        images = {key: np.array(frames[part]) for key, frames in episode.images.items()}
        seen = {key: torch.from_numpy(image).to(model.device) for key, image in images.items()}
        felt = model.normalise_state(torch.from_numpy(episode.state[part]).to(model.device))
        pictures = next(iter(images.values()), [None] * len(felt))
        latents = model.encoder(seen, felt).cpu()
        for fields in zip(latents, episode.state[part], episode.stamps_ns[part].tolist(), pictures):
            latent, state, stamp_ns, picture = fields
            yield Sight(latent, state, stamp_ns, None, picture)
