"""Which terms a loss has."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from jepa_ros.training import losses
from jepa_ros.training.recipe import Recipe
from jepa_ros.world_model import WorldModel

Terms = Callable[[WorldModel, Recipe], nn.ModuleDict]
"""Gives the modules of a loss, each called with ``Sequences``, by the names of ``Weights``."""


def usual_terms(model: WorldModel, recipe: Recipe) -> nn.ModuleDict:
    """The loss terms that this recipe weighs and this robot has data for, by the names of ``Weights``."""
    architecture = model.architecture
    terms: dict[str, nn.Module] = {
        "prediction": losses.Prediction(),
        "agreement": losses.Agreement(),
        "sigreg": losses.SIGReg(),
        "inverse_dynamics": losses.InverseDynamics(architecture),
        "temporal_similarity": losses.TemporalSimilarity(),
    }
    if architecture.state_size:
        terms["state_readout"] = losses.StateReadout(architecture)
    return nn.ModuleDict({name: term for name, term in terms.items() if getattr(recipe.weights, name) > 0})
