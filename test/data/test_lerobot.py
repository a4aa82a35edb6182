"""A LeRobot dataset is training data like a bag: same alignment, matched by name, damage left out and told."""

from __future__ import annotations

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from jepa_ros.contract import Contract
from jepa_ros.data.episodes import load_episodes
from jepa_ros.data.lerobot.information import DatasetError
from jepa_ros.data.recording import RecordingError

TOP, WRIST, STATE, ACTION = "observation.images.top", "observation.images.wrist", "observation.state", "action"
ARM = """
robot_type: arm
robot_interface: ros2
fps: 10
observations:
  observation.images.top:
    channel: {topic: camera/image_raw, type: sensor_msgs/msg/Image}
    align: {strategy: asof, timeline: header, tolerance_ms: 150}
    apply: [resize: [8, 8]]
  observation.state:
    channel: {topic: joint_states, type: sensor_msgs/msg/JointState}
    align: {strategy: asof, timeline: header, tolerance_ms: 150}
    select: [position.a, position.b]
actions:
  action:
    channel: {topic: command, type: trajectory_msgs/msg/JointTrajectory, safety: hold}
    align: {strategy: asof, timeline: receive, tolerance_ms: 300}
    select: [velocity.a, velocity.b]
"""
NAMES = {STATE: ["position.b", "position.c", "position.a"], ACTION: ["velocity.a", "velocity.b"]}


@pytest.fixture
def arm():
    return Contract.parse(ARM)


def silent(_):
    """For tests that do not look at warnings."""


def episode(rows=40, number=0, cameras=(TOP,)):
    """Row t has joint a at t, b at -t and c at 99; its picture has the grey 4 t, and all start at 1000 x number."""
    t = np.arange(rows, dtype=float)
    grey = np.broadcast_to((4 * t).astype(np.uint8)[:, None, None, None], (rows, 16, 16, 3))
    columns = {name: grey + np.uint8(index) for index, name in enumerate(cameras)}
    a = 1000.0 * number + t
    return {**columns, STATE: np.stack([-a, 0 * t + 99, a], 1), ACTION: np.stack([a / 8, -a / 8], 1)}


@pytest.fixture
def dataset(tmp_path, dataset_writer):
    """Three episodes in two files."""
    return dataset_writer(tmp_path / "set", names=NAMES).write([episode(number=number) for number in range(3)])


def table_of(path, number=0):
    return path / f"data/chunk-{number:03d}/file-000.parquet"


def video_of(path, number=0):
    return path / f"videos/{TOP}/chunk-{number:03d}/file-000.mp4"


def change(file, alter):
    """Rewrite a table after `alter` has changed its rows."""
    table = pq.read_table(file)
    rows = table.to_pylist()
    alter(rows)
    pq.write_table(type(table).from_pylist(rows, schema=table.schema), file)


def change_information(path, **changes):
    file = path / "meta/info.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_episodes_are_the_datasets_with_numbers_by_name_and_pictures_by_time(dataset, arm):
    told = []
    episodes = load_episodes(dataset, arm, warn=told.append)
    assert told == []
    assert [len(found) for found in episodes] == [40, 40, 40]
    for number, found in enumerate(episodes):
        a = 1000 * number + np.arange(40)
        assert np.array_equal(found.state, np.stack([a, -a], 1))
        # The action of a row is in force until the next row's
        assert found.actions == pytest.approx(np.stack([a, -a], 1)[:-1] / 8, rel=1e-4)
        assert found.images[TOP].shape == (40, 8, 8, 3)
        assert np.abs(found.images[TOP][:, 0, 0, 0] - 4.0 * np.arange(40)).max() <= 1
        assert (found.stride, found.source) == (1, str(dataset))


@pytest.mark.parametrize(("pictures", "most"), [("image", 0), ("video", 16)])
def test_a_recording_kept_as_a_dataset_gives_what_the_bag_gives(
    tmp_path, dataset_writer, contract, minute_rows, episodes, pictures, most
):
    (bag,) = episodes
    ticks = slice(None, None, bag.stride)
    names = {STATE: contract.state_names, ACTION: contract.action_names}
    path = dataset_writer(tmp_path / "set", contract.fps, names, pictures).write([minute_rows])
    (found,) = load_episodes(path, contract)
    assert (len(found), found.stride) == (601, 1)
    assert np.array_equal(found.state, bag.state[ticks])
    assert found.actions == pytest.approx(bag.actions[ticks], abs=1e-4)
    assert found.stamps_ns == pytest.approx(bag.stamps_ns[ticks], abs=1e4)
    assert np.abs(found.images[TOP].astype(int) - bag.images[TOP][ticks]).max() <= most


