import gc
import resource
from pathlib import Path

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


@pytest.fixture
def predicted(model, monkeypatch):
    """By which models predictions are made from now on."""
    asked = []

    def watch(one, which):
        by = one.predict

        def spy(*asking):
            asked.append(which)
            return by(*asking)

        monkeypatch.setitem(vars(one), "predict", spy)  # leaves no trace, which copies would take along

    rounded = model.by_engine("bfloat16")  # made of the model as it is, not as it is watched
    watch(model, "plainly")
    watch(rounded, "rounded")
    return asked


def test_what_a_plan_says_is_computed_plainly_whatever_the_engine(model, contract, situation, predicted):
    latent, goal, present = situation
    planner = Planner(contract.limits, search=CrossEntropy(iterations=3), engine="bfloat16")
    plan = planner.plan(model, latent, goal, present)
    assert predicted.count("rounded") >= 3
    assert predicted.count("plainly") == 1
    exact = predict(model, latent, plan.actions.unsqueeze(0), present)[0]
    torch.testing.assert_close(plan.prediction, exact, rtol=1e-5, atol=1e-6)


def test_a_search_that_compares_small_differences_is_given_all_digits(model, contract, situation, predicted):
    latent, goal, present = situation
    plan = Planner(contract.limits, engine="bfloat16").plan(model, latent, goal, present)
    predicted.clear()
    Planner(contract.limits, engine="bfloat16").plan(model, latent, goal, present, warm_start=plan)
    assert set(predicted) == {"plainly"}


def test_engines_find_plans_that_are_equally_good(model, contract, situation):
    latent, _, present = situation
    goal = predict(model, latent, torch.tensor([[[0.4, -0.3]] * 6]), present)[0, -1]  # nearer than the horizon
    plans = [
        Planner(contract.limits, search=CrossEntropy(iterations=10), engine=engine).plan(model, latent, goal, present)
        for engine in ("float32", "bfloat16")
    ]
    assert plans[0].cost != plans[1].cost
    assert plans[1].distances.sum() == pytest.approx(float(plans[0].distances.sum()), rel=0.02)


def test_an_engine_that_there_is_not_is_refused_with_those_that_there_are(model, contract, situation):
    latent, goal, present = situation
    allowed = "engine 'warp'; allowed: 'auto', 'float32', 'bfloat16', 'compiled', 'cuda_graphs'"
    with pytest.raises(ValueError, match=allowed):
        Planner(contract.limits, engine="warp").plan(model, latent, goal, present)


@pytest.mark.parametrize("engine", ["float32", "bfloat16"])
def test_many_plans_take_no_more_memory_than_a_few(model, contract, situation, engine):
    latent, goal, present = situation
    planner = Planner(contract.limits, search=CrossEntropy(), engine=engine)

    def plan(times):
        for _ in range(times):
            planner.plan(model, latent, goal, present)
        gc.collect()
        return resident()

    few = plan(30)
    assert plan(150) - few < 2.0


def resident():
    """What this process holds of the machine's memory, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def test_fewer_candidates_than_elites_still_make_a_plan(model, contract, situation):
    latent, goal, present = situation
    small = Planner(contract.limits, search=CrossEntropy(candidates=8, elites=16))
    assert small.plan(model, latent, goal, present).actions.isfinite().all()
