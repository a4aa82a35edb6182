"""Each cost by itself, and put together by name."""

import sys

import numpy as np
import pytest
import torch
import yaml

from jepa_ros.contract import Contract, Observation
from jepa_ros.planning import Planner, Present, Rollout
from jepa_ros.planning.costs import (
    CostError,
    Effort,
    RunningDistance,
    Smoothness,
    TerminalDistance,
    WeightedSum,
    compose,
    installed,
)

EVEN = {"running_distance": 1.0}


@pytest.fixture
def rollout():
    """Two candidates of three actions; the second comes nearer, but late, and jerks."""
    actions = torch.tensor([[[1.0, 0.0]] * 3, [[0.0, 0.0], [0.0, 0.0], [2.0, 2.0]]])
    distances = torch.tensor([[3.0, 2.0, 2.0], [5.0, 5.0, 1.0]])
    present = Present(torch.tensor([1.0, 0.0]), torch.zeros(2))
    return Rollout(
        actions,
        torch.zeros(2, 3, 1, 4),
        distances,
        present,
        torch.tensor([1.0, 2.0]),
        lambda actions: actions,
        lambda latents: distances / 2.0,
    )


@pytest.fixture(scope="module")
def situation(model):
    latent, goal = (model.encode(Observation(0, {}, np.array(pose, np.float32))) for pose in ([-1, 0.5], [0, 0]))
    return latent, goal[0], Present(torch.zeros(2), torch.tensor([-1.0, 0.5]))


def test_the_running_distance_counts_every_step_and_the_terminal_one_only_the_last(rollout):
    assert RunningDistance()(rollout).tolist() == [7.0, 11.0]
    assert TerminalDistance()(rollout).tolist() == [2.0, 1.0]


def test_effort_is_what_is_commanded_as_a_share_of_the_range(rollout):
    assert Effort()(rollout).tolist() == [3.0, 4.0 + 1.0]


def test_smoothness_counts_changes_beginning_with_that_from_the_command_in_force(rollout):
    assert Smoothness()(rollout).tolist() == [0.0, 1.0 + 4.0 + 1.0]


def test_predictability_counts_how_strange_the_predicted_latents_are(rollout, contract):
    assert compose({"predictability": 1.0}, contract)(rollout).tolist() == [3.5, 5.5]


def test_a_robot_that_measures_nothing_has_no_predictability(contract):
    document = yaml.safe_load(contract.text)
    del document["observations"]["observation.state"], document["x-jepa"]
    with pytest.raises(CostError, match="measures none"):
        compose({"predictability": 1.0}, Contract.parse(yaml.safe_dump(document)))


def test_a_weight_on_predictability_makes_plans_less_strange(model, contract, situation):
    latent, goal, present = situation

    def strangeness(weights):
        plan = Planner(contract.limits, cost=compose(weights, contract)).plan(model, latent, goal, present)
        return float(model.strangeness(plan.prediction).sum())

    assert strangeness({**EVEN, "predictability": 30.0}) < 0.95 * strangeness(EVEN)


def test_a_sum_weighs_its_parts(rollout):
    both = WeightedSum([(1.0, RunningDistance()), (10.0, TerminalDistance())])
    assert both(rollout).tolist() == [27.0, 21.0]


def test_costs_are_composed_by_name_and_a_weight_of_zero_leaves_one_out(contract, rollout):
    cost = compose({"running_distance": 1.0, "effort": 0.0, "terminal_distance": 2.0}, contract)
    assert cost(rollout).tolist() == [11.0, 13.0]
    assert len(cost.parts) == 2


def test_an_unknown_cost_is_refused_with_those_there_are(contract):
    with pytest.raises(CostError, match=r"'beauty'; allowed: running_distance, terminal_distance.*keep_out"):
        compose({"beauty": 1.0}, contract)


def test_no_cost_at_all_is_refused(contract):
    with pytest.raises(CostError, match="all costs have the weight 0"):
        compose({"running_distance": 0.0}, contract)


@pytest.mark.parametrize(("name", "kind"), [("smoothness", Smoothness), ("effort", Effort)])
def test_a_weight_on_motion_makes_plans_calmer(model, contract, situation, name, kind):
    def asked(weights):
        plan = Planner(contract.limits, cost=compose(weights, contract)).plan(model, *situation)
        present, unit = situation[2], torch.ones(2)
        return float(kind()(Rollout(plan.actions[None], None, None, present, unit, None, None)))

    assert asked({**EVEN, name: 0.3}) < 0.8 * asked(EVEN)


@pytest.fixture
def installation(tmp_path, monkeypatch):
    """Installs a package with one cost, as pip would: a module, and its metadata beside it."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(code, name="shyness", module="shy_costs"):
        (tmp_path / f"{module}.py").write_text(code)
        metadata = tmp_path / f"{module}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[jepa_ros.costs]\n{name} = {module}:Shyness\n")

    yield install
    sys.modules.pop("shy_costs", None)


SHY = """
class Shyness:
    def __init__(self, contract):
        self.index = contract.state_names.index("position.elbow")

    def __call__(self, rollout):
        return rollout.states[..., self.index].abs().sum(dim=1)
"""


def test_a_cost_of_an_installed_package_shapes_the_plan(installation, model, contract, situation):
    installation(SHY)
    assert list(installed()) == ["shyness"]
    away = Planner(contract.limits, cost=compose({"running_distance": 1e-6, "shyness": 1.0}, contract))
    plan = away.plan(model, *situation)
    elbow = 0.5 + 0.1 * float(plan.actions[:, 1].sum())
    assert abs(elbow) < 0.2


def test_an_installed_cost_that_fails_to_load_is_refused_with_the_reason(installation, contract):
    installation("import nothing_of_that_name")
    with pytest.raises(CostError, match=r"'shyness' of shy_costs:Shyness: ModuleNotFoundError"):
        compose({**EVEN, "shyness": 1.0}, contract)


def test_an_installed_cost_can_not_take_the_name_of_a_shipped_one(installation, contract, rollout):
    installation(SHY, name="running_distance")
    assert installed() == {}
    assert compose(EVEN, contract)(rollout).tolist() == [7.0, 11.0]


def test_a_cost_that_is_no_number_makes_no_plan(model, contract, situation):
    plan = Planner(contract.limits, cost=lambda rollout: rollout.distances[:, 0] * torch.nan).plan(model, *situation)
    assert plan.cost == float("inf")
