"""What holds of every search, whatever its method; on the embedded robot's own model."""

from itertools import islice

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from jepa_ros.contract import Limits, Observation
from jepa_ros.planning import (
    OPTIMISERS,
    AsProposed,
    CrossEntropy,
    GaussNewton,
    GradientDescent,
    ImprovedCrossEntropy,
    PathIntegral,
    Planner,
    Present,
)
from jepa_ros.planning.icem import coloured_noise
from jepa_ros.planning.optimiser import Outlook

every_optimiser = pytest.mark.parametrize("kind", OPTIMISERS.values(), ids=OPTIMISERS)
SEARCHING = {name: kind for name, kind in OPTIMISERS.items() if kind is not AsProposed}
every_search = pytest.mark.parametrize("kind", SEARCHING.values(), ids=SEARCHING)
positions = st.floats(-3.0, 3.0, width=32)
commands = st.floats(-2.0, 2.0, width=32)
anything = st.floats(allow_nan=True, allow_infinity=True, width=32)
few = settings(max_examples=15, deadline=None)


@pytest.fixture(scope="module")
def latent(model):
    return model.encode(Observation(0, {}, np.array([-1.0, 0.5], np.float32)))


@pytest.fixture(scope="module")
def goal(model):
    return model.encode(Observation(0, {}, np.array([-0.4, 0.0], np.float32)))[0]


@pytest.fixture(scope="module")
def present():
    return Present(torch.zeros(2), torch.tensor([-1.0, 0.5]))


def motion(command, state):
    return Present(torch.tensor(command), torch.tensor(state))


@every_optimiser
def test_every_plan_is_legal_from_any_motion(kind, model, contract, latent, goal):
    @few
    @given(st.tuples(commands, commands), st.tuples(positions, positions))
    def check(command, state):
        plan = Planner(contract.limits, search=kind()).plan(model, latent, goal, motion(command, state))
        again = contract.limits.project(plan.actions, torch.tensor(command), torch.tensor(state))
        torch.testing.assert_close(plan.actions, again, atol=1e-5, rtol=0.0)

    check()


@every_optimiser
def test_every_action_is_finite_and_within_its_range_whatever_is_measured(kind, model, contract, latent, goal):
    @few
    @given(st.tuples(anything, anything), st.tuples(anything, anything))
    def check(command, state):
        actions = Planner(contract.limits, search=kind()).plan(model, latent, goal, motion(command, state)).actions
        assert actions.isfinite().all()
        assert (actions.numpy() >= contract.limits.low).all()
        assert (actions.numpy() <= contract.limits.high).all()

    check()


@every_optimiser
def test_more_iterations_never_make_a_plan_worse(kind, model, contract, latent, goal, present):
    plans = islice(Planner(contract.limits, search=kind()).refine(model, latent, goal, present), 15)
    costs = [plan.cost for plan in plans]
    assert costs == sorted(costs, reverse=True)


@every_search
def test_a_plan_is_better_than_going_on_as_now(kind, model, contract, latent, goal, present):
    plan = Planner(contract.limits, search=kind()).plan(model, latent, goal, present)
    assert plan.cost < 0.9 * 8 * plan.start_distance


@every_search
def test_the_same_seed_plans_the_same_and_another_does_not(kind, model, contract, latent, goal, present):
    planners = (Planner(contract.limits, search=kind(), seed=seed) for seed in (1, 1, 2))
    plans = [planner.plan(model, latent, goal, present).actions for planner in planners]
    assert torch.equal(plans[0], plans[1])
    assert not torch.equal(plans[0], plans[2])


@every_optimiser
def test_without_any_finite_cost_the_plan_is_legal_and_says_so(kind, model, contract, latent, present):
    nowhere = torch.full((1, model.architecture.latent_size), torch.nan)
    plan = Planner(contract.limits, search=kind()).plan(model, latent, nowhere, present)
    assert plan.cost == float("inf")
    assert torch.equal(contract.limits.project(plan.actions, present.command, present.state), plan.actions)


@every_optimiser
def test_a_horizon_of_one_is_enough(kind, model, contract, latent, goal, present):
    plan = Planner(contract.limits, horizon=1, search=kind()).plan(model, latent, goal, present)
    assert plan.actions.shape == (1, 2)


@every_optimiser
def test_a_robot_without_limits_can_plan(kind, model, latent, goal, present):
    unlimited = np.full(2, np.inf)
    plan = Planner(Limits(-unlimited, unlimited, unlimited, 0.1), search=kind()).plan(model, latent, goal, present)
    assert plan.actions.isfinite().all()


