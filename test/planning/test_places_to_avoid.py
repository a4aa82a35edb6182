"""A base keeps out of places as an arm does of poses, whether its contract says how it moves or latents must."""

import numpy as np
import pytest
import torch

from jepa_ros.contract import Contract
from jepa_ros.data.episodes import load_episodes
from jepa_ros.evaluation.robot import Watcher
from jepa_ros.evaluation.trials import goal_latent, pursue
from jepa_ros.paths import shipped
from jepa_ros.planning import CrossEntropy, LatentGoal, Outcome, Planner, Present
from jepa_ros.planning.costs import CostError, RunningDistance, compose
from jepa_ros.planning.costs.regions import read_regions
from jepa_ros.planning.deadline import Deadline
from jepa_ros.planning.problem import Problem
from jepa_ros.planning.rollout import follow
from jepa_ros.simulation.places import RoomPlaces
from jepa_ros.simulation.recording import record_exploration
from jepa_ros.training.encoded import encode_episodes
from jepa_ros.world_model import WorldModel

X, Y = "pose.pose.position.x", "pose.pose.position.y"
BOX = f"""
    state.{X}: {{min: 0.1, max: 4.9, moved_by: linear.x}}
    state.{Y}: {{min: 0.1, max: 3.65, moved_by: linear.y}}
"""
HORIZON = 8
RADIUS = 0.3  # m of a region in the middle between start and goal
WAYS = [((3.2, 2.8), (4.2, 2.8)), ((3.6, 2.3), (3.6, 3.4)), ((1.8, 1.2), (3.1, 1.2))]


@pytest.fixture(scope="module")
def room():
    return WorldModel.from_pretrained(shipped("models/furnished_room"))


@pytest.fixture(params=["read from latents", "integrated"])
def contract(request, room):
    """The base's contract as it is, and with a workspace box, which says what its commands move."""
    return room.contract if request.param == "read from latents" else boxed(room)


def boxed(room):
    return Contract.parse(room.contract.text.rstrip() + BOX)


class Traced(Watcher):
    """A watcher that writes down where the base really is, each time something is measured."""

    def __init__(self, model, robot):
        super().__init__(model, robot)
        self.path = []
        step = robot.body.step

        def traced(dt):
            step(dt)
            self.path.append(robot.body.position.copy())

        robot.body.step = traced


def drive(room, contract, way, weight, text):
    """How a pursuit ended, how far from the goal, and how deep in the regions it was at its deepest."""
    places, (start, goal) = RoomPlaces(contract), np.array(way)
    watcher = Traced(room, places.at(start))
    cost = compose({"running_distance": 1.0, "keep_out": weight}, contract, text)
    planner = Planner(contract.limits, search=CrossEntropy(), cost=cost)
    journey = pursue(watcher, goal_latent(room, places.at(goal)), planner=planner)
    (region,) = read_regions(text, contract)
    depth = region.depth(torch.tensor(np.array(watcher.path)))
    return journey.outcome, places.error(watcher.robot, goal), float(depth.max())


@pytest.mark.parametrize("way", WAYS)
def test_a_place_on_the_way_is_crossed_without_the_cost_and_avoided_with_it(room, contract, way):
    x, y = np.mean(way, axis=0)
    text = f"[{{ball: {{{X}: {x}, {Y}: {y}}}, radius: {RADIUS}}}]"
    _, _, crossed = drive(room, contract, way, 0.0, text)
    outcome, error, avoided = drive(room, contract, way, 100.0, text)
    assert crossed > 0.5
    assert avoided < 0.1  # 3 cm of a corner
    assert outcome == Outcome.ARRIVED
    assert error <= RoomPlaces.tolerance


@pytest.fixture(scope="module")
def unseen(room, tmp_path_factory):
    """Half a minute of motion in the room, in latent space, that the model was not trained on."""
    bag = record_exploration(room.contract, tmp_path_factory.mktemp("bags") / "unseen", 30.0, seed=901)
    (episode,) = encode_episodes(room, load_episodes(bag, room.contract))
    return episode


@torch.inference_mode()
def test_places_are_foreseen_as_rightly_as_the_cost_says(room, unseen):
    """Medians after one, four and eight periods."""
    starts = unseen.starts(room.architecture, HORIZON)[::6]
    stretches = unseen.stretches(room.architecture, HORIZON, starts)
    errors = []
    for start, context, actions in zip(starts, stretches.context, stretches.actions):
        present = Present(actions[0], unseen.state[start])
        limits, goal = room.contract.limits, LatentGoal(room, context[-1])
        how = RunningDistance(), "float32", limits.project, Deadline()
        problem = Problem(room, context[None], goal, present, limits, *how)
        came = unseen.state[start + unseen.stride :: unseen.stride][:HORIZON]
        errors.append((problem.roll_out(actions[None], room).states[0] - came).norm(dim=-1))
    first, fourth, eighth = torch.stack(errors).median(dim=0).values[[0, 3, 7]].tolist()
    assert first < 0.03
    assert fourth < 0.09
    assert eighth < 0.15


def test_commands_that_hold_at_once_lead_as_far_as_the_base_drives(room):
    contract, start = boxed(room), np.array([3.6, 2.9])
    robot, states = RoomPlaces(contract).at(start), []
    actions = torch.tensor([[0.4, 0.0], [0.4, 0.3], [-0.2, 0.3], [0.0, 0.0]])
    robot.advance()
    for action in actions:
        robot.act(action.numpy(), robot.body.position)
        robot.advance()
        states.append(robot.body.position.copy())
    present = Present(torch.zeros(2), torch.tensor(start, dtype=torch.float32))
    foreseen = follow("velocity", contract.limits, actions.unsqueeze(0), present)[0]
    np.testing.assert_allclose(foreseen.numpy(), states, atol=0.02)


def test_a_region_of_what_is_not_measured_is_refused(room):
    with pytest.raises(CostError, match=rf"'heading', which nothing tells ahead; allowed: {X}, {Y}"):
        compose({"keep_out": 1.0}, room.contract, "[{box: {heading: [0, 1]}}]")


def test_a_region_may_be_as_thin_as_one_likes_where_nobody_says_how_fast_it_is_passed(room):
    thin = f"[{{box: {{{X}: [1.0, 1.1]}}}}]"
    compose({"keep_out": 1.0}, room.contract, thin)
    with pytest.raises(CostError, match=r"at least one period's way, 0\.16"):
        compose({"keep_out": 1.0}, boxed(room), thin)
