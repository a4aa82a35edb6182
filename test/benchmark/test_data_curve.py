"""The data curve is drawn from trials, and its models are made anew only where something changed."""

from pathlib import Path

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


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small copy of what models are made of."""
    for name in ("jepa_ros/data/bag.py", "jepa_ros/ros/node.py", "config/contracts/planar_arm.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("before")
    monkeypatch.setattr(trained, "ROOT", tmp_path)
    monkeypatch.setattr(trained, "shipped", lambda path: tmp_path / path)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "anew"),
    [("jepa_ros/data/bag.py", True), ("config/contracts/planar_arm.yaml", True), ("jepa_ros/ros/node.py", False)],
)
def test_a_model_is_made_anew_where_what_it_is_made_of_changes(package: Path, changed, anew):
    before = trained._digest("planar_arm")
    (package / changed).write_text("after")
    assert (trained._digest("planar_arm") != before) == anew


def test_a_command_that_fails_says_why():
    with pytest.raises(trained.TrainingFailed, match=r"train ended with an error:\n.*no/such/bag"):
        trained._run("train", "no/such/bag", "--output", "nowhere")
