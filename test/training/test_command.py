"""``train`` as a user meets it: what it shows, draws and says, and what a signal does to it."""

import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tensorboardX.proto.event_pb2 import Event

from jepa_ros.commands.show.curves import curves
from jepa_ros.training import Progress

ROOT = Path(__file__).resolve().parents[2]


def train(bag, output, *options):
    command = [sys.executable, "-m", "jepa_ros", "train", bag, "--output", output, *options]
    return subprocess.Popen(
        [str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(path, process):
    while not path.exists() and process.poll() is None:
        time.sleep(0.01)


def test_a_stopped_training_says_where_it_stands_and_the_same_command_finishes_it(minute, tmp_path):
    output, recipe = tmp_path / "small", tmp_path / "recipe.yaml"
    recipe.write_text("batch: 8\n")
    command = (minute, output, "--recipe", recipe, "--steps", "60", "--checkpoint-seconds", "0", "--collapse", "ema")
    stopped = train(*command)
    wait_for(tmp_path / "small.training/checkpoint.safetensors", stopped)
    stopped.send_signal(signal.SIGINT)
    said, errors = stopped.communicate(timeout=90)
    assert stopped.returncode == 130, errors
    assert "stopped after step" in said
    assert "the same command goes on from there" in said
    assert "Traceback" not in errors
    assert not output.exists()

    said, errors = (resumed := train(*command)).communicate(timeout=90)
    assert resumed.returncode == 0, errors
    assert "effective rank" in said
    assert "action sensitivity" in said
    assert all(np.isfinite(values).all() for values in load_file(output / "model.safetensors").values())
    assert not (tmp_path / "small.training").exists()
    steps = [step for step, _, _ in events(tmp_path / "small.curves")]
    assert max(steps) == 60


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--recipe", "recipe.yaml"), "recipe.yaml:1: step: found an unknown key (did you mean 'steps'?)"),
        (("--device", "abacus"), "device: found 'abacus'; allowed on this machine: auto, cpu"),
        (("--steps", "0"), "steps: found 0; allowed: a number greater than 0"),
    ],
)
def test_what_is_wrong_is_one_line(minute, tmp_path, options, reason):
    (tmp_path / "recipe.yaml").write_text("step: 7\n")
    options = [tmp_path / option if option.endswith(".yaml") else option for option in options]
    refused = train(minute, tmp_path / "small", *options)
    _, errors = refused.communicate(timeout=90)
    assert refused.returncode == 1
    assert reason in errors
    assert len(errors.strip().splitlines()) == 1


def progress(step):
    return Progress(step, 9, {"prediction": 0.5 / step}, 1.0 / step, 2.0, 1.0, 0.3, 0.01, 5.0)


def events(folder):
    """(step, tag, value) of all curves, in the order of writing."""
    for path in sorted(folder.glob("events.*")):
        data = path.read_bytes()
        while data:
            (length,) = struct.unpack("<Q", data[:8])
            event = Event.FromString(data[12 : 12 + length])
            data = data[16 + length :]
            yield from ((event.step, value.tag, value.simple_value) for value in event.summary.value)


def test_curves_hold_what_is_shown(tmp_path):
    with curves(tmp_path) as draw:
        for step in (1, 2):
            draw(progress(step))
    found = list(events(tmp_path))
    assert {tag for _, tag, _ in found} == set(progress(1).figures())
    assert [(step, value) for step, tag, value in found if tag == "loss/prediction"] == [(1, 0.5), (2, 0.25)]


def test_nothing_is_drawn_where_nothing_was_trained(tmp_path):
    with curves(tmp_path / "curves"):
        pass
    assert not (tmp_path / "curves").exists()
