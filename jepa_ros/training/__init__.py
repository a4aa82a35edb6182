"""Train and calibrate world models on a robot's own logs."""

from jepa_ros.training.calibrate import calibrate
from jepa_ros.training.checkpoint import Checkpoints
from jepa_ros.training.device import choose_device
from jepa_ros.training.failures import Interrupted, TrainingError
from jepa_ros.training.group import Group, joined
from jepa_ros.training.make import Made, make_model, save
from jepa_ros.training.measures import Progress
from jepa_ros.training.recipe import Recipe, RecipeError, Weights, read_recipe
from jepa_ros.training.trainer import Trainer

__all__ = [
    "Checkpoints",
    "Group",
    "Interrupted",
    "Made",
    "Progress",
    "Recipe",
    "RecipeError",
    "Trainer",
    "TrainingError",
    "Weights",
    "calibrate",
    "choose_device",
    "joined",
    "make_model",
    "read_recipe",
    "save",
]
