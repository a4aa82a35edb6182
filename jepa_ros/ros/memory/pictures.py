"""What the camera saw a moment ago, for those who want a small picture of it."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

import numpy as np

from jepa_ros.contract import Contract, resize_image
from jepa_ros.ros.base.lifecycle import LifecycleNode
from jepa_ros.ros.wire.images import image_decoder
from jepa_ros.ros.wire.streams import class_of, header_ns, qos_of

KEPT = 16  # images, half a second of a usual camera: so long a latent is under way at most


class Pictures:
    """Keeps the newest images of the contract's first camera as they came in, and decodes those that are asked for."""

    def __init__(self, node: LifecycleNode, contract: Contract):
        self._lock = threading.Lock()
        self._kept: deque[Any] = deque(maxlen=KEPT)
        self._decode = image_decoder()
        key, self._size = next(iter(contract.images.items()))
        entry = contract.observations[key]
        node.own(self._kept.clear)  # megabytes of several lives would wait for the collector of cycles
        node.listen(class_of(entry), entry.channel.topic, self._take, qos_of(entry))

    def at(self, stamp_ns: int) -> np.ndarray | None:
        """What was seen at exactly that stamp, uint8 (H, W, 3) RGB as small as the model sees it; None where unknown.

        Raises StreamError where the image is none that can be read.
        """
        with self._lock:
            found = next((message for message in self._kept if header_ns(message) == stamp_ns), None)
        return None if found is None else resize_image(self._decode(found), self._size)

    def _take(self, message: Any, _receive_ns: int) -> None:
        with self._lock:
            self._kept.append(message)
