"""The furnished room shows where its base stands, and says so in messages."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from jepa_ros.contract import decode_image, load_contract, read_values
from jepa_ros.data.bags.messages import Messages
from jepa_ros.data.exploration.explorer import Explorer
from jepa_ros.simulation.body import CommandError
from jepa_ros.simulation.free_space import CELL
from jepa_ros.simulation.furnished_room import FurnishedRoom
from jepa_ros.simulation.layouts import find_layout
from jepa_ros.simulation.mobile_base import WHEELS
from jepa_ros.simulation.robot import SimulatedRobot
from jepa_ros.simulation.room_drawing import draw_room

CONTRACT = load_contract(Path(__file__).parents[2] / "config/contracts/furnished_room.yaml")
SECOND = 10**9


def twist(x=0.0, y=0.0, turn=0.0):
    return {"linear": {"x": x, "y": y, "z": 0.0}, "angular": {"x": 0.0, "y": 0.0, "z": turn}}


@pytest.fixture
def room():
    return FurnishedRoom(seed=1)


@pytest.fixture
def robot(room):
    return SimulatedRobot(CONTRACT, room)


def test_the_same_seed_begins_at_the_same_place_and_all_places_are_free():
    assert np.array_equal(FurnishedRoom(3).position, FurnishedRoom(3).position)
    room = FurnishedRoom(3)
    places = []
    for _ in range(50):
        room.reset()
        places.append(room.position)
    assert room.free_space.free(np.array(places)).all()
    assert np.ptp(places, axis=0).min() > 2.0


def test_it_cannot_be_put_into_furniture(room):
    with pytest.raises(ValueError, match=r"cannot stand at \[1.5  3.25\]"):
        room.reset((1.5, 3.25))


def test_it_sends_odometry_wheels_and_pictures_at_their_rates(robot):
    messages = robot.advance(1.0)
    counts = {topic: sum(message.topic == topic for message in messages) for topic in robot.topics}
    assert counts == {"joint_states": 51, "odom": 51, "camera/image_raw": 31}


def test_its_messages_are_valid_and_say_where_it_is(robot, room):
    room.reset((3.0, 0.6), heading=2.0)
    build = Messages()
    for item in robot.advance(0.0):
        message = build.deserialize(item.kind, build.serialize(build.build(item.kind, item.fields)))
        assert message.header.stamp.sec * SECOND + message.header.stamp.nanosec == item.stamp_ns
        if item.topic == "odom":
            pose = message.pose.pose
            assert (pose.position.x, pose.position.y) == (3.0, 0.6)
            assert 2 * math.atan2(pose.orientation.z, pose.orientation.w) == pytest.approx(2.0)
            assert (message.header.frame_id, message.child_frame_id) == ("odom", "base_link")
            assert read_values(CONTRACT.observations["observation.state"], message).tolist() == [3.0, 0.6]
        elif item.topic == "joint_states":
            assert list(message.name) == list(WHEELS)
        else:
            assert np.array_equal(decode_image(message), room.image())


def test_it_obeys_a_twist_and_tells_its_speed_in_its_own_frame(robot, room):
    room.reset((3.0, 0.6), heading=math.pi / 2)
    robot.receive("cmd_vel", twist(x=0.4))
    odometry = [message for message in robot.advance(0.2) if message.topic == "odom"][-1]
    assert room.velocity == pytest.approx([0.0, 0.4], abs=1e-9)
    assert odometry.fields["twist"]["twist"]["linear"]["x"] == pytest.approx(0.4)
    assert odometry.fields["twist"]["twist"]["linear"]["y"] == pytest.approx(0.0, abs=1e-9)


def test_a_speed_that_is_no_number_is_refused(robot, room):
    start = room.position
    with pytest.raises(CommandError, match="not finite"):
        robot.receive("cmd_vel", twist(x=math.nan))
    robot.advance(0.5)
    assert np.array_equal(room.position, start)


def test_x_is_to_the_right_of_the_picture_and_y_up(room):
    empty = draw_room(room.layout).astype(int)
    for position in ((2.3, 1.0), (2.0, 1.0), (2.3, 0.75)):
        room.reset(position)
        rows, columns = np.nonzero(np.abs(room.image() - empty).sum(-1) > 150)
        assert (columns.mean(), rows.mean()) == pytest.approx((position[0] * 128, 480 - position[1] * 128), abs=4)


def test_even_small_pictures_show_place_and_heading(room):
    def small(position, heading):
        room.reset(position, heading)
        return cv2.resize(room.image(), (64, 64), interpolation=cv2.INTER_AREA).astype(int)

    here = small((2.3, 1.0), 0.0)
    for other in (small((2.34, 1.0), 0.0), small((2.3, 1.04), 0.0), small((2.3, 1.0), 0.3)):
        assert np.abs(other - here).max() > 20


def test_a_picture_is_free_to_be_changed(room):
    before = room.image().copy()
    room.image()[:] = 0
    assert np.array_equal(room.image(), before)


def test_furniture_can_be_moved_while_it_drives_but_not_onto_it(room):
    room.reset((2.3, 1.2))
    chair = room.layout.indices("chair")[0]
    before = room.image()
    with pytest.raises(ValueError, match="the base stands where furniture should go"):
        room.layout = room.layout.moved(chair, 2.3, 1.3)
    room.layout = room.layout.moved(chair, 3.0, 1.2)
    assert not np.array_equal(room.image(), before)
    for _ in range(20):
        room.base.drive(0.8, 0.0, 0.0)
        room.step(0.1)
    assert room.position == pytest.approx([2.6, 1.2], abs=1e-3)


def test_another_layout_looks_otherwise():
    images = []
    for name in ("living_room", "dining_room", "studio", "random:1", "random:2"):
        room = FurnishedRoom(0, name)
        assert room.layout == find_layout(name)
        images.append(room.image().astype(int))
    assert all(np.abs(a - b).mean() > 5 for a, b in zip(images, images[1:]))


@pytest.mark.parametrize("layout", ["living_room", "studio"])
def test_exploring_sees_nearly_all_of_the_room_and_seldom_stands_at_a_wall(layout):
    room, explorer, command = FurnishedRoom(0, layout), Explorer(CONTRACT, seed=0), np.zeros(2)
    places = []
    for _ in range(450 * CONTRACT.fps):
        command = explorer.command(room.position, command)
        room.base.drive(*command, 0.0)
        room.step(CONTRACT.period)
        places.append(room.position)
    places = np.array(places)
    seen, free = ({tuple(cell) for cell in (points / 0.25).astype(int)} for points in (places, _free_points(room)))
    assert len(seen & free) / len(free) > 0.9
    assert (np.hypot(*np.diff(places, axis=0).T) < 0.004).mean() < 0.1


def _free_points(room):
    rows, columns = np.nonzero(room.free_space.grid)
    return np.stack([columns + 0.5, rows + 0.5], -1) * CELL
