"""Encode observations, predict latents under actions, measure distance: the JEPA world model."""

from jepa_ros.world_model.architecture import Architecture
from jepa_ros.world_model.calibration import Calibration
from jepa_ros.world_model.directory import ModelError
from jepa_ros.world_model.encoder import Percept
from jepa_ros.world_model.surprise import Surprise, SurpriseMonitor, departure
from jepa_ros.world_model.world_model import WorldModel

__all__ = [
    "Architecture",
    "Calibration",
    "ModelError",
    "Percept",
    "Surprise",
    "SurpriseMonitor",
    "WorldModel",
    "departure",
]
