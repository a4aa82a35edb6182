"""Planning with models that look back, or whose steps are several periods long."""

from itertools import islice

import pytest
import torch

from jepa_ros.contract import period_means
from jepa_ros.planning import GradientDescent, Planner, Present, Rollout, StateGoal
from jepa_ros.planning.costs import Predictability, RunningDistance, TerminalDistance, compose
from jepa_ros.planning.rollout import follow
from jepa_ros.world_model import Architecture, Calibration, Design, WorldModel

UNIT = Calibration(state_mean=(0.0, 0.0), state_scale=(1.0, 1.0), action_scale=(1.0, 1.0))
PRESENT = Present(torch.tensor([0.2, 0.0]), torch.zeros(2))


@pytest.fixture(scope="module")
def blocks(contract):
    """Looks back at three latents, and takes two periods at once; untrained, which planning does not mind."""
    torch.manual_seed(0)
    design = Design(history=3, action_block=2, latent_size=4, predictor_width=32)
    model = WorldModel(Architecture.of(contract, design), contract, UNIT, "blocks")
    return model.requires_grad_(False)


@pytest.fixture(scope="module")
def context():
    return torch.randn(1, 3, 1, 4, generator=torch.Generator().manual_seed(1))


GOAL = torch.zeros(1, 4)


def test_a_plan_has_an_action_for_every_period_and_a_latent_for_every_step(blocks, contract, context):
    plan = Planner(contract.limits, horizon=6).plan(blocks, context, GOAL, PRESENT)
    assert plan.actions.shape == (6, 2)
    assert plan.prediction.shape == (3, 1, 4)
    means = period_means(torch.tensor(contract.ramped), plan.actions.unsqueeze(0), PRESENT.command)
    torch.testing.assert_close(plan.prediction, blocks.predict(context, means)[0])
    assert plan.start_distance == pytest.approx(float(blocks.distance(context[0, -1], GOAL)))


def test_a_plan_depends_on_the_past(blocks, contract, context):
    planner = Planner(contract.limits, horizon=6)
    whole, newest = (planner.plan(blocks, seen, GOAL, PRESENT) for seen in (context, context[:, -1]))
    assert not torch.allclose(whole.prediction, newest.prediction)
    assert whole.start_distance == newest.start_distance


def test_gradients_find_their_way_through_blocks(blocks, contract, context):
    planner = Planner(contract.limits, horizon=6, search=GradientDescent())
    first, *_, last = islice(planner.refine(blocks, context, GOAL, PRESENT), 6)
    assert last.cost < first.cost


def test_a_horizon_that_is_no_whole_number_of_steps_is_refused(blocks, contract, context):
    with pytest.raises(ValueError, match=r"7 periods .* multiples of 2"):
        Planner(contract.limits, horizon=7).plan(blocks, context, GOAL, PRESENT)


def test_a_warm_start_goes_on_within_a_block(blocks, contract, context):
    planner = Planner(contract.limits, horizon=6)
    first = planner.plan(blocks, context, GOAL, PRESENT)
    moved = Present(first.actions[0], 0.05 * (PRESENT.command + first.actions[0]))
    assert planner.plan(blocks, context, GOAL, moved, warm_start=first).actions.shape == (6, 2)


def test_a_goal_state_is_compared_with_the_states_at_the_ends_of_steps(blocks, contract, context):
    goal = StateGoal(blocks, ["position.elbow"], [0.3])
    plan = Planner(contract.limits, horizon=6).plan(blocks, context, goal, PRESENT)
    elbow = follow("joint_velocity", contract.limits, plan.actions[None], PRESENT)[0, 1::2, 1]
    torch.testing.assert_close(plan.distances, (elbow - 0.3).abs())


@pytest.fixture
def rollout():
    """One candidate of four actions, in two steps."""
    distances = torch.tensor([[3.0, 1.0]])
    actions = torch.zeros(1, 4, 2)
    states = torch.tensor([[[0.0, 0.0], [0.5, 0.0], [1.0, 0.0], [1.5, 0.0]]])
    return Rollout(
        actions,
        torch.zeros(1, 2, 1, 4),
        distances,
        PRESENT,
        torch.ones(2),
        lambda actions: states,
        lambda latents: distances,
    )


def test_distances_count_for_all_periods_of_their_step(rollout):
    assert RunningDistance()(rollout).tolist() == [8.0]
    assert TerminalDistance()(rollout).tolist() == [1.0]


def test_strangeness_counts_for_all_periods_of_its_step(rollout, contract):
    assert Predictability(contract)(rollout).tolist() == [8.0]


def test_regions_are_kept_out_of_in_every_period(rollout, contract):
    narrow = "[{box: {position.shoulder: [0.4, 0.6]}}]"
    assert compose({"keep_out": 1.0}, contract, narrow)(rollout).item() > 1.0
