"""The embedded base in the test's hands, the memory of a room it knows, and who drives it like Nav2."""

from __future__ import annotations

import math
import threading
import time
from array import array
from pathlib import Path
from typing import Any

import numpy as np
import torch
from geometry_msgs.msg import Twist
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

from harness.graph import PATIENCE, Graph
from harness.robot import STEP, as_ros
from jepa_ros.contract import Contract, Observation, load_contract, resize_image
from jepa_ros.memory import Memory, Sight
from jepa_ros.paths import shipped
from jepa_ros.ros.client.client import image_goal, wait_for
from jepa_ros.ros.wire.streams import RELIABLE, class_of, qos_of
from jepa_ros.simulation.furnished_room import FurnishedRoom
from jepa_ros.simulation.robot import SimulatedRobot
from jepa_ros.world_model import WorldModel
from jepa_ros_interfaces.msg import Goal

CONTRACT = shipped("config/contracts/furnished_room.yaml")
MODEL = shipped("models/furnished_room")
CAMERA, COMMANDS, DRIVEN = "camera/image_raw", "cmd_vel", "nav2/cmd_vel"
GRID = 0.16  # m between remembered places: what the base drives in a period at most
KNOWN = 4.2  # m along x up to which the room is remembered
STRUCK = (1.1, 2.54), (1.26, 2.54)
NEAR = 0.15  # m


class ScriptedBase:
    """A base driver that lives in the test process, in real time.

    ``commands`` holds the (time, vx, vy) of all that came on the contract's topic, by the steady clock of this process;
    ``touched`` is how long (s) the base has pushed against something at a stretch, at most. Whoever drives it like Nav2
    sends to a topic of its own.
    """

    def __init__(self, graph: Graph, namespace: str):
        self.contract: Contract = load_contract(CONTRACT)
        self.room = FurnishedRoom()
        self._graph, self.node = graph, graph.node("test_base", namespace)
        self._robot = SimulatedRobot(self.contract, self.room, time.time_ns())
        self.commands: list[tuple[float, float, float]] = []
        self.images, self.touched, self._touching = 0, 0.0, 0.0
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._publishers = {
            entry.channel.topic: self.node.create_publisher(
                class_of(entry), entry.channel.topic, qos_of(entry, qos_profile_sensor_data)
            )
            for entry in self.contract.observations.values()
        }
        self.node.create_subscription(Twist, COMMANDS, self._on_command, RELIABLE)
        self.node.create_subscription(Twist, DRIVEN, self._obey, RELIABLE)
        self._thread = threading.Thread(target=self._live, name="base", daemon=True)
        self._thread.start()

    @property
    def position(self) -> np.ndarray:
        return self.room.position

    def place(self, position: tuple[float, float]) -> None:
        """Put the base somewhere, at rest, and let everybody see that."""
        with self._lock:
            self.room.reset(position)
            self.commands, self.touched = [], 0.0
        enough = self.images + 3
        wait_for(lambda: self.images >= enough, PATIENCE, "images of the base in its place")

    def wait_at_rest(self) -> None:
        wait_for(lambda: np.abs(self.room.velocity).max() < 1e-3, PATIENCE, "a base at rest")

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._graph.remove(self.node)

    def _live(self) -> None:
        before = time.monotonic()
        while not self._stopping.wait(STEP):
            now = time.monotonic()
            with self._lock:
                messages = self._robot.advance(now - before)
                self._touching = self._touching + now - before if self.room.base.touching else 0.0
                self.touched = max(self.touched, self._touching)
            before = now
            for message in messages:
                if message.topic in self._publishers:
                    self._publishers[message.topic].publish(as_ros(message))
                    self.images += message.topic == CAMERA

    def _on_command(self, message: Twist) -> None:
        self.commands.append((time.monotonic(), message.linear.x, message.linear.y))
        self._obey(message)

    def _obey(self, message: Twist) -> None:
        with self._lock:
            self._robot.receive(COMMANDS, message)


def see(position: tuple[float, float]) -> Goal:
    """To see the base in a place."""
    room = FurnishedRoom()
    room.reset(position)
    return image_goal(_message(room.image()))


def remember_room(folder: Path) -> None:
    """Write the memory of a base that has been everywhere up to KNOWN.

    It has been driven between all neighbours but those that something is between, and STRUCK is a move that it knows to
    be impossible.
    """
    model = WorldModel.from_pretrained(MODEL)
    memory, room = Memory.open(folder, model), FurnishedRoom()
    places = [place for place in _grid() if room.free_space.free(place)]
    nodes = [memory.remember(_sight(model, room, place)) for place in places]
    for start, node in zip(places, nodes):
        for end, other in zip(places, nodes):
            way = math.dist(start, end)
            if 0 < way < 1.5 * GRID and node != other and room.free_space.in_line(start, end):
                memory.connect(node, other, way / GRID)
    start, end = (nodes[int(np.abs(np.array(places) - place).max(axis=1).argmin())] for place in STRUCK)
    memory.strike_out(start, end)
    memory.close()


def _grid() -> list[np.ndarray]:
    return [np.array([x, y]) for x in np.arange(0.3, KNOWN, GRID) for y in np.arange(0.3, 3.6, GRID)]


@torch.inference_mode()
def _sight(model: WorldModel, room: FurnishedRoom, place: np.ndarray) -> Sight:
    """What the base perceives in a place."""
    room.reset(place)
    images = {key: resize_image(room.image(), size) for key, size in model.contract.images.items()}
    latent = model.encode(Observation(0, images, place.astype(np.float32)))[0]
    return Sight(latent, place, time.time_ns(), (float(place[0]), float(place[1]), 0.0))


def _message(pixels: np.ndarray) -> Image:
    height, width, _ = pixels.shape
    data: Any = array("B", pixels.tobytes())
    return Image(height=height, width=width, encoding="rgb8", step=3 * width, data=data)
