"""Goals as people write them. No node is needed to read them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from jepa_ros.ros.client.words import GoalWordsError, goal_of, picture
from jepa_ros.simulation.arm_drawing import draw_arm
from jepa_ros_interfaces.msg import Goal

PIXELS = draw_arm(np.array([0.3, 0.4]), (48, 64))


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    assert cv2.imwrite(str(path), PIXELS[..., ::-1])
    return path


def test_a_picture_s_file_is_an_image_goal(photo):
    goal = goal_of(str(photo))
    assert goal.kind == Goal.IMAGE
    assert (goal.image.height, goal.image.width, goal.image.encoding) == (48, 64, "rgb8")
    assert np.array_equal(np.frombuffer(goal.image.data, np.uint8).reshape(PIXELS.shape), PIXELS)


def test_a_picture_may_say_which_camera_would_see_it(photo):
    assert goal_of(f"gripper={photo}").image.header.frame_id == "gripper"


def test_values_are_a_state_goal():
    goal = goal_of("position.elbow=0.3, position.shoulder=-1")
    assert goal.kind == Goal.STATE
    assert list(goal.state_names) == ["position.elbow", "position.shoulder"]
    assert list(goal.state) == [0.3, -1.0]


def test_all_else_is_a_saved_name():
    goal = goal_of("home.2")
    assert (goal.kind, goal.name) == (Goal.NAMED, "home.2")


@pytest.mark.parametrize("kept", [0, 20, 300])
@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_a_picture_that_was_cut_off_is_refused_by_name(tmp_path, kind, kept):
    path = tmp_path / f"cut.{kind}"
    path.write_bytes(cv2.imencode(f".{kind}", PIXELS)[1].tobytes()[:kept])
    with pytest.raises(GoalWordsError, match=rf"cut\.{kind}: compressed image"):
        picture(path)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("no/such.png", "no/such.png: No such file"),
        ("", "an empty goal; allowed: a picture's file"),
        ("elbow=high", "'elbow=high' is no value; allowed"),
        ("elbow=0.3,shoulder", "'shoulder' is no value; allowed"),
    ],
)
def test_words_that_are_no_goal_are_refused_with_what_is_allowed(words, reason):
    with pytest.raises(GoalWordsError, match=reason):
        goal_of(words)
