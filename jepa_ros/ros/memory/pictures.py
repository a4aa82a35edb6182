"""What the camera saw a moment ago, for those who want a small picture of it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from jepa_ros.contract import Contract, resize_image
from jepa_ros.ros.base.lifecycle import LifecycleNode
from jepa_ros.ros.wire.images import image_decoder
from jepa_ros.ros.wire.streams import class_of, header_ns, qos_of

KEPT = 16  # images, half a second of a usual camera: so long a latent is under way at most


class Pictures:
    """Keeps the newest images of the contract's first camera, as small as the model sees them.

    Raw ones are made small as they come in: a third of a millisecond for 640×480, and half a second of megabytes need
    not be kept. Compressed ones are small already and take ten times as long: they wait until somebody asks.
    """

    def __init__(self, node: LifecycleNode, contract: Contract):
        self._lock = threading.Lock()
        self._kept: deque[tuple[int, Callable[[], np.ndarray]]] = deque(maxlen=KEPT)
        self._decode = image_decoder()
        key, self._size = next(iter(contract.images.items()))
        entry = contract.observations[key]
        take = self._take_compressed if entry.channel.type.endswith("/CompressedImage") else self._take_raw
        node.listen(class_of(entry), entry.channel.topic, take, qos_of(entry))

    def at(self, stamp_ns: int) -> np.ndarray | None:
        """What was seen at exactly that stamp, uint8 (H, W, 3) RGB as small as the model sees it; None where unknown.

        Raises StreamError where a compressed image is none that can be read.
        """
        with self._lock:
            small = next((small for stamp, small in self._kept if stamp == stamp_ns), None)
        return None if small is None else small()

    def _take_raw(self, message: Any, _receive_ns: int) -> None:
        picture = self._small(message)
        self._keep(message, lambda: picture)

    def _take_compressed(self, message: Any, _receive_ns: int) -> None:
        self._keep(message, partial(self._small, message))

    def _keep(self, message: Any, small: Callable[[], np.ndarray]) -> None:
        with self._lock:
            self._kept.append((header_ns(message), small))

    def _small(self, message: Any) -> np.ndarray:
        return resize_image(self._decode(message), self._size)
