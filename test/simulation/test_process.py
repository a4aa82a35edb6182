"""The stirred tank answers its inputs fast and slowly, and its faults develop as the simulator says."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from jepa_ros.contract import load_contract
from jepa_ros.simulation.body import CommandError
from jepa_ros.simulation.process import FAULTS, INSTRUMENTS, Process
from jepa_ros.simulation.robot import SimulatedRobot

CONTRACT = load_contract(Path(__file__).parents[2] / "config/contracts/process.yaml")


def run(process, seconds):
    for _ in range(round(seconds)):
        process.step(1.0)


def settled(heater=0.6, valve=0.5, seed=0):
    """A sound process at rest."""
    process = Process(seed)
    process.set_heater(heater)
    process.set_valve(valve)
    run(process, 1800)
    return process


def test_it_sends_eight_streams_at_their_rates():
    messages = SimulatedRobot(CONTRACT, Process(1)).advance(2.0)
    for point in INSTRUMENTS:
        assert sum(message.topic == point.topic for message in messages) == 2 * point.rate + 1
    assert len(INSTRUMENTS) == len(CONTRACT.state_names) == 8


def test_readings_are_noisy_about_the_truth_and_the_same_for_the_same_seed():
    def readings(seed):
        process = Process(seed)
        level = next(sensor for sensor in process.sensors() if sensor.topic == "tank/level")
        return process, np.array([level.read(0)["data"] for _ in range(400)])

    process, values = readings(2)
    assert values.mean() == pytest.approx(process.tank.level, abs=0.001)
    assert values.std() == pytest.approx(0.003, rel=0.2)
    assert np.array_equal(values, readings(2)[1])


def test_distractors_make_instruments_noisier():
    def deviation(distractors):
        process = Process(2, distractors)
        level = next(sensor for sensor in process.sensors() if sensor.topic == "tank/level")
        return np.std([level.read(0)["data"] for _ in range(400)])

    assert deviation(1.0) == pytest.approx(10 * deviation(0.0), rel=0.01)
    with pytest.raises(ValueError, match="distractors are 2, not within"):
        Process(0, 2)


def test_the_flow_follows_the_valve_within_seconds_and_the_level_within_minutes():
    process = settled()
    level, flow = process.tank.level, process.tank.inflow
    process.set_valve(0.7)
    run(process, 4)
    assert process.tank.inflow > 1.25 * flow
    assert process.tank.level == pytest.approx(level, abs=0.02)
    run(process, 1500)
    assert process.tank.level > 1.5 * level


def test_heating_warms_the_jacket_first_and_then_the_tank():
    process = settled(heater=0.3)
    tank, jacket = process.tank.tank, process.tank.jacket
    process.set_heater(0.9)
    run(process, 30)
    assert process.tank.jacket - jacket > 3 * (process.tank.tank - tank)
    run(process, 1200)
    assert process.tank.tank > tank + 8


def test_whatever_is_done_it_stays_within_what_physics_allows():
    process, random = Process(3), np.random.default_rng(0)
    for _ in range(400):
        process.set_heater(random.choice([0, 1]))
        process.set_valve(random.choice([0, 1]))
        run(process, 10)
        assert 0 <= process.tank.level <= 1
        assert 0 < process.tank.tank <= process.tank.jacket + 10 < 135


def test_inputs_are_cut_to_their_range_and_refused_where_they_are_no_numbers():
    robot = SimulatedRobot(CONTRACT, Process(0))
    robot.receive("heater/power", {"data": 1.7})
    assert robot.body.tank.heater == 1.0
    with pytest.raises(CommandError, match="feed/valve is nan"):
        robot.receive("feed/valve", {"data": math.nan})


def test_a_fault_develops_until_the_time_that_the_simulator_knows():
    process = Process(0)
    assert process.time_to_failure == math.inf
    process.develop("leak", 600)
    run(process, 300)
    assert process.time_to_failure == pytest.approx(300)
    assert process.tank.wear.leak == pytest.approx(0.25)
    run(process, 400)
    assert process.time_to_failure == 0
    assert process.tank.wear.leak == 1


def test_a_fault_of_no_known_kind_is_refused():
    with pytest.raises(
        ValueError, match="no fault is called 'rust'; there are fouling, leak, stuck_valve, sensor_drift"
    ):
        Process(0).develop("rust", 10)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_shows_in_its_own_way(fault):
    process, sound = settled(seed=5), settled(seed=5)
    process.develop(fault, 1.0)
    for machine in (process, sound):
        run(machine, 2)
        machine.set_valve(0.6)
        run(machine, 900)
    shown = {point.topic: point.read(process.tank) - point.read(sound.tank) for point in INSTRUMENTS}
    if fault == "fouling":
        assert shown["tank/temperature"] < -0.3
        assert shown["jacket/temperature"] > 4
    elif fault == "leak":
        assert shown["tank/level"] < -0.1
    elif fault == "stuck_valve":
        assert shown["feed/flow"] < -0.015
    else:
        assert shown["tank/temperature"] == pytest.approx(6)
        assert shown["jacket/temperature"] == pytest.approx(0)


def test_a_reset_makes_it_sound_again():
    process = Process(0)
    process.develop("fouling", 10)
    run(process, 20)
    process.reset()
    run(process, 5)
    assert process.tank.wear.fouling == 0
