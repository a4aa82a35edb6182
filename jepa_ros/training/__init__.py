"""Train and calibrate world models on a robot's own logs."""

from jepa_ros.training.calibrate import calibrate
from jepa_ros.training.recipe import Recipe, Weights
from jepa_ros.training.trainer import Progress, Trainer, TrainingError

__all__ = ["Progress", "Recipe", "Trainer", "TrainingError", "Weights", "calibrate"]
