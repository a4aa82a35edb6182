"""What the demo leaves behind: result.json, a picture and a film."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rclpy.utilities import get_rmw_implementation_identifier

import jepa_ros
from jepa_ros.ros.demo.film import draw_film
from jepa_ros.ros.demo.nodes import MODEL
from jepa_ros.ros.demo.overview import draw_overview
from jepa_ros.ros.demo.play import Played
from jepa_ros.world_model.calibration import Calibration


def tolerance() -> float:
    """The distance at which the shipped model counts a goal as reached."""
    return Calibration.model_validate_json((MODEL / "calibration.json").read_text()).tolerance


def write_results(played: Played, seed: int, output: Path) -> None:
    """Write all files; result.json last, so that where it is, the others are."""
    draw_overview(played.trials, tolerance(), output / "demo.png")
    draw_film(played.trials, tolerance(), output / "demo.gif")
    (output / "result.json").write_text(json.dumps(result(played, seed), indent=1, ensure_ascii=False) + "\n")


def result(played: Played, seed: int) -> dict[str, Any]:
    """All numbers of a demo."""
    trials = played.trials
    return {
        "reached": sum(trial.reached for trial in trials),
        "goals": len(trials),
        "largest_joint_error_rad": round(max(trial.joint_error for trial in trials), 5),
        "steps": sum(trial.steps for trial in trials),
        "seconds": played.seconds,
        "seed": seed,
        "model": played.model,
        "tolerance": tolerance(),
        "trials": [trial.numbers() for trial in trials],
        "versions": {
            "jepa_ros": jepa_ros.__version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "ros": os.environ.get("ROS_DISTRO", "unknown"),
            "rmw": get_rmw_implementation_identifier(),
        },
    }
