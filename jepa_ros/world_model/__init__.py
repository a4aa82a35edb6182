"""Encode observations, predict latents under actions, measure distance: the JEPA world model."""

from jepa_ros.world_model.architecture import CNN, Architecture, Design, Transformer, ViT
from jepa_ros.world_model.calibration import Calibration
from jepa_ros.world_model.directory import ModelError
from jepa_ros.world_model.drift import Averages, Drift, DriftMonitor, DriftScale, root_mean_squares
from jepa_ros.world_model.encoder import Percept
from jepa_ros.world_model.past import Past
from jepa_ros.world_model.surprise import Surprise, SurpriseMonitor, departure
from jepa_ros.world_model.world_model import WorldModel

__all__ = [
    "CNN",
    "Architecture",
    "Averages",
    "Calibration",
    "Design",
    "Drift",
    "DriftMonitor",
    "DriftScale",
    "ModelError",
    "Past",
    "Percept",
    "Surprise",
    "SurpriseMonitor",
    "Transformer",
    "ViT",
    "WorldModel",
    "departure",
    "root_mean_squares",
]
