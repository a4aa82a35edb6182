"""The model card: what a model was trained on, how, and how good its predictions are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jepa_ros.contract import Contract
from jepa_ros.data.episodes import Episode
from jepa_ros.training.recipe import Recipe
from jepa_ros.world_model import Architecture, WorldModel
from jepa_ros.world_model.proposer import HORIZON

AGAINST_COLLAPSE = {"sigreg": "SIGReg", "vicreg": "variance and covariance (VICReg)", "ema": "an EMA teacher"}


@dataclass(frozen=True)
class Facts:
    """What a card states of the data and the run; times in seconds."""

    robot: str
    training: float
    validation: float
    frames: int
    recipe: Recipe
    cpu: float

    @classmethod
    def of(
        cls, contract: Contract, training: Sequence[Episode], validation: Sequence[Episode], recipe: Recipe, cpu: float
    ) -> Facts:
        frames = sum(len(episode) for episode in training)
        return cls(contract.robot_type, _seconds(training), _seconds(validation), frames, recipe, cpu)


def model_card(model: WorldModel, facts: Facts) -> str:
    """The text of README.md in a model directory, with the metadata block that the Hugging Face Hub reads."""
    calibration, contract = model.calibration, model.contract
    typical = float(np.median(calibration.surprise_errors))
    parameters = sum(parameter.numel() for parameter in model.parameters())
    cameras = ", ".join(f"{key} {height}×{width}" for key, (height, width) in contract.images.items()) or "none"
    return f"""---
license: apache-2.0
library_name: jepa_ros
tags: [robotics, ros2, world-model, jepa]
---

# World model of {facts.robot}

A JEPA world model for jepa_ros: it encodes what the robot perceives into a latent and
predicts the next latents under the robot's commands. No pixels are reconstructed.

| | |
|---|---|
| cameras (height × width) | {cameras} |
| state | {", ".join(contract.state_names) or "none"} |
| actions | {", ".join(contract.action_names)}, {contract.fps} per second |
| latent | {_latent(model.architecture)} |
| step | {_step(model.architecture)} |
| proposal | {_proposal(model)} |
| parameters | {parameters:,} |

## Training

| | |
|---|---|
| data | {facts.training / 60:.1f} minutes, {facts.frames:,} frames of one robot's own messages, without labels |
| held out | {facts.validation / 60:.1f} minutes, never trained on |
| steps × batch | {facts.recipe.steps} × {facts.recipe.batch} sequences of {facts.recipe.frames} frames |
| seed | {facts.recipe.seed} |
| against collapse | {AGAINST_COLLAPSE[facts.recipe.collapse]} |
| time | {facts.cpu:.0f} CPU seconds |

Loss: {_loss(facts.recipe)}.

## On held-out data

Distances are scaled so that 1.0 lies between two random states.

| | |
|---|---|
| error of a prediction over one period, median | {typical:.4f} |
| the same, 99 % of all | {np.quantile(calibration.surprise_errors, 0.99):.4f} |
| motion within one period, median (the tolerance of "arrived") | {calibration.tolerance:.4f} |

## Limits

The model knows this robot, this camera and this background. Under another view, light or gripper its latents mean
little; watch the surprise topic, and train on logs of your own.
"""


def _latent(architecture: Architecture) -> str:
    kind = f"{architecture.encoder.kind}, {architecture.latent}" if architecture.images else architecture.latent
    return f"{architecture.tokens} × {architecture.latent_size} ({kind})"


def _step(architecture: Architecture) -> str:
    latents = "the newest latent" if architecture.history == 1 else f"the last {architecture.history} latents"
    periods = "one action" if architecture.action_block == 1 else f"{architecture.action_block} actions"
    return f"{periods}, predicted from {latents}"


def _proposal(model: WorldModel) -> str:
    return "none" if model.proposer is None else f"the next {HORIZON} actions towards a goal latent"


def _seconds(episodes: Sequence[Episode]) -> float:
    return float(sum(episode.stamps_ns[-1] - episode.stamps_ns[0] for episode in episodes)) * 1e-9


def _loss(recipe: Recipe) -> str:
    weights = recipe.weights.model_dump()
    return " + ".join(f"{weight:g} × {name.replace('_', ' ')}" for name, weight in weights.items() if weight)