@every_optimiser
def test_what_was_made_in_inference_mode_serves_as_well(kind, model, contract, present):
    with torch.inference_mode():
        latent = model.encode(Observation(0, {}, np.zeros(2, np.float32)))
        planner = Planner(contract.limits, search=kind())
        first = planner.plan(model, latent, latent[0].clone(), present)
    assert planner.plan(model, latent, latent[0], present, first).actions.isfinite().all()


def test_every_start_of_gradient_descent_goes_downhill_on_its_own(model, contract, latent, goal, present):
    alone = GradientDescent(starts=1)
    costs = [
        plan.cost for plan in islice(Planner(contract.limits, search=alone).refine(model, latent, goal, present), 9)
    ]
    assert costs[-1] < 0.8 * costs[0]


class Lines:
    """Everything is legal; two steps lead along straight lines to where the goal is missed by nothing, at ``there``."""

    def __init__(self, there, price=0.0):
        self.there, self.price = there, price
        self.leads = torch.randn(2, there.numel(), 5, generator=torch.Generator().manual_seed(0))

    def legal(self, candidates):
        return candidates

    def outlook(self, candidates):
        away = (candidates - self.there).flatten(1)
        misses = torch.einsum("bn,tne->bte", away, self.leads)
        costs = misses.norm(dim=-1).sum(dim=1) + self.price * candidates.square().sum(dim=(1, 2))
        return Outlook(costs, misses, lambda index: torch.ones(2))


def newton(landscape, iterations):
    begin = torch.zeros(4, 2), torch.ones(4, 2)
    return islice(GaussNewton().search(*begin, landscape, torch.Generator().manual_seed(1)), iterations)


def test_gauss_newton_solves_what_is_straight():
    there = torch.linspace(-1.0, 1.0, 8).view(4, 2)
    (_, first), (_, second), *_, (actions, last) = newton(Lines(there), 4)
    assert second < 0.1 * first
    assert last < 0.01 * first
    torch.testing.assert_close(actions, there, atol=0.02, rtol=0.0)


def test_gauss_newton_heeds_what_a_cost_holds_besides_distances():
    there = torch.ones(4, 2)
    *_, (dear, _) = newton(Lines(there, price=5.0), 6)
    assert dear.norm() < 0.9 * there.norm()


def test_the_default_search_gets_further_than_cross_entropy_with_a_quarter_of_its_candidates(
    model, contract, latent, goal, present
):
    few, many = (
        Planner(contract.limits, search=search).plan(model, latent, goal, present)
        for search in (GaussNewton(), CrossEntropy(candidates=64, iterations=3))
    )
    assert few.cost < many.cost


def test_path_integral_weights_prefer_the_cheap_and_ignore_the_impossible():
    weights = PathIntegral().weights(torch.tensor([2.0, 1.0, torch.inf, 3.0]))
    assert weights.argmax() == 1
    assert weights[2] == 0.0
    assert weights.sum() == pytest.approx(1.0)
    assert (PathIntegral().weights(torch.full((3,), torch.inf)) == 0.0).all()


@pytest.mark.parametrize("colour", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("horizon", [1, 2, 7, 8])
def test_coloured_noise_has_unit_variance_at_every_step(colour, horizon):
    noise = coloured_noise(20_000, torch.zeros(horizon, 2), colour, torch.Generator().manual_seed(0))
    torch.testing.assert_close(noise.std(dim=0), torch.ones(horizon, 2), atol=0.03, rtol=0.0)


def test_the_redder_the_noise_the_smoother():
    def roughness(colour):
        noise = coloured_noise(2000, torch.zeros(16, 1), colour, torch.Generator().manual_seed(0))
        return float(noise.diff(dim=1).square().mean())

    assert roughness(0.0) == pytest.approx(2.0, rel=0.05)
    assert roughness(0.0) > 1.5 * roughness(1.0) > 1.5 * 1.5 * roughness(2.0)


def test_icem_samples_fewer_candidates_from_iteration_to_iteration(model, contract, latent, goal, present):
    sizes = []

    class Bowl:
        """Everything is legal, and costs the more the farther from zero."""

        legal = staticmethod(lambda candidates: candidates)

        def score(self, candidates):
            sizes.append(len(candidates))
            return candidates.square().sum(dim=(1, 2))

    search = ImprovedCrossEntropy(candidates=100, elites=10)
    begin = torch.zeros(8, 2), torch.ones(8, 2)
    list(islice(search.search(*begin, Bowl(), torch.Generator()), 12))
    assert sizes[0] > sizes[1] > sizes[2] > sizes[-1] == 2 * 10 + 3
