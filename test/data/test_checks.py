"""Where a bag and its contract disagree, the finding names topic and time, and training refuses before any work."""

from __future__ import annotations

import numpy as np
import pytest

from jepa_ros.contract import Contract
from jepa_ros.data.audit import check, insist_on_fit, survey
from jepa_ros.data.bags.bag import BagError, BagWriter, read_bag
from jepa_ros.data.bags.excerpts import Excerpts

SECOND = 10**9
CONTRACT = """
robot_type: arm
robot_interface: ros2
fps: 10
observations:
  observation.images.top:
    channel: {topic: camera, type: sensor_msgs/msg/Image}
    align: {strategy: asof, timeline: header, tolerance_ms: 150}
    apply: [resize: [4, 6]]
  observation.state:
    channel: {topic: joints, type: sensor_msgs/msg/JointState}
    align: {strategy: asof, timeline: header, tolerance_ms: 150}
    select: [position.a, position.b]
actions:
  action:
    channel: {topic: command, type: std_msgs/msg/Float64MultiArray, safety: zeros}
    align: {strategy: asof, timeline: receive, tolerance_ms: 300}
    select: ["0", "1"]
"""


class Robot:
    """Ten messages a second on each topic; every test overrides what its robot does wrong."""

    camera_type, joints_type = "sensor_msgs/msg/Image", "sensor_msgs/msg/JointState"
    seconds = 10.0
    camera_every = 1

    def picture(self, second):
        return {
            "height": 2,
            "width": 2,
            "encoding": "rgb8",
            "step": 6,
            "data": np.full(12, second * 10 % 251, np.uint8),
        }

    def joints(self, second):
        return {"name": ["a", "b"], "position": [np.sin(second), second]}

    def command(self, second):
        return {"data": [second, -second]}

    def clock(self, topic, second):
        return second

    def write(self, path):
        with BagWriter(path, CONTRACT) as writer:
            for tick in range(round(10 * self.seconds)):
                second = tick / 10
                if tick % self.camera_every == 0:
                    self._send(writer, "camera", self.camera_type, self.picture(second), second)
                self._send(writer, "joints", self.joints_type, self.joints(second), second)
                fields = self.command(second)
                if fields is not None:
                    writer.write("command", "std_msgs/msg/Float64MultiArray", fields, stamp(second))
        return path

    def _send(self, writer, topic, kind, fields, second):
        stamped = self.clock(topic, second)
        stamp_ns = 0 if stamped is None else stamp(stamped)
        if kind.startswith("sensor_msgs"):
            fields = {"header": {"stamp": {"sec": stamp_ns // SECOND, "nanosec": stamp_ns % SECOND}}} | fields
        writer.write(topic, kind, fields, stamp(second))


def stamp(second):
    return 1000 * SECOND + round(second * SECOND)


def found(tmp_path, robot, excerpts=None, text=CONTRACT):
    with read_bag(robot.write(tmp_path / "run")) as bag:
        return [f"{finding.severity}: {finding}" for finding in check(survey(bag, Contract.parse(text), "", excerpts))]


def test_a_sound_recording_has_no_findings(tmp_path):
    assert found(tmp_path, Robot()) == []


def test_a_missing_topic_is_named_with_those_that_exist(tmp_path):
    class Spoilt(Robot):
        command = staticmethod(lambda second: None)

    (finding,) = found(tmp_path, Spoilt())
    assert finding.startswith("error: command: topic 'command' is not in ")
    assert "/camera (sensor_msgs/msg/Image, 100)" in finding


def test_another_type_is_named_beside_the_contracts(tmp_path):
    class Spoilt(Robot):
        joints_type = "std_msgs/msg/Float64"
        joints = staticmethod(lambda second: {"data": second})

    wanted = "error: /joints: carries std_msgs/msg/Float64; the contract says sensor_msgs/msg/JointState"
    assert found(tmp_path, Spoilt()) == [wanted]


def test_a_compressed_camera_serves_as_well_and_is_mentioned(tmp_path):
    class Spoilt(Robot):
        camera_type = "sensor_msgs/msg/CompressedImage"
        picture = staticmethod(lambda second: {"format": "png", "data": np.full(9, second * 10 % 251, np.uint8)})

    (finding,) = found(tmp_path, Spoilt())
    assert finding.startswith("warning: /camera: carries sensor_msgs/msg/CompressedImage, which is read as well")


def test_joints_of_other_names_are_named_with_those_that_there_are(tmp_path):
    class Spoilt(Robot):
        joints = staticmethod(lambda second: {"name": ["hip", "knee"], "position": [second, second]})

    (finding,) = found(tmp_path, Spoilt())
    assert finding.startswith("error: /joints at 0.0 s: not one message can be used: position.a")
    assert "which names hip" in finding


def test_messages_that_fail_from_some_time_on_are_counted_from_there(tmp_path):
    class Spoilt(Robot):
        joints = staticmethod(
            lambda second: {"name": ["a", "b"], "position": [second, second if second < 6 else np.nan]}
        )

    (finding,) = found(tmp_path, Spoilt())
    assert finding.startswith(
        "warning: /joints at 6.0 s: 40 of 100 messages cannot be used, the first: position.b is nan"
    )


def test_an_encoding_that_cannot_be_decoded_is_an_error(tmp_path):
    class Spoilt(Robot):
        def picture(self, second):
            return super().picture(second) | {"encoding": "32FC1"}

    (finding,) = found(tmp_path, Spoilt())
    assert finding.startswith("error: /camera at 0.0 s: not one message can be used: image encoding '32FC1'")


def test_a_camera_that_never_changes_is_an_error(tmp_path):
    class Spoilt(Robot):
        def picture(self, second):
            return super().picture(0)

    assert found(tmp_path, Spoilt()) == ["error: /camera: all 100 pictures read are the same"]


def test_a_camera_that_freezes_is_told_from_when_to_when(tmp_path):
    class Spoilt(Robot):
        def picture(self, second):
            return super().picture(3.0 if 3 <= second <= 7 else second)

    wanted = "warning: /camera at 3.0 s: shows the same picture until 7.0 s, while the robot moves"
    assert found(tmp_path, Spoilt()) == [wanted]


def test_the_same_picture_of_a_robot_at_rest_is_no_finding(tmp_path):
    class Spoilt(Robot):
        def picture(self, second):
            return super().picture(3.0 if 3 <= second <= 7 else second)

        def joints(self, second):
            return super().joints(3.0 if 3 <= second <= 7 else second)

    assert found(tmp_path, Spoilt()) == []


def test_headers_without_a_stamp_are_an_error(tmp_path):
    class Spoilt(Robot):
        def clock(self, topic, second):
            return None if topic == "camera" else second

    wanted = "error: /camera: no header has a stamp; align.timeline: receive would do without"
    assert wanted in found(tmp_path, Spoilt())


@pytest.mark.parametrize(("late", "where"), [(7.5, "7.5 s behind"), (-7200.0, "2 h ahead of")])
def test_streams_of_different_clocks_are_named_beside_each_other(tmp_path, late, where):
    class Spoilt(Robot):
        def clock(self, topic, second):
            return second - late if topic == "joints" else second

    assert found(tmp_path, Spoilt()) == [
        f"error: /joints: its header stamps are {where} the header stamps of /camera: their clocks differ"
    ]


@pytest.mark.parametrize(("jump", "words"), [(-0.8, "goes back by 0.7 s"), (0.8, "jumps ahead by 0.9 s")])
def test_a_jump_of_the_clock_is_told_where_it_was(tmp_path, jump, words):
    class Spoilt(Robot):
        def clock(self, topic, second):
            return second + jump if topic == "camera" and second >= 4 else second

    assert found(tmp_path, Spoilt()) == [f"warning: /camera at 4.0 s: the clock of its headers {words}"]


def test_a_camera_too_slow_for_the_contract_is_an_error(tmp_path):
    class Spoilt(Robot):
        camera_every = 2

    assert found(tmp_path, Spoilt()) == ["error: /camera: comes at 5 Hz; the contract ticks at 10 Hz"]


def test_actions_that_never_change_are_an_error(tmp_path):
    class Spoilt(Robot):
        command = staticmethod(lambda second: {"data": [0.0, 0.5]})

    (finding,) = found(tmp_path, Spoilt())
    assert finding.startswith("error: /command: 0 (0), 1 (0.5) never changes: what commands do cannot be learnt")


def test_a_state_that_never_changes_is_a_warning(tmp_path):
    class Spoilt(Robot):
        def joints(self, second):
            return {"name": ["a", "b"], "position": [second, 1.5]}

    assert found(tmp_path, Spoilt()) == ["warning: /joints: position.b (1.5) never changes"]


def test_excerpts_find_what_lasts(tmp_path):
    class Spoilt(Robot):
        seconds = 100.0

        def picture(self, second):
            return super().picture(30.0 if 30 <= second <= 70 else second)

    (finding,) = found(tmp_path, Spoilt(), Excerpts(SECOND, 10 * SECOND))
    assert finding == "warning: /camera at 30.0 s: shows the same picture until 70.0 s, while the robot moves"


def test_training_refuses_bags_that_do_not_fit_and_tells_the_rest(tmp_path):
    class Useless(Robot):
        command = staticmethod(lambda second: {"data": [0.0, 0.5]})

    class Odd(Robot):
        def joints(self, second):
            return {"name": ["a", "b"], "position": [second, 1.5]}

    contract, told = Contract.parse(CONTRACT), []
    bags = [Odd().write(tmp_path / "odd"), Robot().write(tmp_path / "good")]
    insist_on_fit(bags, contract, warn=told.append)
    assert told == [f"{bags[0]}: /joints: position.b (1.5) never changes"]
    bags.append(Useless().write(tmp_path / "useless"))
    with pytest.raises(BagError, match=r"useless: /command: .* never changes"):
        insist_on_fit(bags, contract, warn=told.append)
