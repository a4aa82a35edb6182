"""Would the model have chosen what really led there? The offline figure that says most about planning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from jepa_ros.evaluation.latents import draw_stretches, whole_steps
from jepa_ros.training.encoded import EncodedEpisode, Stretches
from jepa_ros.world_model import WorldModel

HORIZON = 8  # periods, as far as a planner looks ahead by default
SEQUENCES = 300
RIVALS = 199


@dataclass(frozen=True)
class RankingQuality:
    """Ranks of true action sequences among rivals, as shares: 0 is the best, 0.5 what guessing gives.

    ``first`` is how often the true one is the best of all, ``first_tenth`` how often it is among the best 10 %.
    """

    horizon: int
    rivals: int
    mean: float
    first: float
    first_tenth: float
    ranks: list[float]


@torch.inference_mode()
def ranking_quality(
    model: WorldModel,
    episodes: Sequence[EncodedEpisode],
    horizon: int = HORIZON,
    sequences: int = SEQUENCES,
    rivals: int = RIVALS,
    seed: int = 0,
) -> RankingQuality:
    """Rank true action sequences by the predicted distance to the goal image of where they led.

    Rivals are what was really done elsewhere in the data: as likely, only not here. A rival as good as the true
    sequence counts half. Raises ValueError where the episodes hold less than two stretches of the horizon.
    """
    horizon = whole_steps(model.architecture, horizon)
    found = draw_stretches(episodes, model.architecture, horizon, max(sequences, rivals + 1), seed)
    if len(found.context) < 2:
        raise ValueError(f"ranking needs two stretches of {horizon} periods; evaluate on longer recordings")
    rivals = min(rivals, len(found.context) - 1)
    random = np.random.default_rng(seed)
    ranks = [_rank(model, found, index, rivals, random) for index in range(min(sequences, len(found.context)))]
    return RankingQuality(
        horizon,
        rivals,
        mean=float(np.mean(ranks)),
        first=float(np.mean(np.less(ranks, 0.5 / rivals))),
        first_tenth=float(np.mean(np.less_equal(ranks, 0.1))),
        ranks=np.round(ranks, 4).tolist(),
    )


def _rank(model: WorldModel, found: Stretches, index: int, rivals: int, random: np.random.Generator) -> float:
    others = random.permutation(np.delete(np.arange(len(found.context)), index))[:rivals]
    actions = found.actions[[index, *others]].to(model.device)
    context = found.context[index].to(model.device).expand(len(actions), -1, -1, -1)
    distances = model.distance(model.predict(context, actions)[:, -1], found.goals[index, -1].to(model.device))
    better, equal = distances[1:] < distances[0], distances[1:] == distances[0]
    return float((better.float() + 0.5 * equal.float()).mean())
