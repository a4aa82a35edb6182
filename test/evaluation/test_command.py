"""The command ``evaluate`` as a user types it."""

import json
from pathlib import Path

import pytest

from jepa_ros.cli import main

MODEL = Path(__file__).parents[2] / "models/planar_arm"


@pytest.fixture
def other(model, tmp_path):
    """Another model of the same robot."""
    model.save_pretrained(tmp_path / "other", "card")
    return tmp_path / "other"


def test_models_are_compared_on_a_bag(minute, other, tmp_path, capsys):
    report = tmp_path / "report"
    asked = ["evaluate", MODEL, "--compare", other, "--data", minute, "--trials", 0, "--output", report]
    assert main([str(part) for part in asked]) == 0
    found = json.loads((report / "evaluation.json").read_text())
    assert [one["model"] for one in found["models"]] == ["planar_arm", "other"]
    assert found["data"] == str(minute)
    shown = capsys.readouterr().out
    assert "planar_arm" in shown
    assert (report / "report.html").is_file()


def test_key_figures_get_onto_the_models_card(minute, other, tmp_path):
    asked = ["evaluate", other, "--data", minute, "--trials", 0, "--output", tmp_path / "report", "--card"]
    assert main([str(part) for part in asked]) == 0
    assert "| rank of the true actions among" in (other / "README.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "reason"), [(["evaluate"], "name one or more"), (["evaluate", "no/such/model"], "no/such/model")]
)
def test_what_a_user_can_mend_is_one_line(arguments, reason, capsys):
    assert main(arguments) == 1
    assert reason in capsys.readouterr().err
