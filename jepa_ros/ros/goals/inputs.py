"""The newest of what the planner needs to know, and how long ago it came in."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rclpy.qos import qos_profile_sensor_data
from std_msgs.msg import Header
from torch import Tensor

from jepa_ros.contract import Contract, Entry, StreamError
from jepa_ros.ros.base.diagnostics import Stream
from jepa_ros.ros.base.lifecycle import LifecycleNode
from jepa_ros.ros.base.steady import SteadyTime
from jepa_ros.ros.memory.places import Places
from jepa_ros.ros.wire.messages import latent_tensor
from jepa_ros.ros.wire.streams import RELIABLE, header_ns, listen_numbers
from jepa_ros.world_model import Past, WorldModel
from jepa_ros_interfaces.msg import LatentState, Surprise


@dataclass(frozen=True)
class Snapshot:
    """What is known now: ``header`` of the newest latent, the state vector (S,), and the age in seconds of the older.

    ``context`` (1, K, N, D) is the newest latent and as much of the past as the model looks at, oldest first.
    ``anomalous`` is the world model's newest verdict, None where it gave none of late.
    """

    header: Header
    context: Tensor
    state: np.ndarray
    age: float
    p_value: float
    anomalous: bool | None

    @property
    def latent(self) -> Tensor:
        """The newest latent (1, N, D)."""
        return self.context[:, -1]


@dataclass
class _Newest:
    """The newest value of one input and when it came (s)."""

    value: Any = None
    time: float = field(default=-float("inf"))


class Inputs:
    """Subscribes to the world model's latents and the robot's state; ``snapshot`` is safe to call from any thread.

    Ages count by when inputs came, in the seconds of ``now()``. ``places`` are told what is perceived.
    """

    def __init__(self, node: LifecycleNode, model: WorldModel, contract: Contract, places: Places):
        self.model, self._places = model, places
        self._shape = (model.architecture.tokens, model.architecture.latent_size)
        self.now = SteadyTime(node).now
        self.latents = Stream()
        self._period = contract.period  # a verdict older than this says nothing of now
        self._lock = threading.Lock()
        self._past = Past(model)
        self._latent, self._surprise = _Newest(), _Newest()
        entries = [entry for entry in contract.observations.values() if not entry.is_image]
        self._state = {entry.key: _Newest() for entry in entries}
        node.listen(LatentState, "world_model/latent", self._on_latent, RELIABLE)
        node.listen(Surprise, "world_model/surprise", self._on_surprise, RELIABLE)
        for entry in entries:
            listen_numbers(node, entry, self._taker(entry), qos_profile_sensor_data)

    def snapshot(self) -> Snapshot | None:
        """What is known now; None until every input has come in once."""
        with self._lock:
            inputs = [self._latent, *self._state.values()]
            if any(newest.value is None for newest in inputs):
                return None
            header, context = self._latent.value
            surprise = self._surprise.value if self.now() - self._surprise.time < self._period else None
            state = self._measured()
            oldest = min(newest.time for newest in inputs)
        return Snapshot(
            header=header,
            context=context,
            state=state,
            age=self.now() - oldest,
            p_value=surprise.p_value if surprise else 1.0,
            anomalous=surprise.anomalous if surprise else None,
        )

    def missing(self, patience: float) -> str:
        """Which inputs are older than ``patience`` seconds, in words."""
        with self._lock:
            ages = {
                "world_model/latent": self._latent.time,
                **{key: new.time for key, new in self._state.items()},
            }
        now = self.now()
        words = [
            f"{name} {'never came' if now - time == float('inf') else f'is {now - time:.1f} s old'}"
            for name, time in ages.items()
            if now - time > patience
        ]
        return ", ".join(words) or "inputs came back just now"

    def _on_latent(self, message: LatentState, _receive_ns: int) -> None:
        self._check_maker(message, "latent")
        try:
            latent = latent_tensor(message, self._shape).unsqueeze(0).to(self.model.device)
        except ValueError as error:
            raise StreamError(str(error)) from error
        self.latents.arrive(header_ns(message))
        self._past.add(header_ns(message), latent)
        self._put(self._latent, (message.header, self._past.context()))
        if all(newest.value is not None for newest in self._state.values()):
            self._places.see(header_ns(message), latent, self._measured())

    def _on_surprise(self, message: Surprise, _receive_ns: int) -> None:
        self._check_maker(message, "surprise")
        if not (0 <= message.error < math.inf and 0 < message.p_value <= 1):
            raise StreamError(
                f"surprise with error {message.error:g} and p-value {message.p_value:g}; "
                "allowed: a finite error of at least 0, a p-value above 0, up to 1"
            )
        self._put(self._surprise, message)
        self._places.judge(header_ns(message), message)

    def _check_maker(self, message: LatentState | Surprise, what: str) -> None:
        """Raise StreamError where another model says this: it knows nothing of this one's latents and predictions."""
        if message.model != self.model.name:
            raise StreamError(f"{what} of model {message.model}, this planner runs {self.model.name}")

    def _measured(self) -> np.ndarray:
        """The newest state (S,), once there is all of it."""
        parts = [newest.value for newest in self._state.values()]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _taker(self, entry: Entry) -> Callable[[np.ndarray, int, int], None]:
        newest = self._state[entry.key]
        return lambda values, receive_ns, header_ns: self._put(newest, values)

    def _put(self, newest: _Newest, value: Any) -> None:
        with self._lock:
            newest.value, newest.time = value, self.now()
