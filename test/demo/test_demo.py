"""The whole demo as a user runs it, and how it ends when somebody or something ends it early."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from harness.graph import PATIENCE, Graph
from PIL import Image, ImageSequence
from rich.console import Console

from jepa_ros.ros.client.client import wait_for
from jepa_ros.ros.client.domains import free_domain
from jepa_ros.ros.client.processes import Processes
from jepa_ros.ros.demo import run_demo
from jepa_ros.ros.demo.nodes import CONTRACT

MARK = "JEPA_ROS_TEST_DEMO"
SEED = 34  # of a goal near the start, so that no time is lost
READY = "work, "  # stands in the line that says that all nodes do


class Demo:
    """A running demo, and every process that came of it."""

    def __init__(self, output: Path, **variables: str):
        self.output, self.mark = output, f"{MARK}={uuid4()}"
        environment = {name: value for name, value in os.environ.items() if name != "ROS_DOMAIN_ID"}
        options = f"demo --goals 1 --seed {SEED} --output".split()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jepa_ros", *options, str(output)],
            env=environment | variables | dict([self.mark.split("=")]),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def read_until(self, words: str) -> None:
        said = []
        for line in self.process.stdout:
            said.append(line)
            if words in line:
                return
        pytest.fail(f"the demo never said {words!r}, but:\n{''.join(said)}")

    def end(self, number: int) -> tuple[int, str]:
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=30)
        return self.process.returncode, output

    def family(self) -> dict[str, int]:
        """The ids of its processes, by what they run."""
        found = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal() and self.mark in _read(folder / "environ"):
                found[" ".join(_read(folder / "cmdline").split("\0")[3:5])] = int(folder.name)
        return found

    def wait_until_gone(self) -> None:
        deadline = time.monotonic() + 15
        while (left := self.family()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not left


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""  # gone meanwhile


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path / "demo output")
    yield demo
    demo.process.kill()
    demo.process.wait()
    demo.wait_until_gone()


def test_the_arm_reaches_its_goal_and_film_picture_and_numbers_tell_of_it(demo):
    text, _ = demo.process.communicate(timeout=90)
    assert demo.process.returncode == 0, text
    assert demo.family() == {}
    result = json.loads((demo.output / "result.json").read_text())
    assert (result["reached"], result["goals"], result["seed"]) == (1, 1, SEED)
    assert result["trials"][0]["joint_error_rad"] < 0.1
    assert result["trials"][0]["final_distance"] <= result["tolerance"]
    assert "1 of 1 goals reached" in text
    assert _contrast(Image.open(demo.output / "demo.png")) > 20
    film = Image.open(demo.output / "demo.gif")
    assert film.n_frames > 10
    assert all(_contrast(frame) > 20 for frame in ImageSequence.Iterator(film))
    assert (demo.output / "demo.gif").stat().st_size < 5_000_000


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_no_process_is_left_when_the_demo_is_interrupted(demo, number):
    demo.read_until(READY)
    assert len(demo.family()) == 4
    status, text = demo.end(number)
    assert status == 130, text
    assert "interrupted" in text
    assert demo.family() == {}
    assert not (demo.output / "result.json").exists()


def test_no_process_is_left_when_the_demo_is_killed(demo):
    demo.read_until(READY)
    demo.end(signal.SIGKILL)
    demo.wait_until_gone()


def test_a_node_that_dies_is_named_and_its_log_shown(demo):
    demo.read_until(READY)
    os.kill(demo.family()["run world_model"], signal.SIGKILL)
    text, _ = demo.process.communicate(timeout=60)
    assert demo.process.returncode == 1
    assert "the node world_model ended with status -9" in text
    assert "sees observation.images.top" in text
    assert demo.family() == {}


def test_another_robot_in_the_domain_that_the_user_has_chosen_is_not_moved(tmp_path):
    with free_domain() as domain, Processes(tmp_path, domain) as others:
        others.node("simulator", "-p", f"contract:={CONTRACT}")
        wait_for_camera(domain)
        demo = Demo(tmp_path, ROS_DOMAIN_ID=str(domain))
        text, _ = demo.process.communicate(timeout=60)
    assert demo.process.returncode == 1
    assert "another robot is in the same ROS domain" in " ".join(text.split())
    assert demo.family() == {}


@pytest.mark.parametrize(
    ("output", "goals", "reason"),
    [("file/below", 5, "can't write into the output folder"), ("fine", 0, "0 goals; allowed: 1 or more")],
)
def test_what_can_not_end_well_is_refused_before_anything_starts(tmp_path, capsys, output, goals, reason):
    (tmp_path / "file").touch()
    assert run_demo(tmp_path / output, goals, 0, Console(width=200)) == 1
    assert reason in capsys.readouterr().out
    assert not (tmp_path / output / "logs").exists()


def wait_for_camera(domain):
    """Until somebody in a domain publishes what a camera sees."""
    with closing(Graph(domain)) as graph:
        visitor = graph.node("visitor")
        wait_for(lambda: visitor.count_publishers("camera/image_raw"), PATIENCE, "the other robot's camera")


def _contrast(image: Image.Image) -> float:
    """The spread of an image's grey values; next to nothing where it is blank."""
    return float(np.asarray(image.convert("L")).std())
