import pytest

from jepa_ros.contract import Contract


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("topic: camera/image_raw", "topic: /left/camera/image_raw"),
        ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"),
        ("safety: hold", "safety: zeros"),
        ("reliability: best_effort", "reliability: reliable"),
        ("tolerance_ms: 300", "tolerance_ms: 500"),
        ("max: 1.0, rate: 10.0", "max: 0.5, rate: 2.0"),
        ("{min: -2.6, max: 2.6}", "{min: -1.0, max: 2.6}"),
        ("action.velocity.shoulder", "action.shoulder"),
    ],
)
def test_a_model_fits_a_robot_that_differs_in_wiring_or_is_held_tighter(arm, arm_text, old, new):
    assert old in arm_text
    assert arm.difference(Contract.parse(arm_text.replace(old, new))) is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "robot_type: planar_arm",
            "robot_type: other",
            "robot type: the model has planar_arm, the robot has other",
        ),
        ("fps: 10 ", "fps: 20", "ticks per second: the model has 10, the robot has 20"),
        ("[64, 64]", "[64, 96]", "image sizes: the model has observation.images.top 64x64"),
        ("images.top", "images.side", "image sizes"),
        ("[position.shoulder, position.elbow]", "[position.elbow, position.shoulder]", "state values"),
        (
            "[velocity.shoulder, velocity.elbow]",
            "[velocity.elbow, velocity.shoulder]",
            "actions: the model has",
        ),
        (
            "max: 1.0, rate",
            "max: 1.5, rate",
            "limits of velocity.shoulder, highest: the robot's 1.5 is wider",
        ),
        ("rate: 10.0", "rate: 20.0", "limits of velocity.shoulder, rate"),
        (", rate: 10.0", "", "limits of velocity.shoulder, rate: the robot's inf"),
        ("{min: -2.6, max: 2.6}", "{min: -3.0, max: 2.6}", "limits of velocity.shoulder, lowest position"),
        ("{min: -2.6, max: 2.6}", "{min: -2.6}", "limits of velocity.shoulder, highest position"),
    ],
)
def test_what_matters_to_a_model_is_named(arm, arm_text, old, new, words):
    assert old in arm_text
    assert words in arm.difference(Contract.parse(arm_text.replace(old, new, 1)))


def test_units_matter(arm, arm_text):
    degrees = arm_text.replace("    select:", "    apply: [rad2deg]\n    select:")
    assert "changed by apply" in arm.difference(Contract.parse(degrees))


def test_the_kind_of_command_matters(robot):
    velocity = robot(["linear.x"], "geometry_msgs/msg/Twist", kind="velocity")
    direct = robot(["linear.x"], "geometry_msgs/msg/Twist")
    assert velocity.difference(direct) == "command kind: the model has velocity, the robot has direct"
