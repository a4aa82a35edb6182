import numpy as np
import pytest
import torch

from jepa_ros.contract import Observation, period_means
from jepa_ros.planning import CrossEntropy, Planner, Present


@pytest.fixture(scope="module")
def situation(model, contract, episodes):
    """A latent, a goal latent two seconds of motion away, and how the robot moves."""
    episode = episodes[0]

    def encode(index):
        images = {camera: image[index] for camera, image in episode.images.items()}
        return model.encode(Observation(0, images, episode.state[index]))

    far = int(np.argmax(np.abs(episode.state - episode.state[0]).sum(1)))
    present = Present(torch.zeros(2), torch.from_numpy(episode.state[0]))
    return encode(0), encode(far)[0], present


def predict(model, latent, actions, present):
    """What comes of commands that are sent while another is in force."""
    return model.predict(latent, period_means(torch.tensor(model.contract.ramped), actions, present.command))


def test_a_plan_leads_towards_the_goal(model, contract, situation):
    latent, goal, present = situation
    plan = Planner(contract.limits).plan(model, latent, goal, present)
    assert plan.distances[-1] < 0.9 * plan.start_distance
    assert plan.actions.shape == (8, 2)
    assert plan.prediction.shape == (8, 1, model.architecture.latent_size)


def test_the_prediction_in_a_plan_is_the_models_own(model, contract, situation):
    latent, goal, present = situation
    plan = Planner(contract.limits).plan(model, latent, goal, present)
    torch.testing.assert_close(plan.prediction, predict(model, latent, plan.actions.unsqueeze(0), present)[0])
    torch.testing.assert_close(plan.distances, model.distance(plan.prediction, goal))


def test_every_plan_is_legal_from_any_motion(model, contract, situation):
    latent, goal, _ = situation
    random = np.random.default_rng(0)
    for _ in range(20):
        command, state = random.uniform(-1, 1, 2), random.uniform(-2.6, 2.6, 2)
        present = Present(torch.tensor(command).float(), torch.tensor(state).float())
        plan = Planner(contract.limits).plan(model, latent, goal, present)
        actions = plan.actions.numpy()
        assert np.allclose(contract.limits.project(actions, command, state), actions, atol=1e-5)


def test_a_warm_start_is_at_least_as_good_as_what_is_left_of_the_last_plan(model, contract, situation):
    latent, goal, present = situation
    planner = Planner(contract.limits)
    first = planner.plan(model, latent, goal, present)
    after = first.prediction[:1]
    moved = Present(first.actions[0], present.state + 0.05 * (present.command + first.actions[0]))
    warm = planner.plan(model, after, goal, moved, warm_start=first)
    rest = torch.cat([first.actions[1:], first.actions[-1:]]).unsqueeze(0)
    legal = contract.limits.project(rest, moved.command, moved.state)
    left = model.distance(predict(model, after, legal, moved), goal).sum()
    assert warm.cost <= left + 1e-5


def test_the_same_seed_plans_the_same_and_another_does_not(model, contract, situation):
    latent, goal, present = situation
    plans = [Planner(contract.limits, seed=seed).plan(model, latent, goal, present).actions for seed in (1, 1, 2)]
    assert torch.equal(plans[0], plans[1])
    assert not torch.equal(plans[0], plans[2])


def test_fewer_candidates_than_elites_still_make_a_plan(model, contract, situation):
    latent, goal, present = situation
    small = Planner(contract.limits, search=CrossEntropy(candidates=8, elites=16))
    assert small.plan(model, latent, goal, present).actions.isfinite().all()
