"""Which terms a loss has."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from jepa_ros.training import collapse, losses
from jepa_ros.training.group import ALONE, Group
from jepa_ros.training.recipe import Recipe
from jepa_ros.world_model import WorldModel

Terms = Callable[[WorldModel, Recipe, Group], nn.ModuleDict]
"""Gives the modules of a loss, each called with ``Sequences``, by the names of ``Weights``."""


def usual_terms(model: WorldModel, recipe: Recipe, group: Group = ALONE) -> nn.ModuleDict:
    """The loss terms that this recipe weighs and this robot has data for, by the names of ``Weights``."""
    architecture = model.architecture
    terms: dict[str, nn.Module] = {
        "prediction": losses.Prediction(),
        "agreement": losses.Agreement(),
        "sigreg": collapse.SIGReg(group=group),
        "variance": collapse.Variance(group),
        "covariance": collapse.Covariance(group),
        "inverse_dynamics": losses.InverseDynamics(architecture),
        "temporal_similarity": losses.TemporalSimilarity(architecture.tokens),
    }
    if architecture.state_size:
        terms["state_readout"] = losses.StateReadout(architecture)
    return nn.ModuleDict({name: term for name, term in terms.items() if getattr(recipe.weights, name) > 0})
