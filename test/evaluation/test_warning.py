"""Warning times are counted from alarms that a fault raised, at thresholds that normal runs set."""

import numpy as np
import pytest
import torch

from jepa_ros.contract import load_contract
from jepa_ros.data.episodes import Episode
from jepa_ros.evaluation import operation
from jepa_ros.evaluation.operation import Run, failing_run, normal_run, steady
from jepa_ros.evaluation.warning import Runs, Warnings, drift_statistic, simulate_runs, warnings
from jepa_ros.paths import shipped
from jepa_ros.simulation.wearing import WearingProcesses, machines_of
from jepa_ros.training.drift import drift_scale
from jepa_ros.world_model import Architecture, Calibration, WorldModel

PERIODS = 900


@pytest.fixture(scope="module")
def machines():
    return WearingProcesses(load_contract(shipped("config/contracts/process.yaml")))


@pytest.fixture
def brief(monkeypatch):
    """Runs of a minute or two."""
    for name, value in {"WARM_UP": 20.0, "RUN": 90.0, "ONSET": (10.0, 20.0), "DEVELOPMENT": (30.0, 60.0)}.items():
        monkeypatch.setattr(operation, name, value)


def record(seed, slope=0.0, begin=0, states=8):
    """Noise in all instruments, with a trend in one from a moment on."""
    random = np.random.default_rng(seed)
    state = random.standard_normal((PERIODS, states)).astype(np.float32)
    state[begin:, 3] += slope * np.arange(PERIODS - begin)
    return Episode({}, state, np.zeros((PERIODS - 1, 2), np.float32), np.arange(PERIODS) * 10**9, stride=1)


@pytest.fixture(scope="module")
def model(machines):
    """One that predicts next to nothing: each error is the next noise, and a trend shows in their averages."""
    torch.manual_seed(0)
    architecture = Architecture(images={}, state_size=8, action_size=2, latent_size=8)
    calibration = Calibration.of_data(np.eye(8) * 2, np.eye(2))
    model = WorldModel(architecture, machines.contract, calibration, "untrained").eval().requires_grad_(False)
    scale = drift_scale(model, [record(1), record(2)], [record(3), record(4)])
    model.calibrate(model.calibration.model_copy(update={"drift": scale}))
    return model


@pytest.fixture(scope="module")
def found(model) -> Warnings:
    normal = [Run(record(seed)) for seed in range(10, 20)]
    failing = {
        "trend": [Run(record(seed, 0.05, 700), 700.0, 890.0) for seed in range(20, 24)],
        "nothing": [Run(record(seed), 700.0, 890.0) for seed in range(30, 34)],
    }
    return warnings(model, Runs(normal[:5], normal[5:], failing))


def test_all_statistics_are_judged_on_the_same_runs(found):
    assert found.faults == ["trend", "nothing"]
    for watched in (found.model, *found.charts):
        assert watched.normal_runs == 5
        assert all(len(watched.seconds[fault]) == 4 for fault in found.faults)
        assert all(0 <= seconds <= 190 for fault in found.faults for seconds in watched.seconds[fault])


def test_a_trend_is_warned_of_by_model_and_charts(found):
    assert min(found.model.seconds["trend"]) > 0
    assert found.best_chart("trend").mean("trend") > 50


def test_a_gain_is_over_the_best_chart_with_its_interval(found):
    gain = found.gain("trend")
    assert gain.chart == found.best_chart("trend").name
    assert gain.seconds == pytest.approx(found.model.mean("trend") - found.best_chart("trend").mean("trend"))
    assert gain.low <= gain.seconds <= gain.high
    assert found.overall().runs == 8


def test_an_example_shows_one_run_of_each_fault(found):
    assert [example.fault for example in found.examples] == found.faults
    trend = found.examples[0]
    assert trend.onset <= trend.alarm <= trend.failure
    assert len(trend.time) == len(trend.statistic) <= 400


def test_an_alarm_that_stood_before_the_onset_does_not_count(model):
    long_ago = Run(record(40, 0.05, 100), 700.0, 890.0)
    judged = warnings(model, Runs([Run(record(41))], [Run(record(42))], {"early": [long_ago]}))
    assert judged.model.seconds["early"] == [0.0]


def test_a_model_that_knows_nothing_of_drift_is_refused(model):
    ignorant = WorldModel(model.architecture, model.contract, Calibration.of_data(np.eye(8), np.eye(2)), "ignorant")
    with pytest.raises(ValueError, match="ignorant has no calibration of drift"):
        drift_statistic(ignorant)


def test_normal_runs_last_and_failing_ones_end_with_failure(machines, brief):
    normal, failing = normal_run(machines, 1), failing_run(machines, "leak", 1)
    assert (len(normal.episode), normal.failure) == (110, None)
    assert 30 <= failing.onset <= 40
    assert 30 <= failing.failure - failing.onset <= 60
    assert len(failing.episode) == round(failing.failure)
    assert np.isfinite(failing.episode.actions).all()


def test_the_same_seed_makes_the_same_run_and_a_fault_shows_only_after_its_onset(machines, brief):
    failing, again = (failing_run(machines, "sensor_drift", 5) for _ in range(2))
    state, sound = failing.episode.state, normal_run(machines, 5).episode.state
    assert np.array_equal(state, again.episode.state)
    onset = round(failing.onset)
    assert np.array_equal(state[:onset], sound[:onset])
    assert state[-1, 0] - sound[len(state) - 1, 0] > 3


def test_steady_inputs_stay_in_the_middle(machines, brief):
    actions = normal_run(machines, 2, steady).episode.actions
    assert np.allclose(actions[5:], 0.5, atol=1e-3)


def test_runs_are_simulated_for_every_fault(machines, brief):
    done = []
    runs = simulate_runs(machines, 1, 1, 3, done=lambda: done.append(1))
    assert (len(runs.normal), len(runs.fresh), set(runs.failing)) == (1, 1, set(machines.faults))
    assert len(done) == 2 + len(machines.faults)


def test_only_a_process_wears(machines, contract):
    assert isinstance(machines_of(machines.contract), WearingProcesses)
    assert machines_of(contract) is None
