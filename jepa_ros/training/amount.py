"""Whether there is enough data to train on."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from jepa_ros.data.episodes import Episode
from jepa_ros.training.failures import TrainingError
from jepa_ros.training.recipe import Recipe
from jepa_ros.training.windows import WindowSampler, window_frames

HELD_OUT = 20  # pairs of frames that calibration needs at least: quantiles of fewer errors mean nothing


def check_amount(training: Sequence[Episode], validation: Sequence[Episode], recipe: Recipe, period: float) -> None:
    """Raises TrainingError that says how much data there is and how much is needed; ``period`` in seconds."""
    frames, block = window_frames(recipe.design, recipe.frames), recipe.design.action_block
    windows = _windows(training, frames, block)
    pairs = _windows(validation, window_frames(recipe.design, 2), block)
    if windows >= recipe.batch and pairs >= HELD_OUT:
        return
    per_second = max((episode.stride for episode in [*training, *validation]), default=1) / period
    needed = max(
        (recipe.batch / per_second + frames * block * period) / (1 - recipe.validation_share),
        (HELD_OUT / per_second + (recipe.design.history + 1) * block * period) / recipe.validation_share,
    )
    raise TrainingError(
        f"too little data: {_minutes([*training, *validation]):.2f} minutes make {windows} windows of {frames} "
        f"frames to train on and {pairs} held-out pairs to calibrate with; at least {recipe.batch} and {HELD_OUT} are "
        f"needed, {needed / 60:.2f} minutes without a gap. Ten minutes make a good model"
    )


def _windows(episodes: Sequence[Episode], frames: int, block: int) -> int:
    try:
        return len(WindowSampler(episodes, frames, torch.device("cpu"), block=block))
    except ValueError:
        return 0


def _minutes(episodes: Sequence[Episode]) -> float:
    return float(sum(episode.stamps_ns[-1] - episode.stamps_ns[0] for episode in episodes)) * 1e-9 / 60
