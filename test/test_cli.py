"""The command line as a user meets it: processes, their output and exit status."""

import subprocess
import sys
from pathlib import Path

import pytest

from jepa_ros.commands.run import NODES
from jepa_ros.memory import Memory
from jepa_ros.world_model import WorldModel

ROOT = Path(__file__).resolve().parents[1]
CONTRACT = ROOT / "config/contracts/planar_arm.yaml"


def call(*arguments, timeout=90):
    return subprocess.run(
        [sys.executable, "-m", "jepa_ros", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=ROOT,
    )


def test_help_names_every_command():
    answer = call("--help")
    assert answer.returncode == 0
    for command in ("demo", "record", "train", "evaluate", "inspect", "move", "remember", "explore", "run"):
        assert command in answer.stdout


@pytest.mark.parametrize("arguments", [("run",), ("run", "nonsense"), ("run", "--help")])
def test_run_without_a_known_node_says_which_there_are(arguments):
    answer = call(*arguments)
    assert answer.returncode == (0 if "--help" in arguments else 2)
    for node in NODES:
        assert node in answer.stdout


def test_record_train_and_inspect_make_a_model_from_nothing(tmp_path):
    bag, model = tmp_path / "bag", tmp_path / "tiny"
    recorded = call("record", bag, "--simulate", "--minutes", "0.5", "--seed", "4")
    assert recorded.returncode == 0, recorded.stderr
    assert "camera/image_raw" in recorded.stdout
    trained = call("train", bag, "--output", model, "--steps", "10")
    assert trained.returncode == 0, trained.stderr
    assert WorldModel.from_pretrained(model).contract.text == CONTRACT.read_text()
    for path in (bag, model, CONTRACT):
        seen = call("inspect", path, "--contract", CONTRACT)
        assert seen.returncode == 0, seen.stderr
        assert "velocity.elbow" in seen.stdout


def test_exploring_fills_a_memory_that_is_there_the_next_time(tmp_path):
    def explore(*options):
        arguments = ("models/planar_arm", "--simulate", "--memory", tmp_path / "memory", "--coverage", "0.1", *options)
        return call("explore", *arguments)

    first = explore("--minutes", "1")
    assert first.returncode == 0, first.stderr
    places = int(first.stdout.split(" places remembered")[0].split()[-1])
    assert places > 5
    again = explore("--minutes", "0.001")
    assert int(again.stdout.split(" places remembered")[0].split()[-1]) >= places
    with Memory.open(tmp_path / "memory", WorldModel.from_pretrained(ROOT / "models/planar_arm")) as memory:
        assert len(memory) >= places


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("inspect", "no/such/thing"), "no readable file"),
        (("inspect", "README.md"), "README.md:"),
        (("train", "no/bag", "--output", "x"), "no/bag does not exist"),
        (("record", "x", "--contract", "no.yaml"), "no.yaml"),
        (("record", "x", "--simulate", "--distractors", "1.5"), "distractors are 1.5, not a share"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_no_traceback(arguments, reason, tmp_path):
    answer = subprocess.run(
        [sys.executable, "-m", "jepa_ros", *arguments], capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert answer.returncode == 1
    assert reason in answer.stderr
    assert "Traceback" not in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1


def test_a_bag_is_never_overwritten(minute):
    answer = call("record", minute, "--simulate", "--minutes", "0.1")
    assert answer.returncode == 1
    assert "exists" in answer.stderr


def test_a_model_for_another_robot_is_called_by_its_difference(tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(CONTRACT.read_text().replace("robot_type: planar_arm", "robot_type: crane"))
    answer = call("inspect", ROOT / "models/planar_arm", "--contract", other)
    assert "does not fit" in answer.stdout
    assert "crane" in answer.stdout


def test_a_recordings_audit_is_drawn_into_its_folder_and_wherever_inspect_is_told(tmp_path):
    bag = tmp_path / "bag"
    recorded = call("record", bag, "--simulate", "--minutes", "0.1")
    assert f"picture: {bag / 'audit.png'}" in recorded.stdout
    assert (bag / "audit.png").is_file()
    seen = call("inspect", bag, "--picture", tmp_path / "elsewhere.png")
    assert seen.returncode == 0, seen.stderr
    assert (tmp_path / "elsewhere.png").is_file()


def test_a_bag_that_does_not_fit_is_told_by_inspect_and_refused_by_train_before_any_work(minute, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(CONTRACT.read_text().replace("elbow", "wrist"))
    seen = call("inspect", minute, "--contract", other)
    assert seen.returncode == 1
    assert "error: /joint_states at 0.0 s" in seen.stdout
    refused = call("train", minute, "--contract", other, "--output", tmp_path / "model")
    assert refused.returncode == 1
    assert "/joint_states at 0.0 s: not one message can be used: position.wrist not in the message" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "decoding" not in refused.stdout
    assert not (tmp_path / "model").exists()
