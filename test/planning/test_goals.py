"""What a motion shall bring about: to perceive something, or to measure something; and that robots get there."""

import numpy as np
import pytest
import torch

from jepa_ros.contract import Observation
from jepa_ros.evaluation.robot import Watcher
from jepa_ros.evaluation.trials import PATIENCE, pursue
from jepa_ros.paths import shipped
from jepa_ros.planning import OPTIMISERS, AsProposed, LatentGoal, Outcome, Patience, Planner, Present, StateGoal
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.world_model import WorldModel

ELBOW = "position.elbow"
SEARCHING = {name: kind for name, kind in OPTIMISERS.items() if kind is not AsProposed}


def shipped_model(robot):
    return WorldModel.from_pretrained(shipped(f"models/{robot}"))


@pytest.fixture(scope="module")
def room():
    return shipped_model("furnished_room")


def distance(goal, *states):
    return goal.distance(torch.empty(0), lambda: torch.tensor(states)).tolist()


def test_a_state_goal_asks_of_the_entries_it_names_only(model):
    goal = StateGoal(model, [ELBOW], [0.5])
    near, far = distance(goal, [-2.0, 0.5], [2.0, 0.5 + 2 * float(model.state_scale[1])])
    assert near == 0.0
    assert far == pytest.approx(2.0)


def test_of_several_entries_the_one_that_is_farthest_off_counts(model):
    shoulder, elbow = model.state_scale.tolist()
    goal = StateGoal(model, [ELBOW, "position.shoulder"], [0.0, 1.0])
    assert distance(goal, [1.0 + 0.3 * shoulder, -0.2 * elbow]) == [pytest.approx(0.3)]


def test_a_latent_goal_is_the_models_own_distance(model):
    latent, other = torch.randn(2, 3, 1, model.architecture.latent_size)
    found = LatentGoal(model, latent[0]).distance(other, lambda: pytest.fail("nobody needs the state"))
    torch.testing.assert_close(found, model.distance(other, latent[0]))


def test_what_misses_a_goal_is_as_long_as_the_distance(model):
    latent, other = torch.randn(2, 3, 1, model.architecture.latent_size)
    goal = LatentGoal(model, latent[0])
    torch.testing.assert_close(goal.miss(other, lambda: None).norm(dim=-1), goal.distance(other, lambda: None))


@pytest.mark.parametrize("kind", SEARCHING.values(), ids=SEARCHING)
@pytest.mark.parametrize("joint", [0, 1])
def test_one_joint_is_brought_to_its_goal_by_every_search(contract, model, kind, joint):
    robot = simulator_of(contract).places.at((-1.0, 0.8))
    goal = StateGoal(model, [contract.state_names[joint]], [0.1])
    journey = pursue(Watcher(model, robot), goal, planner=Planner(contract.limits, search=kind()))
    assert journey.outcome == Outcome.ARRIVED
    assert abs(robot.body.position[joint] - 0.1) <= model.calibration.tolerance * model.state_scale[joint] + 0.005


def test_what_the_commands_do_not_tell_is_read_from_the_latents(room):
    robot = simulator_of(room.contract).places.at((2.6, 1.05))
    journey = pursue(Watcher(room, robot), StateGoal(room, ["pose.pose.position.x"], [1.4]))
    assert journey.outcome == Outcome.ARRIVED
    assert abs(robot.body.position[0] - 1.4) < 0.1


def test_a_tank_without_a_camera_is_brought_to_a_level():
    tank = shipped_model("process")
    watcher = Watcher(tank, simulator_of(tank.contract).anywhere(1))
    patience = Patience(timeout=300.0, stuck=120.0, dwell=3.0)
    journey = pursue(watcher, StateGoal(tank, ["tank_level"], [0.5]), patience)
    assert journey.outcome == Outcome.ARRIVED
    level = journey.looks[-1].observation.state[tank.contract.state_names.index("tank_level")]
    assert level == pytest.approx(0.5, abs=0.02)  # m


def test_a_robot_at_its_goal_stays_there_wherever_else_it_is(contract, model):
    robot = simulator_of(contract).places.at((2.0, 0.4))
    journey = pursue(Watcher(model, robot), StateGoal(model, [ELBOW], [0.4]))
    assert journey.outcome == Outcome.ARRIVED
    assert len(journey.steps) <= 5


def test_a_blocked_joint_never_arrives(contract, model):
    robot = simulator_of(contract).places.at((0.0, 0.8))
    robot.body.block("elbow")
    journey = pursue(Watcher(model, robot), StateGoal(model, [ELBOW], [-0.5]), PATIENCE)
    assert journey.outcome in (Outcome.STUCK, Outcome.SURPRISED)


def test_a_value_that_nobody_can_foresee_is_no_goal():
    tank = shipped_model("process")
    with pytest.raises(ValueError, match=r"don't tell drain_flow; allowed: .*tank_level"):
        StateGoal(tank, ["drain_flow"], [0.1])


def pictures(contract, *cameras):
    random = np.random.default_rng(0)
    return {key: random.integers(0, 255, (*contract.images[key], 3), np.uint8) for key in cameras}


def test_of_several_cameras_one_may_matter_alone(two_eyed):
    """Its tokens are the same whatever the others see, and only they count."""
    model, unknown = two_eyed("tokens"), np.full(2, np.nan, np.float32)
    gripper = pictures(model.contract, "observation.images.gripper")
    alone = model.encode(Observation(0, gripper, unknown))[0]
    seen = model.encode(Observation(0, {**pictures(model.contract, "observation.images.top"), **gripper}, unknown))[0]
    tokens = model.architecture.tokens_of("observation.images.gripper")
    goal = LatentGoal(model, alone, tokens)
    torch.testing.assert_close(alone[tokens], seen[tokens])
    assert model.distance(seen, alone) > 0.1
    assert goal.distance(seen, lambda: None) == pytest.approx(0.0, abs=1e-5)
    plan = Planner(model.contract.limits).plan(model, seen[None], goal, Present(torch.zeros(2), torch.zeros(2)))
    assert plan.distances.isfinite().all()


def test_a_part_of_a_latent_is_as_far_as_the_whole_where_all_tokens_are(two_eyed):
    model = two_eyed("tokens")
    here = torch.zeros(model.architecture.tokens, model.architecture.latent_size)
    part = LatentGoal(model, here + 1.0, model.architecture.tokens_of("observation.images.top"))
    assert part.distance(here, lambda: None) == pytest.approx(float(model.distance(here, here + 1.0)))


def test_a_pooled_latent_can_not_tell_cameras_apart(two_eyed):
    model = two_eyed("pooled")
    with pytest.raises(ValueError, match=r"2 cameras.*allowed: a model whose latent keeps tokens"):
        model.encode(Observation(0, pictures(model.contract, "observation.images.top"), np.zeros(2, np.float32)))
