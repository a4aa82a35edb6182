"""What goal messages ask for, where a robot has several cameras. No node is needed to read them."""

from __future__ import annotations

import pytest
import torch
from harness.goals import CODES, image_at

from jepa_ros.contract import decode_image
from jepa_ros.memory import SavedGoals
from jepa_ros.ros.client.client import image_goal
from jepa_ros.ros.goals.goal_reader import GoalError, GoalReader

POSE = (0.9, -0.1)


@pytest.fixture
def read(two_eyed, tmp_path):
    """Gives what an image asks of a robot with two cameras, and the model."""

    def read(camera, latent="tokens"):
        model = two_eyed(latent)
        goal = image_goal(image_at(POSE))
        goal.image.header.frame_id = camera
        return GoalReader(model, model.contract, decode_image, SavedGoals(tmp_path)).read(goal), model

    return read


@pytest.mark.parametrize("camera", ["gripper", "observation.images.gripper"])
def test_an_image_asks_of_the_camera_that_its_frame_names(read, camera):
    goal, model = read(camera)
    elsewhere = torch.zeros(model.architecture.tokens, model.architecture.latent_size)
    assert goal.distance(elsewhere, lambda: None) > 0.0
    there = torch.full_like(elsewhere, torch.pi)
    there[model.architecture.tokens_of("observation.images.gripper")] = goal.latent
    assert goal.distance(there, lambda: None) == 0.0


@pytest.mark.parametrize("camera", ["", "camera_link", "images.top"])
def test_an_image_of_no_known_camera_is_refused_with_those_there_are(read, camera):
    with pytest.raises(GoalError, match=r"2 cameras.*header\.frame_id names one of observation\.images\.") as error:
        read(camera)
    assert error.value.code == CODES.INVALID_GOAL


def test_a_model_that_pools_its_cameras_refuses_an_image_of_one(read):
    with pytest.raises(GoalError, match="keeps tokens") as error:
        read("gripper", latent="pooled")
    assert error.value.code == CODES.INVALID_GOAL
