"""Surprise: false alarms are counted rightly, faults are told from normal frames."""

import numpy as np
import pytest

from jepa_ros.data.episodes import Episode
from jepa_ros.evaluation.robot import Watcher, explore
from jepa_ros.evaluation.surprise import detect_fault, false_alarms, p_values, recorded_p_values
from jepa_ros.simulation.faults import Fault
from jepa_ros.simulation.planar_arm import PlanarArm
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.simulation.stepped import SteppedRobot
from jepa_ros.training.encoded import encode_episodes


def test_p_values_that_are_uniform_give_as_many_alarms_as_asked_for():
    random = np.random.default_rng(0)
    found = false_alarms("fair dice", [random.uniform(size=5000) for _ in range(10)], rates=(0.01, 0.1))
    assert found.frames == 50_000
    for low, ratio, high in zip(found.low, found.ratio, found.high):
        assert low < ratio < high
        assert 0.9 < ratio < 1.1


def test_the_ratio_is_seen_over_asked_for():
    run = np.array([0.001, 0.05, 0.1, 0.5])
    assert false_alarms("four frames", [run, np.array([])], rates=(0.1,)).ratio == [pytest.approx(7.5)]


def test_runs_without_one_comparison_are_refused_in_words():
    with pytest.raises(ValueError, match="no frame could be compared"):
        false_alarms("nothing", [np.array([])])


def test_an_arm_that_is_suddenly_elsewhere_surprises(contract, model):
    found = detect_fault(model, "teleport", simulator_of(contract).faulty("teleport", 1), 13, seed=1)
    assert found.auc > 0.99
    assert found.faulty_frames == 6
    assert found.true_rate == sorted(found.true_rate)


def test_a_fault_that_does_nothing_is_not_found(contract, model):
    found = detect_fault(model, "nothing", SteppedRobot(contract, PlanarArm(1), Fault()), 13, seed=1)
    assert 0.2 < found.auc < 0.8


def test_recorded_frames_are_judged_as_live_ones(contract, model):
    robot = simulator_of(contract).anywhere(3)
    looks = [look for period in explore(Watcher(model, robot), 1.8, 3) for look in period]
    looks = looks[3:]  # from the first command on; commands of long ago are forgotten
    seen = [look.observation for look in looks]
    stamps = np.array([one.stamp_ns for one in seen])
    recording = Episode(
        images={key: np.stack([one.images[key] for one in seen]) for key in contract.images},
        state=np.stack([one.state for one in seen]),
        actions=np.stack([robot.command_between(a, b) for a, b in zip(stamps.tolist(), stamps[3:].tolist())]),
        stamps_ns=stamps,
        stride=3,
    )
    assert np.allclose(
        np.concatenate(recorded_p_values(model, encode_episodes(model, [recording]))), p_values(looks[3:]), atol=2e-3
    )
