"""What the world model sees, as a picture for people."""

from __future__ import annotations

import cv2
import numpy as np
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from jepa_ros.contract import Observation
from jepa_ros.ros.wire.images import image_message
from jepa_ros.world_model import Surprise

SCALE = 6  # each pixel of the model's input becomes a square this wide
BAR = 28  # px, the strip below with the surprise
CALM, ALARM = (70, 160, 90), (214, 69, 65)


def debug_image(observation: Observation, header: Header, surprise: Surprise | None) -> Image:
    """The model's input, enlarged, over a bar that grows as the newest frame becomes less likely."""
    images = list(observation.images.values()) or [np.zeros((1, 64, 3), np.uint8)]
    height = max(image.shape[0] for image in images)
    row = np.hstack([cv2.copyMakeBorder(i, 0, height - len(i), 0, 0, cv2.BORDER_CONSTANT) for i in images])
    enlarged = cv2.resize(row, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_NEAREST)
    picture = np.vstack([enlarged, _bar(enlarged.shape[1], surprise)])
    return image_message(picture, header)


def _bar(width: int, surprise: Surprise | None) -> np.ndarray:
    bar = np.full((BAR, width, 3), 32, np.uint8)
    if surprise is None:
        text = "no command in force"
    else:
        text = f"p = {surprise.p_value:.3f}"
        share = min(1.0, -np.log10(surprise.p_value) / 3)
        bar[:, : round(share * width)] = ALARM if share >= 1 else CALM
    cv2.putText(bar, text, (8, BAR - 9), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (240, 240, 240), 1, cv2.LINE_AA)
    return bar
