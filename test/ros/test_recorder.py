"""A running robot is recorded while it explores, or while somebody else drives; however that ends, bags are whole."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from harness.places import CONTRACT

from jepa_ros.contract import load_contract, read_values
from jepa_ros.data.bags.bag import read_bag
from jepa_ros.data.episodes import load_episodes
from jepa_ros.data.recording import RecordingError
from jepa_ros.data.sources import find_recordings
from jepa_ros.evaluation.legality import stops

SECONDS = 6.0
PATIENCE = 60.0  # s


@pytest.fixture(scope="module")
def record(processes):
    """Start recording a simulated arm with these options."""
    processes.node(
        "simulator", "-r", "__ns:=/recorded", "-p", f"contract:={CONTRACT}", "-p", "publish_clock:=false", label="arm"
    )

    def start(bag, *options, seconds=SECONDS):
        common = ["--contract", CONTRACT, "--namespace", "recorded", "--minutes", seconds / 60]
        command = [sys.executable, "-m", "jepa_ros", "record", bag, *common, *options]
        return subprocess.Popen(
            list(map(str, command)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=processes.environment,
        )

    yield start
    processes.stop("arm")


@pytest.fixture(scope="module")
def both(record, tmp_path_factory):
    """Bags of one and the same motion: of the recorder that drove, and of one that looked on until Ctrl-C."""
    folder = tmp_path_factory.mktemp("recorded")
    looker = record(folder / "looked_on", "--no-drive", seconds=600)
    begun(folder / "looked_on")
    driver = record(folder / "drove", "--seed", "5")
    outputs = [driver.communicate(timeout=PATIENCE)]
    looker.send_signal(signal.SIGINT)
    outputs.append(looker.communicate(timeout=PATIENCE))
    assert (driver.returncode, looker.returncode) == (0, 0), outputs
    return folder / "drove", folder / "looked_on", outputs


def begun(path):
    """Wait until a recording has something on the disk."""
    file = path.with_name(f"{path.name}.partial") / path.name / f"{path.name}.mcap"
    deadline = time.monotonic() + PATIENCE
    while not (file.exists() and file.stat().st_size > 100_000):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return file


def messages(path, contract):
    with read_bag(path) as bag:
        return [item.message for item in bag.messages([f"/recorded/{contract.actions['action'].channel.topic}"])]


def commands(path, contract):
    return np.array([read_values(contract.actions["action"], message) for message in messages(path, contract)])


def test_exploring_is_recorded_with_the_contract_and_can_be_learnt_from(both, contract):
    drove, said = both[0], both[2][0][0]
    with read_bag(drove) as bag:
        assert bag.contract_text == contract.text
        assert bag.damage == []
    episodes = load_episodes(drove, contract)
    assert sum(map(len, episodes)) > 15 * SECONDS
    assert np.ptp(np.concatenate([episode.state for episode in episodes]), axis=0).max() > 0.1
    assert f"picture: {drove / 'audit.png'}" in said
    assert (drove / "audit.png").is_file()


@pytest.mark.parametrize("who", [0, 1])
def test_its_commands_are_legal_and_the_last_one_is_the_safety_command(both, contract, who):
    sent, limits = commands(both[who], contract), contract.limits
    assert len(sent) > 5 * SECONDS
    assert np.all((sent >= limits.low) & (sent <= limits.high))
    assert np.all(np.abs(np.diff(sent, axis=0)) <= limits.rate * contract.period + 1e-9)
    assert stops(messages(both[who], contract)[-1], contract.period)


def test_who_looks_on_records_what_somebody_else_commands(both, contract):
    """Commands are sent for the newest to arrive: a busy machine may lose one, and who has just met hears none yet."""
    drove, looked_on = ([tuple(row) for row in commands(path, contract)] for path in both[:2])
    since = drove.index(looked_on[0])
    assert since < SECONDS / 2 / contract.period
    heard = set(looked_on)
    assert len(heard.difference(drove)) <= 1
    assert np.mean([row in heard for row in drove[since:]]) > 0.9


def test_ctrl_c_ends_a_recording_early_and_the_bag_is_whole(both):
    said, complaint = both[2][1]
    assert "Traceback" not in complaint
    assert "audit.png" in said
    assert find_recordings([both[1].parent]) == [both[0], both[1]]
    with read_bag(both[1]) as bag:
        assert bag.damage == []


def test_a_killed_recording_is_never_taken_for_a_whole_one(record, tmp_path):
    process = record(tmp_path / "run", "--no-drive", seconds=600)
    partial = begun(tmp_path / "run")
    process.kill()
    process.communicate(timeout=PATIENCE)
    with pytest.raises(RecordingError, match="holds no bag"):
        find_recordings([tmp_path])
    bag = read_bag(partial.parent)
    assert bag.contract_text == load_contract(CONTRACT).text
    assert any("not finished" in sentence for sentence in bag.damage)
