"""From bags to a model directory: everything that ``train`` does, in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from jepa_ros.contract import Contract
from jepa_ros.data.episodes import Episode
from jepa_ros.training.calibrate import calibrate
from jepa_ros.training.card import Facts, model_card
from jepa_ros.training.recipe import Recipe
from jepa_ros.training.split import split
from jepa_ros.training.terms import Terms, usual_terms
from jepa_ros.training.trainer import Progress, Trainer
from jepa_ros.world_model import Architecture, Calibration, WorldModel


@dataclass(frozen=True)
class Made:
    """A trained model, and the facts that its card states."""

    model: WorldModel
    facts: Facts


def make_model(
    contract: Contract,
    episodes: Sequence[Episode],
    recipe: Recipe,
    name: str,
    device: str = "cpu",
    on_progress: Callable[[Progress], None] = lambda progress: None,
    terms: Terms = usual_terms,
) -> Made:
    """Split, normalise, train and calibrate; ``terms`` makes the loss.

    Raises ValueError where the episodes are too short, TrainingError where training fails.
    """
    training, validation = split(episodes, recipe.validation_share)
    state, actions = (np.concatenate([getattr(e, part) for e in training]) for part in ("state", "actions"))
    torch.manual_seed(recipe.seed)
    architecture = Architecture(
        images=dict(contract.images), state_size=len(contract.state_names), action_size=len(contract.action_names)
    )
    model = WorldModel(architecture, contract, Calibration.of_data(state, actions), name).to(device)
    begin = time.process_time()
    Trainer(model, training, recipe, terms).run(on_progress)
    cpu = time.process_time() - begin
    model.calibrate(calibrate(model, validation, recipe.seed))
    return Made(model, Facts.of(contract, training, validation, recipe, cpu))


def save(made: Made, folder: Path) -> None:
    """Write the model directory with its card."""
    made.model.save_pretrained(folder, model_card(made.model, made.facts))