def test_several_cameras_each_keep_their_pictures(tmp_path, dataset_writer, arm):
    path = dataset_writer(tmp_path / "set", names=NAMES).write([episode(cameras=(WRIST, TOP))])
    both = ARM.replace("  observation.state", f"  {WRIST}: {{{camera('wrist')}}}\n  observation.state")
    (found,) = load_episodes(path, Contract.parse(both))
    difference = found.images[TOP].astype(int) - found.images[WRIST]
    assert np.median(difference) == 1


def camera(name):
    channel = f"channel: {{topic: {name}/image_raw, type: sensor_msgs/msg/Image}}"
    return f"{channel}, align: {{strategy: hold, timeline: header}}, apply: [resize: [8, 8]]"


def test_more_rows_than_ticks_make_a_stride(tmp_path, dataset_writer, arm):
    path = dataset_writer(tmp_path / "set", fps=30, names=NAMES).write([episode(rows=60)])
    (found,) = load_episodes(path, arm)
    assert (len(found), found.stride, len(found.actions)) == (60, 3, 57)
    assert found.actions[:, 0] == pytest.approx((np.arange(57) + 1) / 8, rel=1e-3)


def test_a_machine_without_a_camera_has_a_frame_per_row(tmp_path, dataset_writer):
    before, _, rest = ARM.partition("  observation.images.top")
    text = before + "  observation.state" + rest.partition("  observation.state")[2]
    columns = episode()
    del columns[TOP]
    path = dataset_writer(tmp_path / "set", fps=30, names=NAMES).write([columns])
    (found,) = load_episodes(path, Contract.parse(text))
    assert np.array_equal(found.state[:, 0], np.arange(40))
    assert found.stride == 3


def test_a_feature_without_names_is_taken_in_order_and_told(tmp_path, dataset_writer, arm):
    columns = {**episode(), STATE: episode()[ACTION]}
    path = dataset_writer(tmp_path / "set", names={ACTION: {"motors": NAMES[ACTION]}}).write([columns])
    told = []
    (found,) = load_episodes(path, arm, warn=told.append)
    assert found.state[:, 0] == pytest.approx(np.arange(40) / 8)
    assert [item for item in told if "has no names" in item] == [
        f"{path}: {STATE} has no names; its 2 numbers are taken for position.a, position.b"
    ]


def test_lerobots_own_names_of_motors_are_known_and_told(tmp_path, dataset_writer, arm):
    names = {STATE: ["b.pos", "c.pos", "a.pos"], ACTION: {"a.vel": 0, "b.vel": 1}}
    told = []
    (found,) = load_episodes(dataset_writer(tmp_path / "set", names=names).write([episode()]), arm, warn=told.append)
    assert np.array_equal(found.state[:, 0], np.arange(40))
    assert any("a.pos, b.pos taken for position.a, position.b, in the contract's units" in item for item in told)


def test_names_with_a_part_of_their_topic_are_told_apart_by_it(tmp_path, dataset_writer):
    topic = "topic: joint_states, type: sensor_msgs/msg/JointState}"
    both = f"""
  observation.state:
    - channel: {{{topic.replace("joint", "left/joint")}
      align: {{strategy: hold, timeline: header}}
      select: [position.a]
    - channel: {{{topic.replace("joint", "right/joint")}
      align: {{strategy: hold, timeline: header}}
      select: [position.a]
"""
    text = ARM[: ARM.index("\n  observation.state")] + both + ARM[ARM.index("actions:") :]
    names = {**NAMES, STATE: ["right.position.a", "idle.position.a", "left.position.a"]}
    (found,) = load_episodes(dataset_writer(tmp_path / "set", names=names).write([episode()]), Contract.parse(text))
    assert np.array_equal(found.state, np.stack([np.arange(40), -np.arange(40)], 1))


def test_all_that_is_missing_is_named_with_what_there_is(tmp_path, dataset_writer, arm):
    names = {**NAMES, STATE: ["position.b", "position.c", "position.d"]}
    path = dataset_writer(tmp_path / "set", names=names).write([episode(cameras=(WRIST,))])
    with pytest.raises(DatasetError) as caught:
        load_episodes(path, arm)
    assert (
        f"lacks the feature {TOP}; position.a under {STATE}. It has {WRIST} (video 16×16×3); {STATE} (position.b, "
        in (str(caught.value))
    )


