"""Bags become stretches of aligned frames; what has a gap is split, never filled."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from jepa_ros.contract import Aligner, Contract, decode_image, read_values
from jepa_ros.data.bags.bag import BagError, BagWriter, read_bag
from jepa_ros.data.episodes import load_episodes
from jepa_ros.data.recording import RecordingError

SECOND = 10**9
MILLI = 10**6

CAMERA_ARM = """
robot_type: arm
robot_interface: ros2
fps: 10
observations:
  observation.images.top:
    channel: {topic: camera/image_raw, type: sensor_msgs/msg/Image}
    align: {strategy: asof, timeline: header, tolerance_ms: 150}
    apply: [resize: [4, 6]]
  observation.state:
    channel: {topic: joint_states, type: sensor_msgs/msg/JointState}
    align: {strategy: asof, timeline: header, tolerance_ms: 150}
    select: [position.a, position.b]
actions:
  action:
    channel: {topic: command, type: std_msgs/msg/Float64MultiArray, safety: zeros}
    align: {strategy: asof, timeline: receive, tolerance_ms: 300}
    select: ["0", "1"]
"""

PROCESS = """
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


def header(stamp_ns):
    return {"stamp": {"sec": stamp_ns // SECOND, "nanosec": stamp_ns % SECOND}, "frame_id": ""}


def joints(stamp_ns, name=("a", "b")):
    """Position a is the time in seconds, b its negative, so that every state tells its stamp."""
    value = {"a": stamp_ns / SECOND, "b": -stamp_ns / SECOND}
    fields = {"header": header(stamp_ns), "name": list(name), "position": [value[joint] for joint in name]}
    return "joint_states", "sensor_msgs/msg/JointState", fields


def picture(stamp_ns, index, size=(8, 12)):
    """Every picture is plain grey and tells its index."""
    height, width = size
    fields = {
        "header": header(stamp_ns),
        "height": height,
        "width": width,
        "encoding": "rgb8",
        "step": 3 * width,
        "data": np.full(height * width * 3, index % 256, np.uint8),
    }
    return "camera/image_raw", "sensor_msgs/msg/Image", fields


def command(first, second):
    return "command", "std_msgs/msg/Float64MultiArray", {"data": [first, second]}


@dataclass
class Recording:
    """Messages of a camera at 30 Hz, joints at 100 Hz and commands at 10 Hz, to be spoilt by each test."""

    seconds: float = 3.0
    start_ns: int = 100 * SECOND
    latency_ns: int = 4 * MILLI
    items: list = field(default_factory=list)

    def __post_init__(self):
        end_ns = round(self.seconds * SECOND)
        for index in range(round(30 * self.seconds)):
            offset = index * SECOND // 30
            self.add(offset + self.latency_ns, picture(self.start_ns + offset, index))
        for offset in range(0, end_ns, SECOND // 100):
            self.add(offset, joints(self.start_ns + offset))
        for index, offset in enumerate(range(0, end_ns, SECOND // 10)):
            self.add(offset, command(float(index), -float(index)))

    def add(self, offset_ns, message):
        self.items.append((self.start_ns + offset_ns, message))

    def drop(self, topic, first, last):
        """Silence a topic between two times in seconds."""
        begin, end = self.start_ns + first * SECOND, self.start_ns + last * SECOND
        self.items = [item for item in self.items if item[1][0] != topic or not begin <= item[0] < end]

    def write(self, path, text=CAMERA_ARM):
        with BagWriter(path, text) as writer:
            for stamp_ns, message in sorted(self.items, key=lambda item: item[0]):
                writer.write(*message, stamp_ns)
        return path


@pytest.fixture
def contract():
    return Contract.parse(CAMERA_ARM)


def silent(_):
    """For tests that do not look at warnings."""


def test_a_recording_without_gaps_is_one_episode_at_the_cameras_rate(tmp_path, contract):
    (episode,) = load_episodes(Recording().write(tmp_path / "run"), contract)
    # The last command holds to the last frame, so only the frame count limits the actions
    assert len(episode) == 90
    assert episode.stride == 3
    assert episode.images["observation.images.top"].shape == (90, 4, 6, 3)
    assert episode.images["observation.images.top"].dtype == np.uint8
    assert episode.state.shape == (90, 2)
    assert episode.actions.shape == (87, 2)
    assert episode.state.dtype == episode.actions.dtype == np.float32
    assert np.all(np.diff(episode.stamps_ns) > 0)


def test_every_frame_has_its_own_picture_and_the_newest_state_before_it(tmp_path, contract):
    (episode,) = load_episodes(Recording().write(tmp_path / "run"), contract)
    assert np.array_equal(episode.images["observation.images.top"][:, 0, 0, 0], np.arange(90))
    age = episode.stamps_ns / SECOND - episode.state[:, 0]
    assert age.min() >= -1e-5
    assert age.max() <= 0.0101


def test_actions_are_the_mean_command_of_the_period_that_follows(tmp_path, contract):
    (episode,) = load_episodes(Recording().write(tmp_path / "run"), contract)
    times = (episode.stamps_ns - episode.stamps_ns[0]) / SECOND
    # Command k holds in [k/10, (k+1)/10), so the mean over 0.1 s is k plus the share that k + 1 has of it
    tenth, rest = np.divmod(times[:-3] * 10 + 1e-7, 1)
    wanted = tenth + np.where(tenth < 29, rest, 0)
    assert episode.actions[:, 0] == pytest.approx(wanted, abs=1e-4)
    assert episode.actions[:, 1] == pytest.approx(-episode.actions[:, 0])


def test_a_bag_gives_what_the_live_aligner_gives_frame_for_frame(tmp_path, contract):
    path = Recording().write(tmp_path / "run")
    (episode,) = load_episodes(path, contract)
    aligner, live = Aligner(contract), []
    for item in read_bag(path).messages(["camera/image_raw", "joint_states"]):
        stamp = item.message.header.stamp
        header_ns = stamp.sec * SECOND + stamp.nanosec
        if item.topic == "/joint_states":
            values = read_values(contract.observations["observation.state"], item.message)
            aligner.push("observation.state", values, item.stamp_ns, header_ns)
        else:
            aligner.push("observation.images.top", decode_image(item.message), item.stamp_ns, header_ns)
            live.append(aligner.sample(header_ns))
    assert np.array_equal([tick.stamp_ns for tick in live], episode.stamps_ns)
    assert np.array_equal([tick.state for tick in live], episode.state)
    pictures = [tick.images["observation.images.top"] for tick in live]
    assert np.array_equal(pictures, episode.images["observation.images.top"])


def test_silent_joints_split_the_recording_and_are_reported(tmp_path, contract):
    recording = Recording(seconds=4.0)
    recording.drop("joint_states", 1.5, 2.5)
    told = []
    first, second = load_episodes(recording.write(tmp_path / "run"), contract, warn=told.append)
    # The tolerance of 150 ms bridges the begin of the silence
    assert (first.stamps_ns[-1] - recording.start_ns) / SECOND == pytest.approx(1.64, abs=0.035)
    assert (second.stamps_ns[0] - recording.start_ns) / SECOND == pytest.approx(2.5, abs=0.035)
    assert any("joint_states was silent" in sentence for sentence in told)


def test_lost_pictures_split_the_recording(tmp_path, contract):
    recording = Recording(seconds=4.0)
    recording.drop("camera/image_raw", 2.0, 2.05)
    first, second = load_episodes(recording.write(tmp_path / "run"), contract)
    assert second.stamps_ns[0] - first.stamps_ns[-1] > 1.5 * SECOND / 30


def test_frames_without_a_command_in_force_start_no_step(tmp_path, contract):
    recording = Recording(seconds=4.0)
    recording.drop("command", 1.0, 2.0)
    first, second = load_episodes(recording.write(tmp_path / "run"), contract)
    # The command of 0.9 s is in force for its tolerance of 300 ms
    assert (first.stamps_ns[-1] - recording.start_ns) / SECOND <= 1.2
    assert (second.stamps_ns[0] - recording.start_ns) / SECOND == pytest.approx(2.0, abs=0.035)
    for episode in (first, second):
        assert len(episode.actions) == len(episode) - episode.stride


def test_messages_that_cannot_be_read_are_left_out_and_counted(tmp_path, contract):
    recording = Recording()
    for offset in range(5):
        recording.add(SECOND + offset, joints(recording.start_ns + SECOND + offset, name=("a",)))
    told = []
    (episode,) = load_episodes(recording.write(tmp_path / "run"), contract, warn=told.append)
    assert len(episode) == 90
    assert any("5 samples were refused" in sentence and "position.b" in sentence for sentence in told)


def test_joint_states_of_another_publisher_are_passed_over_in_silence(tmp_path, contract):
    recording = Recording()
    gripper = {"header": header(recording.start_ns + SECOND), "name": ["finger"], "position": [0.1]}
    recording.add(SECOND, ("joint_states", "sensor_msgs/msg/JointState", gripper))
    told = []
    (episode,) = load_episodes(recording.write(tmp_path / "run"), contract, warn=told.append)
    assert len(episode) == 90
    assert told == []


def test_a_simulation_that_starts_over_while_it_is_recorded_starts_a_new_episode(tmp_path):
    text = CAMERA_ARM.replace("std_msgs/msg/Float64MultiArray", "sensor_msgs/msg/JointState")
    text = text.replace('select: ["0", "1"]', "select: [velocity.a, velocity.b]").replace("receive", "header")
    recording = Recording()
    recording.drop("command", 0, 10)
    for offset in range(0, 3 * SECOND, SECOND // 10):
        fields = {"header": header(recording.start_ns + offset), "name": ["a", "b"], "velocity": [1.0, 2.0]}
        recording.add(offset, ("command", "sensor_msgs/msg/JointState", fields))
    # The second time the recorder's clock has gone on, the robot's has not
    recording.items += [(stamp_ns + 60 * SECOND, message) for stamp_ns, message in recording.items]
    first, second = load_episodes(recording.write(tmp_path / "run", text), Contract.parse(text))
    assert first.stamps_ns[0] == second.stamps_ns[0] == recording.start_ns
    assert np.array_equal(first.state, second.state)
    assert np.array_equal(first.actions, second.actions)


def test_pictures_that_come_late_or_twice_are_not_frames(tmp_path, contract):
    recording = Recording()
    recording.add(SECOND + 20 * MILLI, picture(recording.start_ns + SECOND // 2, 7))
    (episode,) = load_episodes(recording.write(tmp_path / "run"), contract)
    assert len(episode) == 90


def test_a_camera_that_does_not_fit_the_rate_is_told(tmp_path, contract):
    recording = Recording()
    recording.items = [item for item in recording.items if item[1][0] != "camera/image_raw"]
    for index, offset in enumerate(range(0, 3 * SECOND, SECOND // 25)):
        recording.add(offset, picture(recording.start_ns + offset, index))
    told = []
    (episode,) = load_episodes(recording.write(tmp_path / "run"), contract, warn=told.append)
    assert episode.stride == 2
    assert any("25.0 Hz: no number of frames makes a period of 0.1 s, a step lasts 0.080 s" in item for item in told)


def test_several_bags_and_folders_of_bags_load_in_order(tmp_path, contract):
    for index in range(3):
        Recording(seconds=1.0, start_ns=(100 + index) * SECOND).write(tmp_path / f"run{index}")
    episodes = load_episodes(tmp_path, contract)
    assert [episode.stamps_ns[0] // SECOND for episode in episodes] == [100, 101, 102]
    assert [episode.source for episode in episodes] == [str(tmp_path / f"run{index}") for index in range(3)]


def test_a_damaged_bag_gives_the_episodes_that_are_whole_and_says_so(tmp_path, contract):
    recording = Recording(seconds=6.0)
    recording.items = [item for item in recording.items if item[1][0] != "camera/image_raw"]
    grain = np.random.default_rng(0)
    for index, offset in enumerate(range(0, 6 * SECOND, SECOND // 30 + 1)):
        topic, kind, fields = picture(recording.start_ns + offset, index, size=(100, 120))
        fields["data"] = grain.integers(0, 256, 36000, np.uint8)
        recording.add(offset, (topic, kind, fields))
    file = recording.write(tmp_path / "run") / "run.mcap"
    content = bytearray(file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 50] = bytes(50)
    file.write_bytes(content)
    told = []
    episodes = load_episodes(tmp_path / "run", contract, warn=told.append)
    assert len(episodes) == 2
    assert 120 <= sum(map(len, episodes)) < 180
    assert any("damaged" in sentence for sentence in told)


def test_progress_goes_up_to_the_end(tmp_path, contract):
    seen = []
    load_episodes(
        Recording().write(tmp_path / "run"), contract, progress=lambda done, total: seen.append((done, total))
    )
    assert seen[-1] == (420, 420)
    assert seen == sorted(seen)


def test_a_missing_topic_is_named_with_those_that_exist(tmp_path, contract):
    recording = Recording()
    recording.drop("command", 0, 10)
    with pytest.raises(BagError, match=r"topic 'command' is not in .*/camera/image_raw.*/joint_states"):
        load_episodes(recording.write(tmp_path / "run"), contract)


def test_a_bag_without_one_episode_says_why(tmp_path, contract):
    recording = Recording()
    recording.drop("joint_states", 0, 2.98)
    with pytest.raises(RecordingError, match=r"no episode in .*joint_states was silent"):
        load_episodes(recording.write(tmp_path / "run"), contract, warn=silent)


def test_a_bag_of_another_robot_is_told(tmp_path, contract):
    other = CAMERA_ARM.replace("fps: 10", "fps: 20")
    told = []
    load_episodes(Recording().write(tmp_path / "run", other), contract, warn=told.append)
    assert any("recorded under another contract" in sentence and "ticks per second" in sentence for sentence in told)


def test_without_a_camera_ticks_come_at_the_contracts_rate(tmp_path):
    with BagWriter(tmp_path / "run", PROCESS) as writer:
        for index in range(200):
            stamp_ns = 100 * SECOND + index * SECOND // 20
            writer.write("level", "std_msgs/msg/Float64", {"data": index / 20}, stamp_ns)
            if index % 4 == 0:
                writer.write("valve", "std_msgs/msg/Float64", {"data": float(index // 4)}, stamp_ns)
    (episode,) = load_episodes(tmp_path / "run", Contract.parse(PROCESS))
    assert episode.images == {}
    assert episode.stride == 1
    assert np.all(np.diff(episode.stamps_ns) == SECOND // 5)
    assert len(episode) >= 48
    ages = (episode.stamps_ns - 100 * SECOND) / SECOND - episode.state[:, 0]
    assert np.all((ages > -1e-6) & (ages < 0.051))
