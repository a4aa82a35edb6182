"""Thumbnails as they are kept: small, for people to look at."""

from __future__ import annotations

import cv2
import numpy as np


def packed(picture: np.ndarray) -> bytes:
    """A picture uint8 (H, W, 3) RGB as JPEG."""
    return cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]))[1].tobytes()


def unpacked(jpeg: bytes) -> np.ndarray:
    """The picture uint8 (H, W, 3) RGB of a JPEG."""
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
