"""A tour through the furnished room: move_to_goal through the running nodes, led by memory, judged by the true map."""

from __future__ import annotations

import shutil
import tempfile
from array import array
from collections.abc import Callable
from pathlib import Path

import numpy as np
from action_msgs.msg import GoalStatus
from nav_msgs.msg import Odometry
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

from benchmark.figures import Figure
from benchmark.legs import TIMEOUT, Leg, path_ratio, success
from benchmark.nodes import SEED, robot
from benchmark.remembered import MINUTES, remembered
from jepa_ros.paths import shipped
from jepa_ros.ros.client.client import Client, image_goal
from jepa_ros.ros.wire.messages import fill
from jepa_ros.ros.wire.streams import header_ns
from jepa_ros.simulation.body import image_fields
from jepa_ros.simulation.furnished_room import FurnishedRoom
from jepa_ros.simulation.places import RoomPlaces

ROBOT = "furnished_room"
NAMES = ("furnished_room.success_200", "furnished_room.path_ratio")
LEGS = 200


class Odometer:
    """Where the base has been: the simulated odometry is true."""

    def __init__(self, client: Client):
        self._way: list[tuple[float, float, float]] = []
        client.node.create_subscription(Odometry, "odom", self._take, qos_profile_sensor_data)

    def begin(self) -> None:
        """Forget the way until now."""
        self._way = self._way[-1:]

    def way(self) -> tuple[np.ndarray, np.ndarray]:
        """Times (T,) in s and positions (T, 2) in m since then."""
        way = np.array(self._way)
        return way[:, 0], way[:, 1:]

    def _take(self, message: Odometry) -> None:
        position = message.pose.pose.position
        self._way.append((header_ns(message) * 1e-9, position.x, position.y))


def measure(tell: Callable[[float, float], None], count: int = LEGS) -> dict[str, Figure]:
    """Drive from place to place; takes half an hour."""
    with tempfile.TemporaryDirectory() as own:
        shutil.copytree(remembered(shipped(f"models/{ROBOT}")), own, dirs_exist_ok=True)
        legs = _drive(Path(own), count, tell)
    how = (
        "move_to_goal through simulator, world_model, planner and a client as processes, to pictures of places all "
        "over the living room, every other one behind something, with a memory of "
        f"{MINUTES:g} simulated minutes of exploring"
    )
    return {NAMES[0]: success(legs, how), NAMES[1]: path_ratio(legs, how)}


def _drive(memory: Path, count: int, tell: Callable[[float, float], None]) -> list[Leg]:
    legs: list[Leg] = []
    room = FurnishedRoom()
    with robot(ROBOT, {"planner": ("-p", f"memory:={memory}")}) as client:
        odometer = Odometer(client)
        start, *goals = RoomPlaces(client.contract).tour(count, SEED)
        client.move_to(image_goal(_picture(room, start)), timeout=TIMEOUT).wait(TIMEOUT + 10.0)
        for goal in goals:
            legs.append(_leg(client, odometer, room, goal))
            tell(len(legs), count)
    return legs


def _leg(client: Client, odometer: Odometer, room: FurnishedRoom, goal: np.ndarray) -> Leg:
    picture = _picture(room, goal)
    odometer.begin()
    ending = client.move_to(image_goal(picture), timeout=TIMEOUT).wait(TIMEOUT + 10.0)
    seconds, way = odometer.way()
    return Leg.of(room.free_space, seconds, way, goal, ending.status == GoalStatus.STATUS_SUCCEEDED)


def _picture(room: FurnishedRoom, place: np.ndarray) -> Image:
    """What the camera would see if the base stood there."""
    room.reset(place)
    fields = image_fields(room.image(), 0)
    return fill(Image(), {**fields, "data": array("B", fields["data"].tobytes())})
