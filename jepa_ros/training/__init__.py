"""Train and calibrate world models on a robot's own logs."""

from jepa_ros.training.calibrate import calibrate
from jepa_ros.training.make import Made, make_model, save
from jepa_ros.training.recipe import Recipe, Weights
from jepa_ros.training.trainer import Progress, Trainer, TrainingError

__all__ = ["Made", "Progress", "Recipe", "Trainer", "TrainingError", "Weights", "calibrate", "make_model", "save"]
