"""From bags to a model directory: everything that ``train`` does, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from jepa_ros.contract import Contract
from jepa_ros.data.episodes import Episode
from jepa_ros.training.amount import check_amount
from jepa_ros.training.calibrate import calibrate
from jepa_ros.training.card import Facts, model_card
from jepa_ros.training.checkpoint import Checkpoints
from jepa_ros.training.drift import drift_scale
from jepa_ros.training.failures import explained
from jepa_ros.training.group import ALONE, Group
from jepa_ros.training.measures import Progress
from jepa_ros.training.proposer import learn_to_propose
from jepa_ros.training.recipe import Recipe
from jepa_ros.training.split import split
from jepa_ros.training.terms import Terms, usual_terms
from jepa_ros.training.trainer import Trainer
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
    checkpoints: Checkpoints | None = None,
    group: Group = ALONE,
    terms: Terms = usual_terms,
) -> Made:
    """Split, normalise, train, calibrate and learn to propose; ``terms`` makes the loss.

    Raises ValueError where the design does not suit the robot, TrainingError where there is too little data and where
    training fails, Interrupted where it is asked to stop.
    """
    training, validation = split(episodes, recipe.validation_share, recipe.seed)
    check_amount(training, validation, recipe, contract.period)
    model = _untrained(contract, training, recipe, name).to(device)
    trainer = Trainer(model, training, recipe, terms, group, checkpoints)
    trainer.run(on_progress)
    model.calibrate(calibrate(model, validation, recipe.seed))
    model.calibrate(model.calibration.model_copy(update={"drift": drift_scale(model, training, validation)}))
    model.proposer = learn_to_propose(model, training, recipe.steps, recipe.seed)
    cpu = float(group.sum(torch.tensor(trainer.cpu, device=model.device)))
    return Made(model, Facts.of(contract, training, validation, recipe, cpu))


def _untrained(contract: Contract, training: Sequence[Episode], recipe: Recipe, name: str) -> WorldModel:
    state, actions = (np.concatenate([getattr(e, part) for e in training]) for part in ("state", "actions"))
    torch.manual_seed(recipe.seed)
    architecture = Architecture.of(contract, recipe.design)
    return WorldModel(architecture, contract, Calibration.of_data(state, actions), name)


def save(made: Made, folder: Path, checkpoints: Checkpoints | None = None) -> None:
    """Write the model directory with its card; only then the checkpoints are no longer needed."""
    with explained(checkpoints.kept if checkpoints is not None else lambda: "Nothing was written"):
        made.model.save_pretrained(folder, model_card(made.model, made.facts))
    if checkpoints is not None:
        checkpoints.remove()
