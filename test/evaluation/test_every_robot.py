"""Every embedded robot is evaluated in simulation as far as it can be, even with a model that has learnt nothing."""

from pathlib import Path

import pytest

from jepa_ros.contract import load_contract
from jepa_ros.evaluation.evaluate import Effort, evaluate
from jepa_ros.evaluation.figures import key_figures
from jepa_ros.evaluation.report import write_report
from jepa_ros.simulation.exploring import explored_episodes
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.training import Recipe, make_model

CONTRACTS = Path(__file__).parents[2] / "config/contracts"
SMALL = Effort(trials=1, faults=1, runs=1)


@pytest.fixture(scope="module", params=["furnished_room", "process"])
def evaluation(request):
    contract = load_contract(CONTRACTS / f"{request.param}.yaml")
    episodes = explored_episodes(contract, 200 * contract.period)
    model = make_model(contract, episodes, Recipe(steps=2, batch=4), "fresh").model
    return evaluate(model, "fresh", episodes, simulator_of(contract), SMALL)


def test_its_faults_are_looked_for_and_its_false_alarms_counted(evaluation):
    assert [found.fault for found in evaluation.faults] == list(simulator_of_robot(evaluation.robot).faults)
    assert all(found.faulty_frames and found.normal_frames for found in evaluation.faults)
    assert [found.driver for found in evaluation.alarms][:2] == ["recorded data", "exploring"]


def test_goals_are_pursued_by_robots_that_are_somewhere(evaluation, tmp_path):
    names = [row.name for row in key_figures([evaluation])]
    write_report([evaluation], tmp_path, "a little")
    if evaluation.robot == "process":
        assert evaluation.closed_loop is None
        assert not (tmp_path / "trials.png").exists()
    else:
        assert evaluation.closed_loop.reached.successes == 0
        assert "distance from the goal (m) at the end, median" in names
        assert (tmp_path / "trials.png").exists()


def simulator_of_robot(robot):
    return simulator_of(load_contract(CONTRACTS / f"{robot}.yaml"))
