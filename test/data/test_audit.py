"""An audit tells what a bag holds and what it lacks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from rich.console import Console

from jepa_ros.commands.show.audit import audit_table
from jepa_ros.contract import Contract, load_contract
from jepa_ros.data.audit import audit_bag, coverage, save_picture
from jepa_ros.data.bags.bag import BagError, BagWriter, read_bag
from jepa_ros.data.sources import find_recordings
from jepa_ros.simulation.recording import record_exploration

PLANAR_ARM = Path(__file__).parents[2] / "config/contracts/planar_arm.yaml"
SECOND = 10**9


@pytest.fixture
def contract():
    return load_contract(PLANAR_ARM)


def shown(audit):
    console = Console(width=200)
    with console.capture() as capture:
        console.print(audit_table(audit))
    return capture.get()


def write(path, text, seconds=4, joint_rate=50, silence=(9, 9), late=0.0):
    """The shoulder sweeps its whole range, the elbow a half of it; no pictures in `silence` (s)."""
    with BagWriter(path, text) as writer:
        for tick in range(seconds * 100):
            stamp_ns = SECOND + tick * SECOND // 100
            made_ns = stamp_ns + 9 * SECOND - round(late * SECOND)
            stamp_ns += 9 * SECOND
            header = {"stamp": {"sec": made_ns // SECOND, "nanosec": made_ns % SECOND}}
            share = tick / (seconds * 100)
            if tick % (100 // joint_rate) == 0:
                joints = {"name": ["shoulder", "elbow"], "position": [-2.6 + 5.2 * share, 2.6 * share]}
                writer.write("joint_states", "sensor_msgs/msg/JointState", {"header": header, **joints}, stamp_ns)
            if tick % 4 == 0 and not silence[0] <= tick / 100 < silence[1]:
                image = {"height": 1, "width": 1, "encoding": "rgb8", "step": 3, "data": bytes(3)}
                writer.write("camera/image_raw", "sensor_msgs/msg/Image", {"header": header, **image}, stamp_ns)
            if tick % 10 == 0:
                point = {"positions": [0.0, 0.0], "velocities": [share, -share]}
                fields = {"joint_names": ["shoulder", "elbow"], "points": [point]}
                kind = "trajectory_msgs/msg/JointTrajectory"
                writer.write("arm_controller/joint_trajectory", kind, fields, stamp_ns)
    return path


def test_it_tells_each_topics_count_rate_and_longest_gap(tmp_path, contract):
    audit = audit_bag(write(tmp_path / "run", contract.text, silence=(1.0, 1.5)), contract)
    streams = {stream.topic: stream for stream in audit.streams}
    joints, camera = streams["joint_states"], streams["camera/image_raw"]
    assert (joints.count, joints.rate) == (200, pytest.approx(50))
    assert joints.longest_gap == pytest.approx(0.02)
    assert camera.longest_gap == pytest.approx(0.54, abs=0.03)
    assert audit.survey.seconds == pytest.approx(3.98, abs=0.02)
    assert camera.lost_ticks == 5
    assert (joints.lost_ticks, audit.survey.contract_note) == (0, None)


def test_a_topic_slower_than_the_contracts_rate_is_marked(tmp_path, contract):
    audit = audit_bag(write(tmp_path / "run", contract.text, joint_rate=5), contract)
    fast = {stream.topic: stream.fast_enough for stream in audit.streams}
    assert fast == {"camera/image_raw": True, "joint_states": False, "arm_controller/joint_trajectory": True}


def test_it_tells_how_much_of_the_range_was_visited(tmp_path, contract):
    audit = audit_bag(write(tmp_path / "run", contract.text), contract)
    shoulder, elbow = audit.states
    assert (shoulder.name, shoulder.coverage) == ("position.shoulder", 1.0)
    assert elbow.coverage == 0.5
    assert elbow.high == pytest.approx(2.6, abs=0.05)
    assert audit.pair_coverage == pytest.approx(0.1, abs=0.05)
    assert [value.name for value in audit.actions] == ["velocity.shoulder", "velocity.elbow"]
    assert audit.actions[0].high == pytest.approx(1.0, abs=0.05)


def test_another_contract_or_none_is_noted(tmp_path, contract):
    other = contract.text.replace("fps: 10", "fps: 20")
    assert "ticks per second" in audit_bag(write(tmp_path / "other", other), contract).survey.contract_note
    assert audit_bag(write(tmp_path / "none", None), contract).survey.contract_note == "the bag has no contract"


def test_messages_that_do_not_fit_are_an_error_that_names_those_that_exist(tmp_path, contract):
    text = contract.text.replace("position.elbow]", "position.wrist]").replace(
        "state.position.elbow", "state.position.wrist"
    )
    text = text.replace("velocity.elbow", "velocity.wrist")
    audit = audit_bag(write(tmp_path / "run", contract.text), Contract.parse(text))
    told = {finding.topic: finding.sentence for finding in audit.findings if finding.severity == "error"}
    assert "position.wrist not in the message, which names shoulder" in told["/joint_states"]
    assert "velocity.wrist not in the message" in told["/arm_controller/joint_trajectory"]
    assert not audit.fits
    assert np.isnan(audit.states[0].low)


def test_ages_are_told_and_that_clocks_differ(tmp_path, contract):
    audit = audit_bag(write(tmp_path / "run", contract.text, late=0.03), contract)
    camera, joints, commands = audit.streams
    assert camera.age.median == joints.age.most == pytest.approx(30)
    assert commands.age is None
    assert "clocks differ" not in shown(audit)
    apart = audit_bag(write(tmp_path / "apart", contract.text, late=5.0), contract)
    assert "clocks differ by 5 s" in shown(apart)


def test_usable_periods_leave_out_what_a_gap_spoils(tmp_path, contract):
    whole = audit_bag(write(tmp_path / "whole", contract.text), contract)
    spoilt = audit_bag(write(tmp_path / "spoilt", contract.text, silence=(1.0, 2.0)), contract)
    assert whole.usable_periods == pytest.approx(39, abs=1)
    assert spoilt.usable_periods == pytest.approx(30, abs=2)
    assert whole.usable_minutes == pytest.approx(whole.usable_periods / 600)


@pytest.mark.parametrize("robot", ["planar_arm", "furnished_room", "process"])
def test_every_embedded_robots_recording_is_sound_and_drawn_into_its_folder(tmp_path, robot):
    contract = load_contract(PLANAR_ARM.with_name(f"{robot}.yaml"))
    path = record_exploration(contract, tmp_path / "run", 30 * contract.period, seed=1)
    audit = audit_bag(path, contract)
    assert [str(finding) for finding in audit.findings] == []
    picture = save_picture(audit)
    assert picture == path / "audit.png"
    assert cv2.imread(str(picture)).shape[1] > 1000
    assert find_recordings([tmp_path]) == [path]
    with read_bag(path) as bag:
        assert bag.damage == []


def test_a_picture_is_drawn_of_whatever_is_there(tmp_path, contract):
    with BagWriter(tmp_path / "run") as writer:
        writer.write("joint_states", "sensor_msgs/msg/JointState", {}, 1)
    assert save_picture(audit_bag(tmp_path / "run", contract), tmp_path / "one.png").is_file()


def test_a_picture_that_cannot_be_written_is_named(tmp_path, contract):
    audit = audit_bag(write(tmp_path / "run", contract.text), contract)
    with pytest.raises(BagError, match=r"no/where\.png cannot be written: No such file or directory"):
        save_picture(audit, tmp_path / "no/where.png")


def test_coverage_counts_cells_within_the_range_only():
    low, high = np.zeros(2), np.ones(2)
    assert coverage(np.array([[0.05, 0.05], [0.06, 0.01], [1.0, 1.0], [2.0, 0.5]]), low, high) == 0.02
    assert coverage(np.empty((0, 2)), low, high) == 0.0
