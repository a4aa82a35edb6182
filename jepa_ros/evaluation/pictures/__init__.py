"""The report's pictures: each a function from evaluations, side by side, to a figure."""

from jepa_ros.evaluation.pictures.latents import draw_latents, draw_probes
from jepa_ros.evaluation.pictures.prediction import draw_prediction
from jepa_ros.evaluation.pictures.ranking import draw_ranking
from jepa_ros.evaluation.pictures.surprise import draw_alarms, draw_faults
from jepa_ros.evaluation.pictures.trials import draw_trials
from jepa_ros.evaluation.pictures.warnings import draw_warnings
from jepa_ros.style import DPI

__all__ = [
    "DPI",
    "draw_alarms",
    "draw_faults",
    "draw_latents",
    "draw_prediction",
    "draw_probes",
    "draw_ranking",
    "draw_trials",
    "draw_warnings",
]
