"""A robot with two cameras: an image says in its header which of them it is of."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from harness.goals import image_at
from harness.stack import Stack

from jepa_ros.contract import decode_image
from jepa_ros.ros.wire.images import image_alone
from jepa_ros_interfaces.srv import EncodeImage

POSE = (0.9, -0.1)
CAMERAS = ("observation.images.top", "observation.images.gripper")


@pytest.fixture(scope="module")
def untrained(two_eyed):
    return two_eyed("tokens")


@pytest.fixture(scope="module")
def stack(graph, processes, untrained, tmp_path_factory):
    """A world model alone: what it is asked for needs no robot."""
    folder = tmp_path_factory.mktemp("two")
    untrained.save_pretrained(folder / "two", "# card")
    contract = folder / "two" / "contract.yaml"
    with closing(Stack(graph, processes, "/two", contract, folder / "two", folder)) as stack:
        stack.start("world_model")
        yield stack


def encode(stack, frame):
    image = image_at(POSE)
    image.header.frame_id = frame
    return stack.operator.call(EncodeImage, "world_model/encode_image", image=image)


@pytest.mark.parametrize("camera", CAMERAS)
def test_an_image_is_encoded_as_of_the_camera_that_its_frame_names(stack, untrained, camera):
    expected = untrained.encode(image_alone(untrained.contract, decode_image(image_at(POSE)), camera))
    for frame in (camera, camera.rpartition(".")[2]):
        answer = encode(stack, frame)
        assert answer.success, answer.message
        assert answer.latent.header.frame_id == frame
        np.testing.assert_allclose(answer.latent.data, expected.flatten().numpy(), atol=1e-5)


@pytest.mark.parametrize("frame", ["", "camera_link"])
def test_an_image_that_names_no_camera_is_refused_with_how_to_name_one(stack, frame):
    answer = encode(stack, frame)
    assert not answer.success
    assert not answer.latent.data
    assert "2 cameras" in answer.message
    assert f"allowed: header.frame_id names one of {', '.join(sorted(CAMERAS))}" in answer.message
