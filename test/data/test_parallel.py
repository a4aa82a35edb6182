"""On all cores the same comes out as one after the other, to the bit, whole bag or damaged."""

from __future__ import annotations

import threading

import cv2
import numpy as np
import pytest
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer

from jepa_ros.contract import Contract
from jepa_ros.data.bags.bag import read_bag
from jepa_ros.data.bags.messages import Messages
from jepa_ros.data.cache.shelf import Shelf
from jepa_ros.data.parallel import AHEAD, ahead, cores
from jepa_ros.data.replay import Replay

SECOND = 10**9
SIZE = (48, 64)
KINDS = {
    "top": "sensor_msgs/msg/Image",
    "side": "sensor_msgs/msg/CompressedImage",
    "joints": "sensor_msgs/msg/JointState",
    "command": "std_msgs/msg/Float64MultiArray",
}
CONTRACT = Contract.parse("""
robot_type: arm
robot_interface: ros2
fps: 10
observations:
  observation.images.top:
    channel: {topic: top, type: sensor_msgs/msg/Image}
    align: {strategy: asof, timeline: header, tolerance_ms: 150}
    apply: [resize: [12, 16]]
  observation.images.side:
    channel: {topic: side, type: sensor_msgs/msg/CompressedImage}
    align: {strategy: asof, timeline: header, tolerance_ms: 150}
    apply: [resize: [12, 16]]
  observation.state:
    channel: {topic: joints, type: sensor_msgs/msg/JointState}
    align: {strategy: asof, timeline: header, tolerance_ms: 150}
    select: [position.a]
actions:
  action:
    channel: {topic: command, type: std_msgs/msg/Float64MultiArray, safety: zeros}
    align: {strategy: asof, timeline: receive, tolerance_ms: 300}
    select: ["0"]
""")


