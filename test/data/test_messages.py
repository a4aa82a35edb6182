"""Messages are built from plain fields and survive the way through bytes."""

from __future__ import annotations

import numpy as np
import pytest

from jepa_ros.data.bags.messages import MessageError, Messages


def through_bytes(messages, kind, fields):
    return messages.deserialize(kind, messages.serialize(messages.build(kind, fields)))


def test_nested_fields_lists_of_messages_and_numbers_come_back():
    point = {"positions": [1.0, 2.0], "time_from_start": {"sec": 1, "nanosec": 5}}
    fields = {"joint_names": ["a", "b"], "points": [point, {}]}
    message = through_bytes(Messages(), "trajectory_msgs/msg/JointTrajectory", fields)
    assert message.joint_names == ["a", "b"]
    assert list(message.points[0].positions) == [1.0, 2.0]
    assert message.points[0].time_from_start.nanosec == 5
    assert len(message.points[1].positions) == 0


def test_what_is_not_given_is_zero_or_empty():
    message = through_bytes(Messages(), "sensor_msgs/msg/Imu", {})
    assert message.header.frame_id == ""
    assert list(message.orientation_covariance) == [0.0] * 9
    assert message.linear_acceleration.z == 0.0


def test_picture_bytes_may_be_an_array_or_any_buffer():
    pixels = np.arange(12, dtype=np.uint8)
    for data in (pixels, bytes(pixels), memoryview(pixels), list(pixels)):
        message = through_bytes(Messages(), "sensor_msgs/msg/Image", {"data": data})
        assert np.array_equal(message.data, pixels)


def test_arrays_read_are_views_not_copies():
    messages = Messages()
    data = messages.serialize(messages.build("sensor_msgs/msg/Image", {"data": bytes(1000)}))
    image = messages.deserialize("sensor_msgs/msg/Image", data)
    assert np.shares_memory(image.data, np.frombuffer(data, np.uint8))


@pytest.mark.parametrize(
    ("kind", "fields", "reason"),
    [
        ("nothing_msgs/msg/Nothing", {}, "'nothing_msgs/msg/Nothing' is not known"),
        ("sensor_msgs/msg/JointState", {"positions": []}, "no field 'positions'; it has .*'position'"),
        ("sensor_msgs/msg/JointState", {"position": ["fast"]}, "cannot hold"),
        ("sensor_msgs/msg/Imu", {"orientation_covariance": [1.0]}, "wanted 9 numbers, found 1"),
    ],
)
def test_fields_that_do_not_fit_are_refused_with_the_reason(kind, fields, reason):
    with pytest.raises(MessageError, match=reason):
        Messages().build(kind, fields)


def test_bytes_that_are_no_such_message_are_refused():
    with pytest.raises(MessageError, match="are no sensor_msgs/msg/JointState"):
        Messages().deserialize("sensor_msgs/msg/JointState", b"\0\1\0\0\xff\xff\xff\xff")


def test_a_type_of_ones_own_is_known_once_it_is_defined():
    messages = Messages({"my_msgs/msg/Grip": "std_msgs/Header header\nfloat32 force\nuint8[3] fingers\n"})
    message = through_bytes(messages, "my_msgs/msg/Grip", {"force": 1.5, "fingers": [1, 2, 3]})
    assert message.force == 1.5
    assert list(message.fingers) == [1, 2, 3]


def test_a_definition_that_cannot_be_read_is_told_and_the_common_one_serves():
    messages = Messages({"std_msgs/msg/Int64": "int64 -ata\n", "my_msgs/msg/Grip": "float32 force\n"})
    assert through_bytes(messages, "std_msgs/msg/Int64", {"data": 4}).data == 4
    assert through_bytes(messages, "my_msgs/msg/Grip", {"force": 1.5}).force == 1.5
    assert "definition of std_msgs/msg/Int64 cannot be read" in messages.problems[0]
