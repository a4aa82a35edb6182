from __future__ import annotations

from array import array
from contextlib import closing

import cv2
import numpy as np
import pytest
from harness.graph import Listener
from harness.robot import CAMERA, JOINTS
from harness.stack import values
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

from jepa_ros.contract import decode_image
from jepa_ros.ros.client.client import state_goal
from jepa_ros.ros.wire.images import image_alone
from jepa_ros.ros.wire.messages import seconds, stamp_ns
from jepa_ros_interfaces.msg import Surprise
from jepa_ros_interfaces.srv import EncodeImage


@pytest.fixture(scope="module")
def node(shared):
    return shared[0].node


@pytest.fixture(scope="module")
def images(node):
    with closing(Listener(node, Image, CAMERA)) as listener:
        yield listener


@pytest.fixture(scope="module")
def surprises(node):
    with closing(Listener(node, Surprise, "world_model/surprise", 100)) as listener:
        yield listener


def test_every_image_gets_a_latent_and_a_prediction_that_carry_its_stamp_and_frame(robot, images, latents, predictions):
    seen = images.take(30)
    last = stamp_ns(seen[-1].header)
    predictions.wait(lambda message: stamp_ns(message.header) >= last)
    for listener in (latents, predictions):
        headers = [message.header for message in listener.messages]
        assert [image.header for image in seen if image.header not in headers] == []


def test_a_latent_has_the_model_s_size_and_name_and_finite_numbers(robot, latents, model):
    latent = latents.next()
    assert latent.model == model.name
    assert (latent.tokens, latent.dim) == (model.architecture.tokens, model.architecture.latent_size)
    assert len(latent.data) == latent.tokens * latent.dim
    assert np.isfinite(latent.data).all()


def test_a_prediction_looks_as_far_ahead_as_the_parameter_says_in_steps_of_a_period(
    stack, robot, predictions, model, contract
):
    with stack.setting("world_model", prediction_horizon=5):
        prediction = predictions.next(lambda message: message.horizon == 5)
    assert seconds(prediction.step) == pytest.approx(contract.period)
    assert tuple(prediction.action_names) == contract.action_names
    assert len(prediction.actions) == 5 * len(contract.action_names)
    assert len(prediction.data) == 5 * prediction.tokens * prediction.dim
    assert np.isfinite(prediction.data).all()
    assert prediction.model == model.name


def test_a_resting_robot_is_predicted_to_stay_where_it_is(robot, latents, predictions, model):
    prediction = predictions.next()
    latent = latents.wait(lambda message: message.header == prediction.header)
    now, future = np.array(latent.data), np.array(prediction.data).reshape(-1, prediction.dim)
    assert not np.any(prediction.actions)
    assert np.linalg.norm(future - now, axis=1).max() / model.calibration.distance_scale < 0.2


def test_surprise_says_that_normal_motion_is_normal(stack, robot, surprises, operator):
    begin = len(surprises.messages)
    goal = state_goal(robot.contract.state_names, robot.position + 0.5)
    assert operator.move(goal).ending().result.error_code == 0
    seen = surprises.messages[begin:]
    assert len(seen) > 10
    assert all(np.isfinite(s.error) and s.error >= 0 and 0 < s.p_value <= 1 for s in seen)
    assert all(s.anomalous == (s.p_value <= np.float32(0.001)) for s in seen)
    assert np.mean([s.anomalous for s in seen]) < 0.2


def test_the_debug_image_is_there_only_while_somebody_looks(stack, robot, latents):
    publishers = stack.node.get_publishers_info_by_topic("/arm/world_model/debug/image")
    assert len(publishers) == 1
    pictures = Listener(stack.node, Image, "world_model/debug/image", qos_profile_sensor_data)
    picture = pictures.next()
    assert picture.encoding == "rgb8"
    assert len(picture.data) == picture.step * picture.height
    assert picture.header.frame_id == "camera"
    pictures.close()


def test_diagnostics_tell_how_inputs_and_model_are(stack, robot, model):
    status = stack.health("world_model", lambda status: status.message == "encoding")
    found = values(status)
    assert status.level == b"\0"
    assert status.hardware_id == "planar_arm"
    assert found["model"] == model.name
    assert found["device"] == "cpu"
    assert 25 < float(found["input rate (Hz)"]) < 35
    assert 0 <= float(found["input age (s)"]) < 1
    assert int(found["frames received"]) > 0
    assert int(found["frames lost"]) >= 0
    assert 0 < float(found["latency p50 (ms)"]) <= float(found["latency p95 (ms)"])
    assert "last problem" in found


def test_an_image_is_encoded_on_request_as_the_library_encodes_it(stack, robot, images, model):
    image = images.next()
    answer = stack.operator.call(EncodeImage, "world_model/encode_image", image=image)
    assert answer.success, answer.message
    assert answer.latent.header == image.header
    expected = model.encode(image_alone(model.contract, decode_image(image)))
    np.testing.assert_allclose(answer.latent.data, expected.flatten().numpy(), atol=1e-5)


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (Image(), "encoding"),
        (Image(encoding="rgb8"), "0x0"),
        (Image(encoding="thermal", height=1, width=1, step=1, data=array("B", [1])), "thermal"),
        (Image(encoding="rgb8", height=2, width=2, step=5, data=array("B", bytes(10))), "step 5"),
        (Image(encoding="rgb8", height=2, width=2, step=6, data=array("B", bytes(11))), "11 bytes"),
    ],
)
def test_an_image_that_is_none_is_refused_on_request_with_the_reason(stack, robot, image, reason):
    answer = stack.operator.call(EncodeImage, "world_model/encode_image", image=image)
    assert not answer.success
    assert reason in answer.message
    assert len(answer.latent.data) == 0


def before_and_while(robot, latents, topic, change, images):
    """A latent, and one of when so many images, or what goes with them, have been changed."""
    before = latents.next()
    begin = len(latents.messages)
    with robot.changing(topic, change):
        robot.wait_images(images)
        return before, latents.wait(since=begin + images - 2)


def test_an_image_of_another_size_is_as_good(robot, latents):
    def enlarge(image):
        pixels = np.frombuffer(image.data, np.uint8).reshape(image.height, image.width, 3)
        large = cv2.resize(pixels, (800, 600))
        image.height, image.width, image.step, image.data = 600, 800, 2400, array("B", large.tobytes())
        return image

    usual, large = before_and_while(robot, latents, CAMERA, enlarge, images=5)
    assert np.linalg.norm(np.array(large.data) - np.array(usual.data)) < 1.0


def test_joints_in_another_order_are_the_same_joints(robot, latents):
    def reverse(state):
        state.name, state.position = state.name[::-1], state.position[::-1]
        state.velocity = state.velocity[::-1]
        return state

    usual, reversed_ = before_and_while(robot, latents, JOINTS, reverse, images=10)
    np.testing.assert_allclose(reversed_.data, usual.data, atol=1e-4)
