"""What was recorded can be read, whole or damaged, and nothing recorded is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.rosbag2 import Reader as RosbagsReader

from jepa_ros.data.bags.bag import BagError, BagWriter, read_bag
from jepa_ros.data.bags.excerpts import Excerpts
from jepa_ros.data.bags.messages import Messages

SECOND = 10**9
CONTRACT = "robot_type: demo\nfps: 10\n"
NUMBER = "std_msgs/msg/Int64"
IMAGE = "sensor_msgs/msg/Image"


def noise(index, size=200_000):
    """Pictures that do not compress, so that small bags have many chunks."""
    return np.random.default_rng(index).integers(0, 256, size, np.uint8)


def record(path, count=20, start_ns=0, **options):
    with BagWriter(path, CONTRACT, **options) as writer:
        for index in range(count):
            stamp_ns = start_ns + index * SECOND // 10
            writer.write("camera/image_raw", IMAGE, {"height": index, "data": noise(index)}, stamp_ns)
            writer.write("count", NUMBER, {"data": index}, stamp_ns + 1)
    return path


def numbers(bag):
    return [item.message.data for item in bag.messages(["count"])]


def test_what_is_written_is_read_back_in_order_with_its_stamps(tmp_path):
    with read_bag(record(tmp_path / "run")) as bag:
        items = list(bag.messages(["camera/image_raw", "count"]))
        assert [item.stamp_ns for item in items] == sorted(item.stamp_ns for item in items)
        assert numbers(bag) == list(range(20))
        pictures = [item for item in items if item.topic == "/camera/image_raw"]
        assert all(np.array_equal(item.message.data, noise(index)) for index, item in enumerate(pictures))
        assert bag.damage == []


def test_the_topics_tell_their_type_and_count(tmp_path):
    with read_bag(record(tmp_path / "run")) as bag:
        assert bag.topics["/camera/image_raw"].kind == IMAGE
        assert bag.topics["/count"].count == 20


def test_a_pictures_array_is_a_view_of_the_bags_memory(tmp_path):
    with read_bag(record(tmp_path / "run", count=2)) as bag:
        picture = next(bag.messages(["camera/image_raw"])).message.data
        assert not picture.flags.owndata


def test_the_contract_comes_back_from_the_bag_and_from_its_mcap_file_alone(tmp_path):
    path = record(tmp_path / "run")
    assert read_bag(path).contract_text == CONTRACT
    assert read_bag(path / "run.mcap").contract_text == CONTRACT


def test_a_bag_without_contract_says_so(tmp_path):
    with BagWriter(tmp_path / "run") as writer:
        writer.write("count", NUMBER, {"data": 1}, 5)
    assert read_bag(tmp_path / "run").contract_text is None


def test_other_tools_read_the_bag_and_find_the_contract_latched(tmp_path):
    with RosbagsReader(record(tmp_path / "run")) as reader:
        assert reader.message_count == 41
        latched = next(item for item in reader.connections if item.topic == "/jepa_ros/contract")
        assert latched.ext.offered_qos_profiles[0].durability.name == "TRANSIENT_LOCAL"


@pytest.mark.parametrize(
    ("plugin", "mode"),
    [
        *((StoragePlugin.MCAP, mode) for mode in CompressionMode),
        *((StoragePlugin.SQLITE3, mode) for mode in CompressionMode if mode != CompressionMode.STORAGE),
    ],
)
def test_bags_of_other_recorders_are_read(tmp_path, plugin, mode):
    messages = Messages()
    writer = Writer(tmp_path / "run", version=9, storage_plugin=plugin)
    writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        connection = writer.add_connection("/count", NUMBER, typestore=messages.store)
        for index in range(50):
            writer.write(connection, index, messages.serialize(messages.build(NUMBER, {"data": index})))
    with read_bag(tmp_path / "run") as bag:
        assert numbers(bag) == list(range(50))
        assert bag.topics["/count"].count == 50
        assert bag.damage == []


def test_a_relative_topic_is_found_in_the_robots_namespace(tmp_path):
    with read_bag(record(tmp_path / "run", namespace="left")) as bag:
        assert bag.resolve("count") == "/left/count"
        assert numbers(bag) == list(range(20))
        assert bag.contract_text == CONTRACT


def test_a_topic_in_two_namespaces_wants_the_namespace(tmp_path):
    with BagWriter(tmp_path / "run") as writer:
        for index, name in enumerate(["/left/count", "/right/count"]):
            writer.write(name, NUMBER, {"data": index}, index)
    bag = read_bag(tmp_path / "run")
    with pytest.raises(BagError, match=r"several namespaces .*: /left/count, /right/count"):
        bag.resolve("count")
    assert bag.resolve("count", namespace="right") == "/right/count"


def test_an_unknown_topic_is_named_with_those_that_exist(tmp_path):
    with pytest.raises(BagError, match=r"'gripper' is not in .*/camera/image_raw \(sensor_msgs/msg/Image, 20\), "):
        read_bag(record(tmp_path / "run")).messages(["gripper"])


def test_a_file_that_was_cut_off_gives_what_is_there_and_says_so(tmp_path):
    file = record(tmp_path / "run") / "run.mcap"
    os.truncate(file, file.stat().st_size * 6 // 10)
    bag = read_bag(file)
    found = numbers(bag)
    assert 8 <= len(found) < 20
    assert found == list(range(len(found)))
    assert bag.contract_text == CONTRACT
    assert "the rest is lost" in bag.damage[0]


def test_a_damaged_block_costs_its_chunk_only_and_is_reported(tmp_path):
    file = record(tmp_path / "run") / "run.mcap"
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(64)
    file.write_bytes(content)
    bag = read_bag(tmp_path / "run")
    found = numbers(bag)
    assert 12 <= len(found) < 20
    assert found == sorted(found)
    assert len(bag.damage) == 1
    assert "damaged" in bag.damage[0]


def test_a_bag_without_its_metadata_is_read_from_its_files(tmp_path):
    path = record(tmp_path / "run")
    (path / "metadata.yaml").unlink()
    bag = read_bag(path)
    assert numbers(bag) == list(range(20))
    assert "metadata.yaml is missing" in bag.damage[0]


def test_damaged_metadata_is_reported_and_done_without(tmp_path):
    path = record(tmp_path / "run")
    (path / "metadata.yaml").write_text("rosbag2_bagfile_information: [")
    bag = read_bag(path)
    assert numbers(bag) == list(range(20))
    assert "metadata.yaml is damaged" in bag.damage[0]


def test_a_split_bag_reads_as_one_and_names_a_missing_part(tmp_path):
    whole = tmp_path / "whole"
    whole.mkdir()
    for part in range(2):
        piece = record(tmp_path / f"part{part}", count=10, start_ns=part * SECOND)
        (piece / f"part{part}.mcap").rename(whole / f"part{part}.mcap")
    names = ["part0.mcap", "part1.mcap", "part2.mcap"]
    (whole / "metadata.yaml").write_text(f"rosbag2_bagfile_information: {{relative_file_paths: {names}}}")
    bag = read_bag(whole)
    assert numbers(bag) == [*range(10), *range(10)]
    assert bag.topics["/count"].count == 20
    assert "part2.mcap is missing" in bag.damage[0]


def record_sqlite(path):
    messages = Messages()
    with Writer(path, version=8, storage_plugin=StoragePlugin.SQLITE3) as writer:
        connection = writer.add_connection("/camera/image_raw", IMAGE, typestore=messages.store)
        for index in range(50):
            picture = messages.build(IMAGE, {"height": index, "data": noise(index, 20_000)})
            writer.write(connection, index, messages.serialize(picture))
    return path / f"{path.name}.db3"


def cut_off(file):
    os.truncate(file, file.stat().st_size // 2)


def blank_out(file):
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 5000] = bytes(5000)
    file.write_bytes(content)


@pytest.mark.parametrize("harm", [cut_off, blank_out])
def test_a_damaged_sqlite_bag_gives_what_is_there_and_says_so(tmp_path, harm):
    harm(record_sqlite(tmp_path / "run"))
    bag = read_bag(tmp_path / "run")
    heights = [item.message.height for item in bag.messages(["camera/image_raw"])]
    assert heights == list(range(len(heights)))
    assert 20 <= len(heights) < 50
    assert "run.db3: damaged after stamp" in bag.damage[-1]


@pytest.mark.parametrize("content", [b"", b"not a bag at all", b"\x89MCAP0\r\n"])
@pytest.mark.parametrize("name", ["thing.mcap", "thing.db3"])
def test_a_file_that_is_no_bag_is_refused_by_name(tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(BagError, match=rf"{name} is not a bag that can be read"):
        read_bag(file)


def test_a_message_that_cannot_be_decoded_is_left_out_and_reported(tmp_path):
    with BagWriter(tmp_path / "run") as writer:
        writer.write("count", NUMBER, {"data": 1}, 1)
        writer.write_serialized("count", NUMBER, b"\0\1\0\0\7", 2)
        writer.write("count", NUMBER, {"data": 3}, 3)
    bag = read_bag(tmp_path / "run")
    assert numbers(bag) == [1, 3]
    assert "/count at stamp 2 ns" in bag.damage[0]


def test_a_bag_is_never_overwritten(tmp_path):
    path = record(tmp_path / "run", count=1)
    with pytest.raises(BagError, match="exists already"):
        BagWriter(path)


def test_a_topic_keeps_its_type(tmp_path):
    with BagWriter(tmp_path / "run") as writer:
        writer.write("count", NUMBER, {"data": 1}, 1)
        with pytest.raises(BagError, match="/count carries std_msgs/msg/Int64, not std_msgs/msg/String"):
            writer.write("count", "std_msgs/msg/String", {"data": "1"}, 2)


def fail_while_recording(path):
    with BagWriter(path, CONTRACT) as writer:
        writer.write("count", NUMBER, {"data": 7}, 1)
        raise RuntimeError("the camera fell off")


def test_a_recording_that_fails_stays_aside_readable_and_is_named(tmp_path):
    path = tmp_path / "run"
    with pytest.raises(RuntimeError):
        fail_while_recording(path)
    assert not path.exists()
    with pytest.raises(BagError, match=r"does not exist; an unfinished recording of it is at .*run\.partial"):
        read_bag(path)
    assert numbers(read_bag(tmp_path / "run.partial" / "run")) == [7]


def test_recording_anew_keeps_what_an_earlier_one_left_unfinished(tmp_path):
    for _ in range(2):
        with pytest.raises(RuntimeError):
            fail_while_recording(tmp_path / "run")
    record(tmp_path / "run", count=1)
    assert (tmp_path / "run.partial" / "run").exists()
    assert (tmp_path / "run.partial2" / "run").exists()
    assert numbers(read_bag(tmp_path / "run")) == [0]


def test_a_killed_recording_loses_no_more_than_its_last_second(tmp_path):
    script = """
        import os, signal, sys
        from jepa_ros.data.bags.bag import BagWriter
        writer = BagWriter(sys.argv[1], "robot_type: demo")
        for index in range(100):
            writer.write("count", "std_msgs/msg/Int64", {"data": index}, index * 10**8)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    path = tmp_path / "run"
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script), str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    bag = read_bag(tmp_path / "run.partial" / "run")
    assert numbers(bag) == list(range(len(numbers(bag))))
    assert len(numbers(bag)) >= 90
    assert bag.contract_text == "robot_type: demo"


@pytest.mark.parametrize("plugin", StoragePlugin)
def test_excerpts_are_the_begin_of_every_stretch_of_time(tmp_path, plugin):
    messages = Messages()
    with Writer(tmp_path / "run", version=9, storage_plugin=plugin) as writer:
        connection = writer.add_connection("/count", NUMBER, typestore=messages.store)
        for index in range(40):
            writer.write(connection, index * SECOND, messages.serialize(messages.build(NUMBER, {"data": index})))
    with read_bag(tmp_path / "run") as bag:
        found = [item.message.data for item in bag.messages(["count"], Excerpts(2 * SECOND, 15 * SECOND))]
    assert found == [0, 1, 15, 16, 30, 31]
