"""The commands take a LeRobot dataset wherever they take a bag."""

from __future__ import annotations

from pathlib import Path

import pytest

from jepa_ros.cli import main
from jepa_ros.world_model import WorldModel

CONTRACT = Path(__file__).parents[2] / "config/contracts/planar_arm.yaml"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory, dataset_writer, contract, minute_rows):
    names = {"observation.state": contract.state_names, "action": contract.action_names}
    parts = [{name: rows[first : first + 200] for name, rows in minute_rows.items()} for first in (0, 200, 400)]
    return dataset_writer(tmp_path_factory.mktemp("data") / "set", contract.fps, names).write(parts)


def test_a_model_is_trained_on_a_dataset(dataset, tmp_path, capsys):
    assert (
        main(["train", str(dataset), "--contract", str(CONTRACT), "--output", str(tmp_path / "tiny"), "--steps", "5"])
        == 0
    )
    assert "refused" not in capsys.readouterr().out
    assert WorldModel.from_pretrained(tmp_path / "tiny").contract.text == CONTRACT.read_text()


def test_training_without_a_contract_says_how_to_name_one(dataset, tmp_path, capsys):
    assert main(["train", str(dataset), "--output", str(tmp_path / "tiny")]) == 1
    assert "holds no contract; name the robot's with --contract" in capsys.readouterr().err


def test_inspect_shows_what_a_dataset_holds_and_whether_it_fits(dataset, capsys):
    assert main(["inspect", str(dataset)]) == 0
    held = capsys.readouterr().out
    assert "3 episodes, 600 rows, 10 Hz" in held
    assert "position.shoulder, position.elbow" in held
    assert main(["inspect", str(dataset), "--contract", str(CONTRACT)]) == 0
    fitting = capsys.readouterr().out
    assert "-1 … 1" in fitting
    assert "planar_arm.yaml is there" in fitting
    other = CONTRACT.with_name("process.yaml")
    assert main(["inspect", str(dataset), "--contract", str(other)]) == 1
    assert "lacks tank_temperature under observation.state" in capsys.readouterr().err.replace("\n", " ")
