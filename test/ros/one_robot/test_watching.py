"""What a planner shows of a motion to those who look."""

from __future__ import annotations

import numpy as np
import pytest
from harness.goals import assert_reached, be, image_at, see
from harness.graph import PATIENCE, Listener
from harness.robot import CAMERA
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image
from visualization_msgs.msg import MarkerArray

from jepa_ros.contract import decode_image, resize_image
from jepa_ros.ros.client.client import image_goal, wait_for
from jepa_ros.ros.wire.distance_chart import AXIS, PAST
from jepa_ros.ros.wire.markers import HEIGHT, WIDTH
from jepa_ros.ros.wire.motion_image import FIELD, GOAL, NEUTRAL, PLOT, SEEN, TOP, fit

THERE = (0.9, -0.1)
FAR = (-1.6, 1.6)
HORIZON, TOLERANCE = 8, 0.05


@pytest.fixture
def pictures(stack):
    listener = Listener(stack.node, Image, "planner/debug/image", qos_profile_sensor_data)
    wait_for(lambda: stack.node.count_publishers("/arm/planner/debug/image") == 1, PATIENCE, "who shows motions")
    yield listener
    listener.close()


@pytest.fixture
def markers(stack):
    listener = Listener(stack.node, MarkerArray, "planner/markers")
    yield listener
    listener.close()


def pixels(message: Image) -> np.ndarray:
    assert message.encoding == "rgb8"
    return np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 3)


def field(message: Image, left: int) -> np.ndarray:
    return pixels(message)[TOP : TOP + FIELD, left : left + FIELD]


def small(image: Image) -> np.ndarray:
    """A picture as the model sees it, in its field."""
    return fit(resize_image(decode_image(image), (64, 64)))


def reach(message: Image) -> int:
    """How far to the right the curve of the past has come."""
    return np.nonzero((pixels(message)[:, PLOT:] == PAST).all(axis=-1))[1].max()


@pytest.fixture
def move(operator):
    """Sends goals, and ends their motions after the test."""
    motions = []

    def move(goal, **fields):
        motions.append(operator.move(goal, **fields))
        return motions[-1]

    yield move
    for sent in motions:
        end(sent)


def end(sent) -> None:
    sent.cancel()
    wait_for(sent.done, PATIENCE, "the end of a motion")


def test_a_picture_of_a_motion_holds_the_goal_image_and_what_the_camera_sees(stack, robot, move, pictures):
    goal = image_at(FAR)
    camera = Listener(stack.node, Image, CAMERA)
    camera.next()
    move(image_goal(goal))
    # Of large images a busy machine loses some: one that did arrive.
    picture = pictures.wait(lambda shown: any(image.header == shown.header for image in camera.messages))
    (seen,) = [image for image in camera.messages if image.header == picture.header]
    camera.close()
    np.testing.assert_array_equal(field(picture, GOAL), small(goal))
    np.testing.assert_array_equal(field(picture, SEEN), small(seen))


def test_the_curve_grows_from_picture_to_picture_and_begins_anew_with_a_motion(robot, move, pictures):
    sent = move(see(*FAR))
    first, *_, later = pictures.take(10)
    assert reach(later) > reach(first) + 20
    end(sent)
    move(see(*FAR))
    assert reach(pictures.next()) < reach(later)


def test_a_goal_that_is_no_image_is_told_in_words(robot, move, pictures):
    move(be(*THERE))
    shown = field(pictures.next(), GOAL)
    assert (shown[:20] == NEUTRAL).all()
    assert (shown < 100).any()


def test_there_are_pictures_only_while_the_robot_moves(robot, move, pictures):
    assert_reached(move(see(*THERE)).ending(), robot, THERE)
    seen = len(pictures.messages)
    assert seen
    robot.wait_images(30)
    assert len(pictures.messages) <= seen + 1  # one may have been under way


def test_who_comes_in_mid_motion_sees_how_it_went_until_then(stack, robot, move):
    move(see(*FAR)).wait_feedback(15)
    late = Listener(stack.node, Image, "planner/debug/image", qos_profile_sensor_data)
    picture = late.next()
    late.close()
    columns = np.nonzero((pixels(picture)[:, PLOT:] == PAST).all(axis=-1))[1]
    assert columns.min() < AXIS + 10
    assert columns.max() > AXIS + 60


def test_markers_tell_what_the_feedback_tells_and_what_is_predicted(robot, move, markers):
    sent = move(see(*FAR), tolerance=TOLERANCE)
    shown = markers.take(5)
    end(sent)
    told = {f"{feedback.distance:.3f}" for feedback in sent.feedback}
    for array in shown:
        text, curve, arrived = array.markers
        phase, _, distance, progress = text.text.split()
        assert phase == "moving"
        assert distance in told
        assert 0 <= int(progress.rstrip("%")) <= 100
        assert len(curve.points) == HORIZON + 1
        assert curve.points[0].x == 0
        assert curve.points[-1].x == pytest.approx(WIDTH)
        assert curve.points[0].y == pytest.approx(HEIGHT * float(distance), abs=HEIGHT * 0.0006)
        assert curve.points[-1].y < curve.points[0].y
        assert [point.y for point in arrived.points] == [pytest.approx(HEIGHT * TOLERANCE)] * 2
        assert text.header.frame_id == curve.header.frame_id == "camera"
    assert len({array.markers[0].text for array in shown}) > 1
