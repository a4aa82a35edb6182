"""Stretches of encoded episodes to predict from; every offline figure is computed from these."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jepa_ros.training.encoded import EncodedEpisode, Stretches
from jepa_ros.world_model import Architecture


def draw_stretches(
    episodes: Sequence[EncodedEpisode], architecture: Architecture, horizon: int, count: int, seed: int = 0
) -> Stretches:
    """Up to ``count`` stretches of ``horizon`` periods, drawn without replacement.

    Raises ValueError where no episode is long enough for one.
    """
    places = [(episode, start) for episode in episodes for start in episode.starts(architecture, horizon)]
    if not places:
        past = architecture.action_block * (architecture.history - 1)
        raise ValueError(
            f"no episode lasts {past + horizon + 1} periods; evaluate on longer recordings, or look for gaps"
        )
    chosen = np.random.default_rng(seed).permutation(len(places))[:count]
    return Stretches.joined([places[i][0].stretches(architecture, horizon, [places[i][1]]) for i in chosen])


def all_steps(episodes: Sequence[EncodedEpisode], architecture: Architecture) -> Stretches:
    """All stretches of one step of the model."""
    block = architecture.action_block
    return Stretches.joined([e.stretches(architecture, block, e.starts(architecture, block)) for e in episodes])


def whole_steps(architecture: Architecture, periods: int) -> int:
    """As many periods, or a few less, as the model's steps have together; those of one step at least."""
    return max(periods // architecture.action_block, 1) * architecture.action_block
