"""The mobile base and the process fail as the arm does: by name, from a moment on, and not for ever."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jepa_ros.contract import load_contract
from jepa_ros.simulation.embedded import EMBEDDED
from jepa_ros.simulation.faults import FAULTS_OF, find_fault
from jepa_ros.simulation.furnished_room import FurnishedRoom
from jepa_ros.simulation.process import Process
from jepa_ros.simulation.robot import SimulatedRobot

CONTRACTS = Path(__file__).parents[2] / "config/contracts"
RANDOM = np.random.default_rng(0)


def drive(room, seconds=0.4):
    before = room.position
    room.base.drive(0.5, 0.0, 0.0)
    room.step(seconds)
    return float(np.hypot(*(room.position - before)))


def test_every_fault_of_every_robot_begins_distorts_and_ends():
    assert set(FAULTS_OF) == set(EMBEDDED)
    for robot_type, faults in FAULTS_OF.items():
        contract = load_contract(CONTRACTS / f"{robot_type}.yaml")
        for name in faults:
            robot, fault = SimulatedRobot(contract), find_fault(robot_type, name)
            fault.begin(robot.body, RANDOM)
            for message in robot.advance(0.2):
                assert fault.distort(message).fields.keys() == message.fields.keys()
            fault.end(robot.body)


def test_a_blocked_wheel_holds_the_base_until_it_is_mended():
    room, fault = FurnishedRoom(seed=2), find_fault("furnished_room", "blocked_joint")
    room.reset((2.3, 1.1))
    fault.begin(room, RANDOM)
    assert drive(room) == 0.0
    assert fault.shows(np.array([0.0, 0.5]))
    assert not fault.shows(np.array([0.0, 0.05]))
    fault.end(room)
    assert drive(room) > 0.1


def test_a_teleported_base_is_at_another_free_place():
    room = FurnishedRoom(seed=2)
    before = room.position
    find_fault("furnished_room", "teleport").begin(room, RANDOM)
    assert np.hypot(*(room.position - before)) > 0.1
    assert room.free_space.free(room.position)


def test_a_fault_of_the_process_develops_and_is_gone_when_it_ends():
    process, fault = Process(seed=1), find_fault("process", "leak")
    fault.begin(process, RANDOM)
    process.step(60.0)
    assert process.tank.wear.leak > 0
    fault.end(process)
    process.step(1.0)
    assert process.time_to_failure == np.inf
    assert process.tank.wear.leak == 0


def test_a_fault_that_cannot_happen_is_refused_with_those_that_can():
    with pytest.raises(ValueError, match="no fault of process is called 'blank_camera'; there are fouling, leak"):
        find_fault("process", "blank_camera")
