"""The data curve is drawn from trials, and a model that can't be made says why."""

import pytest
from PIL import Image

from benchmark import data_curve, trained
from benchmark.data_curve_picture import Curve, draw
from benchmark.registry import FAMILIES
from jepa_ros.evaluation.trials import ClosedLoop, Rate


def loop(successes):
    return ClosedLoop("error", 0.1, Rate.of([True] * successes + [False] * (50 - successes)), Rate.of([False] * 50),
                      None, 0.2, [])  # fmt: skip


def test_every_point_of_the_curve_is_a_figure():
    names = {name for family in FAMILIES for name in family.names}
    assert names >= {"data_10min.planar_arm.success", "data_10min.furnished_room.direct_success"}
    figures = data_curve._figures(data_curve.Point("furnished_room", 2.0), loop(45))
    assert {name: figure.value for name, figure in figures.items()} == {
        "data_2min.furnished_room.direct_success": 90.0,
        "data_2min.furnished_room.random_success": 0.0,
    }


def test_the_picture_has_a_panel_for_each_robot(tmp_path):
    path = tmp_path / "curve.png"
    curves = [Curve(robot, {2.0: loop(20), 10.0: loop(48)}) for robot in ("planar_arm", "furnished_room")]
    draw(curves, path)
    width, height = Image.open(path).size
    draw(curves[:1], path)
    assert Image.open(path).size[0] < width
    assert height > 300


def test_a_command_that_fails_says_why():
    with pytest.raises(trained.TrainingFailed, match=r"train ended with an error:\n.*no/such/bag"):
        trained.run("train", "no/such/bag", "--output", "nowhere")
