"""Recordings are found by what stands at a path; a contract comes from the one that holds it."""

from __future__ import annotations

import pytest

from jepa_ros.contract import Contract
from jepa_ros.data.bags.bag import BagWriter
from jepa_ros.data.recording import RecordingError
from jepa_ros.data.sources import contract_in, find_recordings

NUMBER = "std_msgs/msg/Float64"
TANK = """
robot_type: tank
robot_interface: ros2
fps: 5
observations:
  observation.state:
    channel: {topic: level, type: std_msgs/msg/Float64}
    align: {strategy: hold, timeline: receive}
actions:
  action:
    channel: {topic: valve, type: std_msgs/msg/Float64, safety: zeros}
    align: {strategy: hold, timeline: receive}
"""


def record(path, text=None):
    with BagWriter(path, text) as writer:
        writer.write("level", NUMBER, {"data": 1.0}, 1)
    return path


def dataset(path):
    """What makes a folder a dataset; what is in it matters to those who open it."""
    (path / "meta").mkdir(parents=True)
    (path / "meta/info.json").write_text("{}")
    return path


def test_a_folder_names_its_bags_and_datasets_each_once_but_not_what_is_unfinished(tmp_path):
    first, second, third = record(tmp_path / "a"), dataset(tmp_path / "b"), record(tmp_path / "c")
    unfinished = BagWriter(tmp_path / "d")
    unfinished.write("level", NUMBER, {"data": 1.0}, 1)
    assert find_recordings([tmp_path, first, second]) == [first, second, third]
    assert find_recordings([third, second]) == [third, second]


def test_a_path_without_a_recording_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(RecordingError, match="holds no bag and no LeRobot dataset"):
        find_recordings([tmp_path / "empty"])
    with pytest.raises(RecordingError, match="does not exist"):
        find_recordings([tmp_path / "nowhere"])


def test_the_contract_is_the_one_inside(tmp_path):
    assert contract_in(record(tmp_path / "with", TANK)).text == TANK
    assert isinstance(contract_in(tmp_path / "with"), Contract)
    with pytest.raises(RecordingError, match="holds no contract; name the robot's with --contract"):
        contract_in(record(tmp_path / "without"))