def said(tick):
    """What two cameras, a joint and a commander say at a tick of 30 Hz: noise, so that nothing compresses."""
    picture = np.random.default_rng(tick).integers(0, 256, (*SIZE, 3), np.uint8)
    stamp_ns = 100 * SECOND + tick * SECOND // 30
    header = {"stamp": {"sec": stamp_ns // SECOND, "nanosec": stamp_ns % SECOND}, "frame_id": ""}
    raw = {"height": SIZE[0], "width": SIZE[1], "encoding": "bgr8", "step": 3 * SIZE[1], "data": picture.tobytes()}
    jpeg = {"format": "bgr8; jpeg compressed bgr8", "data": cv2.imencode(".jpg", picture)[1].tobytes()}
    if tick % 17 == 5:
        jpeg["data"] = jpeg["data"][:-40]  # a message cut off
    yield "joints", {"header": header, "name": ["a"], "position": [tick / 30]}, stamp_ns
    yield "side", {"header": header, **jpeg}, stamp_ns + 1
    yield "top", {"header": header, **raw}, stamp_ns + 2
    yield "command", {"data": [float(tick)]}, stamp_ns + 3


def record(path, plugin=StoragePlugin.MCAP, mode=CompressionMode.NONE, ticks=90):
    messages, connections = Messages(), {}
    writer = Writer(path, version=9, storage_plugin=plugin)
    writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        for topic, kind in KINDS.items():
            connections[topic] = writer.add_connection(f"/{topic}", kind, typestore=messages.store)
        for tick in range(ticks):
            for topic, fields, stamp_ns in said(tick):
                data = messages.serialize(messages.build(KINDS[topic], fields))
                writer.write(connections[topic], stamp_ns, data)
            if plugin == StoragePlugin.MCAP and tick % 3 == 0:
                writer.storage.close_chunk()  # small chunks, for there to be many
    return path


def decode(path, folder, spread):
    """Everything that comes out of a bag: stamps, states, pictures of each camera, problems."""
    folder.mkdir()
    shelf = Shelf(folder, CONTRACT.images)
    with read_bag(path, spread) as bag:
        replay = Replay(bag, CONTRACT)
        (frames,) = replay.frames(shelf)
    pictures = shelf.finish()
    return frames.stamps_ns, np.array(frames.states), pictures, replay.problems()


def both_ways(path, folder):
    """Decode one after the other and on all cores, insist on the same result, and return it."""
    serial, parallel = decode(path, folder / "map", map), decode(path, folder / "ahead", ahead)
    assert serial[0] == parallel[0]
    assert np.array_equal(serial[1], parallel[1])
    for key, pictures in serial[2].items():
        assert np.array_equal(pictures, parallel[2][key])
    assert serial[3] == parallel[3]
    return parallel


@pytest.mark.parametrize(
    ("plugin", "mode"),
    [
        *((StoragePlugin.MCAP, mode) for mode in CompressionMode),
        *((StoragePlugin.SQLITE3, mode) for mode in CompressionMode if mode != CompressionMode.STORAGE),
    ],
)
def test_every_kind_of_bag_decodes_alike(tmp_path, plugin, mode):
    stamps, _, pictures, problems = both_ways(record(tmp_path / "run", plugin, mode), tmp_path)
    # A compressed picture that was refused is bridged by the one before; the first frame has one of its own
    assert len(stamps) == 90
    assert pictures["observation.images.top"].shape == (90, 12, 16, 3)
    assert [problem.partition(":")[0] for problem in problems] == ["5 samples were refused"]
    assert "cut off" in problems[0]


def cut_off(content):
    return content[: len(content) * 6 // 10]


def blank_out(content):
    """Lost blocks of a disk: bytes that merely changed nobody notices where a recorder wrote no checksums."""
    middle = len(content) // 2
    return content[:middle] + bytes(30_000) + content[middle + 30_000 :]


@pytest.mark.parametrize("harm", [cut_off, blank_out])
@pytest.mark.parametrize(
    ("plugin", "mode"),
    [
        (StoragePlugin.MCAP, CompressionMode.STORAGE),
        (StoragePlugin.MCAP, CompressionMode.MESSAGE),
        (StoragePlugin.MCAP, CompressionMode.FILE),
        (StoragePlugin.SQLITE3, CompressionMode.MESSAGE),
    ],
)
def test_a_damaged_bag_gives_what_is_whole_and_the_same_report(tmp_path, plugin, mode, harm):
    path = record(tmp_path / "run", plugin, mode)
    (file,) = (file for file in path.iterdir() if file.name != "metadata.yaml")
    file.write_bytes(harm(file.read_bytes()))
    stamps, states, _, problems = both_ways(path, tmp_path)
    assert 30 <= len(stamps) <= 90
    assert np.allclose(states[:, 0], (np.array(stamps) / SECOND - 100), atol=0.151)
    assert any("damaged" in problem or "the rest is lost" in problem for problem in problems)


def test_a_missing_part_is_named_and_the_others_are_read(tmp_path):
    path = record(tmp_path / "run")
    names = [next(file.name for file in path.glob("*.mcap")), "run_1.mcap"]
    (path / "metadata.yaml").write_text(f"rosbag2_bagfile_information: {{relative_file_paths: {names}}}")
    stamps, _, _, problems = both_ways(path, tmp_path)
    assert len(stamps) == 90
    assert "run_1.mcap is missing" in problems[0]


def test_results_come_in_order_from_as_many_threads_as_there_are_cores():
    everybody = threading.Barrier(cores())

    def together(number):
        if number < cores():
            everybody.wait(30)
        return number, threading.get_ident()

    results = list(ahead(together, range(100)))
    assert [number for number, _ in results] == list(range(100))
    assert threading.get_ident() not in {thread for _, thread in results}


def test_no_more_is_begun_than_a_little_ahead():
    taken = []
    results = ahead(abs, (taken.append(number) or number for number in range(10_000)))
    next(results)
    assert len(taken) <= AHEAD * cores() + 1


def test_an_error_in_the_work_reaches_whoever_takes_its_result():
    results = ahead(lambda number: 1 // number, [1, 0])
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
