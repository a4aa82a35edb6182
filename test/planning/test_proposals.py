"""Where a search begins: at what the model proposes, if it does and that is better."""

import numpy as np
import pytest
import torch

from jepa_ros.contract import Observation
from jepa_ros.evaluation.robot import Watcher
from jepa_ros.evaluation.trials import goal_latent, pursue
from jepa_ros.planning import OPTIMISERS, AsProposed, LatentGoal, Planner, Present, StateGoal
from jepa_ros.simulation.simulators import simulator_of

HERE, THERE = (-1.0, 0.5), (0.2, -0.3)


@pytest.fixture(scope="module")
def situation(model):
    """A latent, a goal latent a second away, and an arm at rest."""
    latent, goal = (model.encode(Observation(0, {}, np.array(pose, np.float32))) for pose in (HERE, THERE))
    return latent, goal[0], Present(torch.zeros(2), torch.tensor(HERE))


def test_what_is_proposed_leads_towards_the_goal(proposing, contract, situation):
    plan = Planner(contract.limits, search=AsProposed()).plan(proposing, *situation)
    assert plan.distances[-1] < 0.5 * plan.start_distance
    assert plan.iteration == 1


@pytest.mark.parametrize("name", [name for name in OPTIMISERS if name != "random"])
def test_every_search_begins_with_what_is_proposed(proposing, contract, situation, name):
    proposed = Planner(contract.limits, search=AsProposed()).plan(proposing, *situation)
    first = next(Planner(contract.limits, search=OPTIMISERS[name]()).refine(proposing, *situation))
    assert first.cost <= 1.001 * proposed.cost  # one may be rounded by the engine, the other exact


@pytest.mark.parametrize("horizon", [1, 5, 8, 20])
def test_a_proposal_is_fitted_to_the_horizon(proposing, contract, situation, horizon):
    plan = Planner(contract.limits, horizon, AsProposed()).plan(proposing, *situation)
    assert plan.actions.shape == (horizon, 2)
    assert plan.cost < horizon * plan.start_distance


def test_what_is_left_of_a_better_plan_is_kept(proposing, contract, situation):
    latent, goal, present = situation
    best = Planner(contract.limits).plan(proposing, latent, goal, present)
    moved = Present(best.actions[0], present.state + 0.05 * best.actions[0])
    kept = Planner(contract.limits, search=AsProposed()).plan(proposing, best.prediction[:1], goal, moved, best)
    torch.testing.assert_close(kept.actions[:-1], best.actions[1:])


def test_a_goal_that_leaves_something_open_is_searched_for_as_if_nothing_could_be_proposed(
    model, proposing, contract, situation
):
    latent, _, present = situation
    elbow = StateGoal(model, ["position.elbow"], [0.0])
    plain, other = (Planner(contract.limits).plan(each, latent, elbow, present) for each in (model, proposing))
    assert torch.equal(plain.actions, other.actions)


def test_a_goal_of_some_tokens_is_not_whole(two_eyed):
    model = two_eyed("tokens")
    latent = torch.zeros(model.architecture.tokens, model.architecture.latent_size)
    assert LatentGoal(model, latent, model.architecture.tokens_of("observation.images.gripper")).whole is None
    assert LatentGoal(model, latent).whole is not None


def test_an_arm_gets_near_its_goal_as_proposed(proposing, contract):
    places = simulator_of(contract).places
    robot, planner = places.at(HERE), Planner(contract.limits, search=AsProposed())
    pursue(Watcher(proposing, robot), goal_latent(proposing, places.at(THERE)), planner=planner)
    assert places.error(robot, np.array(THERE)) <= places.tolerance
