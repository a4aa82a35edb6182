"""Image messages ⇄ RGB arrays: by cv_bridge where it works, by the package's own conversion elsewhere."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

import numpy as np
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from jepa_ros.contract import Contract, Observation, StreamError, check_image, decode_image, resize_image

Decode = Callable[[Any], np.ndarray]


def image_decoder() -> Decode:
    """A function from an Image or CompressedImage to uint8 (H, W, 3) RGB that raises StreamError on bad input."""
    bridge = _cv_bridge()
    if bridge is None:
        return decode_image

    def decode(message: Any) -> np.ndarray:
        check_image(message)
        try:
            if hasattr(message, "format"):
                return bridge.compressed_imgmsg_to_cv2(message, "rgb8")
            return bridge.imgmsg_to_cv2(message, "rgb8")
        except Exception:  # cv_bridge knows fewer encodings, and raises several unrelated kinds
            return decode_image(message)

    return decode


def image_message(picture: np.ndarray, header: Header) -> Image:
    """A picture (H, W, 3), uint8 RGB, as a message."""
    height, width, _ = picture.shape
    data = array("B")
    data.frombytes(picture.tobytes())
    return Image(header=header, height=height, width=width, encoding="rgb8", step=3 * width, data=data)


def image_alone(contract: Contract, image: np.ndarray, camera: str = "") -> Observation:
    """What a picture (H, W, 3) by itself says: one camera sees it, all else is unknown.

    ``camera`` is a key of the contract's images or its last part, as an image's ``header.frame_id`` says it; it matters
    only where there are several. Raises StreamError where it names none of them, or there is none.
    """
    key = _camera(contract, camera)
    unknown = np.full(len(contract.state_names), np.nan, np.float32)
    return Observation(0, {key: resize_image(image, contract.images[key])}, unknown)


def _camera(contract: Contract, name: str) -> str:
    """The key of the camera that is meant."""
    if not contract.images:
        raise StreamError("an image for a robot without a camera; use a state or a saved goal")
    named = [key for key in contract.images if len(contract.images) == 1 or name in (key, key.rpartition(".")[2])]
    if len(named) != 1:
        cameras = ", ".join(contract.images)
        raise StreamError(
            f"one image for a robot with {len(contract.images)} cameras, of {name!r}; "
            f"allowed: header.frame_id names one of {cameras}, or its last part"
        )
    return named[0]


def _cv_bridge() -> Any | None:
    """A CvBridge, or None where it is missing or was built for another NumPy (which may raise anything at import)."""
    try:
        from cv_bridge import CvBridge

        CvBridge().cv2_to_imgmsg(np.zeros((1, 1, 3), np.uint8), "rgb8")
        return CvBridge()
    except Exception:
        return None
