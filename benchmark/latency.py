"""From an image's arrival to its latent's departure, beside the bare work that no node can do without."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import rclpy
import torch
from rclpy.executors import SingleThreadedExecutor
from rclpy.logging import LoggingSeverity
from rclpy.signals import SignalHandlerOptions

from benchmark.figures import Figure, conditions
from benchmark.nodes import parameters, running
from jepa_ros.contract import Entry, Observation, resize_image
from jepa_ros.evaluation.statistics import median, ratio_of_medians
from jepa_ros.ros.base.diagnostics import Latency, Stream
from jepa_ros.ros.client.client import ClientError
from jepa_ros.ros.nodes.world_model_node import WorldModelNode

FRAMES = 900  # each way
WARM_UP = 60
PATIENCE = 30.0  # s without progress after which something is wrong


class Kept(Latency):
    """The node's own measurements, all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[float] = []

    def add(self, seconds: float) -> None:
        super().add(seconds)
        self.all.append(seconds)


class Bare:
    """Decode, resize and encode as plain calls, and how long that took (s)."""

    def __init__(self, node: WorldModelNode, entry: Entry):
        self._decode, self._model, self._entry = node.decode, node.model, entry
        self._state = np.zeros(len(node.contract.state_names), np.float32)
        self.all: list[float] = []

    def __call__(self, message: Any) -> None:
        begin = time.perf_counter()
        image = resize_image(self._decode(message), self._entry.size)
        with torch.inference_mode():
            self._model.encode(Observation(0, {self._entry.key: image}, self._state))
        self.all.append(time.perf_counter() - begin)


def measure(tell: Callable[[float, float], None], frames: int = FRAMES) -> dict[str, Figure]:
    """Let the node and the bare calls take turns at the images of a running simulator."""
    with running(("simulator", "planner")), _world_model() as (node, executor):
        bare = _take_turns(node)
        node.latency, node.frames = Kept(), Stream()  # half of the camera's rate is no loss
        wanted, done = WARM_UP + frames, 0
        deadline = time.monotonic() + PATIENCE
        while done < wanted:
            executor.spin_once(timeout_sec=1.0)
            before, done = done, min(len(node.latency.all), len(bare.all))
            tell(done, wanted)
            if done > before:
                deadline = time.monotonic() + PATIENCE
            elif time.monotonic() > deadline:
                raise ClientError(f"no latents for {PATIENCE:g} s: {node.complaints.recent() or 'no images'}")
    whole, parts = ([1e3 * seconds for seconds in kept[WARM_UP:wanted]] for kept in (node.latency.all, bare.all))
    return _figures(whole, parts)


@contextmanager
def _world_model() -> Iterator[tuple[WorldModelNode, SingleThreadedExecutor]]:
    """The active node in this process, once the planner listens to it, and the executor that runs it."""
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    node, executor = WorldModelNode(cli_args=["--ros-args", *parameters("world_model")]), SingleThreadedExecutor()
    executor.add_node(node)
    node.get_logger().set_level(LoggingSeverity.ERROR)
    try:
        node.autostart()
        deadline = time.monotonic() + PATIENCE
        while not node.latents.get_subscription_count():
            executor.spin_once(timeout_sec=0.1)
            if time.monotonic() > deadline:
                raise ClientError(f"waited {PATIENCE:g} s for the planner to listen to latents")
        yield node, executor
    finally:
        node.shut_down()
        executor.shutdown()
        node.destroy_node()
        rclpy.try_shutdown()


def _take_turns(node: WorldModelNode) -> Bare:
    """From now on every second image goes to the bare calls instead: same executor, same messages, same moment."""
    (entry,) = (entry for entry in node.contract.observations.values() if entry.is_image)
    topic = node.resolve_topic_name(entry.channel.topic)
    (subscription,) = (each for each in node.subscriptions if each.topic_name == topic)
    usual, bare = subscription.callback, Bare(node, entry)
    turns = 0

    def callback(message: Any) -> None:
        nonlocal turns
        turns += 1
        (bare if turns % 2 else usual)(message)

    subscription.callback = callback
    return bare


def _figures(whole: list[float], parts: list[float]) -> dict[str, Figure]:
    how = (
        "640×480 rgb8 at 30 Hz from a simulator process, latents to a planner process; the node in the benchmark's "
        "process, callback entry → latent published; one thread"
    )
    against = f"median over median of decode + resize + encode of every other image in the same callback; {how}"
    latency, low, high = median(whole)
    ratio, least, most = ratio_of_medians(whole, parts)
    return {
        "latent.latency_ms": Figure(latency, "ms", low, high, len(whole), conditions(f"median; {how}")),
        "latent.latency_ratio": Figure(ratio, "×", least, most, len(whole), conditions(against)),
    }