def test_fewer_rows_than_ticks_are_refused(tmp_path, dataset_writer, arm):
    path = dataset_writer(tmp_path / "set", fps=4, names=NAMES).write([episode()])
    with pytest.raises(DatasetError, match=r"4 rows per second, fewer than the 10 ticks of the contract"):
        load_episodes(path, arm)


def test_an_older_version_is_refused_with_the_way_to_convert_it(dataset, arm):
    change_information(dataset, codebase_version="v2.1")
    with pytest.raises(DatasetError, match=r"version v2\.1; v3\.0 can be read; LeRobot converts .*v21_to_v30"):
        load_episodes(dataset, arm)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fps": 0}, "fps: Input should be greater than 0"),
        ({"features": {TOP: {"dtype": "video"}}}, "shape: Field required"),
        ({"data_path": "data/{nothing}"}, "data_path or video_path is no pattern"),
        ({"codebase_version": "v4.0"}, "version v4.0; v3.0 can be read"),
    ],
)
def test_information_that_is_wrong_is_refused(dataset, arm, changes, message):
    change_information(dataset, **changes)
    with pytest.raises(DatasetError, match=message):
        load_episodes(dataset, arm)


def test_a_missing_video_takes_its_episodes_with_it(dataset, arm):
    video_of(dataset).unlink()
    told = []
    (found,) = load_episodes(dataset, arm, warn=told.append)
    assert found.state[0, 0] == 2000
    assert f"{dataset}: {video_of(dataset)} is missing: 2 episodes are left out" in told


def test_a_video_that_is_cut_off_is_no_video(dataset, arm):
    content = video_of(dataset).read_bytes()
    video_of(dataset).write_bytes(content[: len(content) // 2])
    told = []
    (found,) = load_episodes(dataset, arm, warn=told.append)
    assert found.state[0, 0] == 2000
    assert any("cannot be read as a video" in item and "2 episodes are left out" in item for item in told)


def test_damaged_pictures_are_gaps_and_told(tmp_path, dataset_writer, arm):
    grain = np.random.default_rng(0).integers(0, 256, (40, 64, 64, 3), np.uint8)
    path = dataset_writer(tmp_path / "set", names=NAMES).write([{**episode(), TOP: grain}])
    content = bytearray(video_of(path).read_bytes())
    begin, length = len(content) // 2, len(content) // 5
    content[begin : begin + length] = bytes(length)
    video_of(path).write_bytes(content)
    told = []
    found = load_episodes(path, arm, warn=told.append)
    assert 20 <= sum(map(len, found)) < 40
    assert any("samples were refused" in item and "has no picture at" in item for item in told)


def test_a_table_that_is_cut_off_takes_its_episodes_with_it(dataset, arm):
    content = table_of(dataset).read_bytes()
    table_of(dataset).write_bytes(content[: len(content) // 2])
    told = []
    (found,) = load_episodes(dataset, arm, warn=told.append)
    assert found.state[0, 0] == 2000
    assert any(f"{table_of(dataset)} is damaged" in item for item in told)
    assert any("2 episodes are left out" in item for item in told)


def test_rows_that_are_missing_are_told(dataset, arm):
    change(table_of(dataset), lambda rows: rows.__delitem__(slice(30, 40)))
    told = []
    episodes = load_episodes(dataset, arm, warn=told.append)
    assert [len(found) for found in episodes] == [30, 40, 40]
    assert f"{dataset}: episode 0: 30 of 40 rows can be read" in told


def test_numbers_that_are_none_are_refused_one_by_one(dataset, arm):
    def spoil(rows):
        for row in rows[10:15]:
            row[STATE] = [0.0, 0.0, float("nan")]
        rows[20][STATE] = [0.0]
        rows[25][STATE] = None

    change(table_of(dataset), spoil)
    told = []
    episodes = load_episodes(dataset, arm, warn=told.append)
    # The contract's tolerance of 150 ms bridges one row
    assert [len(found) for found in episodes] == [11, 25, 40, 40]
    assert f"{dataset}: 7 samples were refused: {STATE}: position.a is nan, not a finite number" in told


def test_a_dataset_without_one_episode_that_can_be_read_says_why(dataset, arm):
    table_of(dataset).unlink()
    table_of(dataset, 1).unlink()
    with pytest.raises(RecordingError, match=r"no episode in .*set: .*file-000.parquet is missing"):
        load_episodes(dataset, arm, warn=silent)
    for file in (dataset / "meta/episodes").rglob("*.parquet"):
        file.write_bytes(b"PAR1")
    with pytest.raises(DatasetError, match=r"has no episode that can be read: .*is damaged"):
        load_episodes(dataset, arm, warn=silent)
