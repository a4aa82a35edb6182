"""Regions to stay out of: how they are written, what they cost, and that the robot goes around them."""

import numpy as np
import pytest
import torch
import yaml

from jepa_ros.contract import Contract, Observation, Reference
from jepa_ros.planning import CrossEntropy, Moment, Outcome, Patience, Planner, Present, Pursuit, Rollout
from jepa_ros.planning.costs import Ball, Box, CostError, KeepOut, compose
from jepa_ros.planning.costs.regions import read_regions
from jepa_ros.planning.rollout import follow
from jepa_ros.simulation.planar_arm import PlanarArm
from jepa_ros.simulation.robot import SimulatedRobot

BAR = "[{box: {position.shoulder: [-0.2, 0.2], position.elbow: [-0.6, 0.15]}}]"
STONE = "[{ball: {position.shoulder: 0.0, position.elbow: -0.1}, radius: 0.3}]"


def at(region, *pose):
    return float(region.depth(torch.tensor(pose)))


def test_a_box_is_deepest_in_the_middle_and_ends_at_its_sides():
    box = Box(box={"a": (0.0, 2.0), "b": (0.0, 4.0)})
    assert at(box, 1.0, 2.0) == 1.0
    assert at(box, 1.5, 2.0) == 0.5
    assert at(box, 2.0, 2.0) == at(box, 1.0, 4.0) == 0.0
    assert at(box, 3.0, 2.0) < 0.0


def test_a_ball_is_deepest_in_the_middle_and_ends_at_its_radius():
    ball = Ball(ball={"a": 1.0, "b": 1.0}, radius=2.0)
    assert at(ball, 1.0, 1.0) == 1.0
    assert at(ball, 3.0, 1.0) == 0.0
    assert at(ball, 3.0, 3.0) < 0.0


def cost_of(contract, path):
    """What each state of a path of the arm (H, 2) costs."""
    states = torch.tensor(path).reshape(-1, 1, 2)
    zeros = torch.zeros_like(states)
    rollout = Rollout(
        zeros, zeros, zeros[..., 0], Present(zeros[0, 0], zeros[0, 0]), zeros[0, 0], lambda _: states, None
    )
    return KeepOut(read_regions(BAR, contract), contract)(rollout).tolist()


def test_outside_costs_nothing_and_the_edge_is_a_step(contract):
    outside, edge, middle = cost_of(contract, [[-0.21, 0.0], [0.199, 0.0], [0.0, -0.225]])
    assert outside == 0.0
    assert 1.0 < edge < 1.1
    assert middle == pytest.approx(2.0)


def test_a_state_that_nobody_knows_costs_no_number(contract):
    assert np.isnan(cost_of(contract, [[np.nan, 0.0]])[0])


def test_predicted_states_are_those_that_the_robot_reaches(contract):
    arm = PlanarArm()
    arm.reset((0.3, -0.4))
    robot = SimulatedRobot(contract, arm)
    reference, actions = Reference(contract), []
    start = Present(torch.zeros(2), torch.tensor([0.3, -0.4]))
    for wanted in np.random.default_rng(0).uniform(-1, 1, (8, 2)):
        motion = reference.at(robot.now_ns, arm.position)
        actions.append(contract.limits.project(wanted[None], motion.command, arm.position)[0])
        for topic, (_, fields) in reference.command(actions[-1], arm.position, robot.now_ns).items():
            robot.receive(topic, fields)
        robot.advance(contract.period)
    states = follow("joint_velocity", contract.limits, torch.tensor(np.array(actions)).float()[None], start)
    np.testing.assert_allclose(states[0, -1].numpy(), arm.position, atol=0.01)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[{box: {position.knee: [0, 1]}}]", "'position.knee', which nothing tells ahead; allowed: position.shoulder"),
        ("[{box: {position.elbow: [0.0, 0.05]}}]", "0.05 wide in position.elbow; allowed: at least .* 0.1"),
        ("[{box: {position.elbow: [1.0, 0.0]}}]", "-1 wide"),
        ("[{ball: {position.elbow: 0.0}, radius: 0.01}]", "0.02 wide"),
        ("[{ball: {position.elbow: 0.0}}]", "allowed: .*radius"),
        ("[{cone: {position.elbow: 0.0}}]", "allowed: .*box"),
        ("[{box: {position.elbow: [0, .nan]}}]", "finite"),
        ("[{box: {}}]", "allowed"),
        ("box", "allowed"),
        ("[{box: ", "allowed"),
    ],
)
def test_a_region_that_can_not_be_kept_out_of_is_refused_with_the_reason(contract, text, reason):
    with pytest.raises(CostError, match=reason):
        compose({"keep_out": 1.0}, contract, text)


def test_no_regions_cost_nothing_on_any_robot(contract):
    assert read_regions("", contract) == read_regions("[]", contract) == []


def test_a_region_of_a_state_that_no_prediction_tells_is_refused(contract):
    with pytest.raises(CostError, match=r"'position\.elbow', which nothing tells ahead; allowed: position\.shoulder$"):
        compose({"keep_out": 1.0}, contract, BAR, told=["position.shoulder"])


def by_position(contract, rate):
    """The arm, commanded by positions that change by so much per second."""
    text = contract.text.replace("joint_velocity", "joint_position")
    document = yaml.safe_load(text)
    document["actions"]["action"]["select"] = list(contract.state_names)
    limits = document["x-jepa"]["limits"]
    document["x-jepa"]["limits"] = {key: limit for key, limit in limits.items() if key.startswith("state")}
    if rate is not None:
        document["x-jepa"]["limits"] |= {f"action.{name}": {"rate": rate} for name in contract.state_names}
    return Contract.parse(yaml.safe_dump(document))


def test_a_commanded_position_is_where_the_joint_will_be(contract):
    robot, actions = by_position(contract, 1.0), torch.tensor([[[0.1, 0.2], [0.2, 0.3]]])
    states = follow("joint_position", robot.limits, actions, Present(torch.zeros(2), torch.zeros(2)))
    torch.testing.assert_close(states, actions)


def test_a_region_that_a_commanded_position_can_jump_over_is_refused(contract):
    thin = "[{box: {position.elbow: [0.0, 0.11]}}]"
    compose({"keep_out": 1.0}, by_position(contract, 1.0), thin)
    with pytest.raises(CostError, match=r"0\.11 wide in position\.elbow; allowed: at least .* 0\.2"):
        compose({"keep_out": 1.0}, by_position(contract, 2.0), thin)
    with pytest.raises(CostError, match=r"allowed: at least one period's way, inf"):
        compose({"keep_out": 1.0}, by_position(contract, None), thin)


def pursue(contract, model, start, goal, cost):
    """Move the arm, and return how that ended and its path (T, 2), ten points per period."""
    arm = PlanarArm()
    arm.reset(start)
    robot = SimulatedRobot(contract, arm)
    planner = Planner(contract.limits, search=CrossEntropy(), cost=cost)
    latent = model.encode(Observation(0, {}, np.array(goal, np.float32)))[0]
    pursuit = Pursuit(model, planner, latent, model.calibration.tolerance, Patience(timeout=15.0), 0.0)
    reference, path, now = Reference(contract), [arm.position], 0.0
    while True:
        position = arm.position
        command = reference.at(robot.now_ns, position).command
        present = Present(torch.tensor(command).float(), torch.tensor(position).float())
        seen = model.encode(Observation(0, {}, position.astype(np.float32)))
        step = pursuit.step(Moment(now, seen, present))
        if step.outcome:
            return step.outcome, np.array(path)
        legal = contract.limits.project(step.plan.actions[:1].numpy(), command, position)[0]
        for topic, (_, fields) in reference.command(legal, position, robot.now_ns).items():
            robot.receive(topic, fields)
        for _ in range(10):
            robot.advance(contract.period / 10)
            path.append(arm.position)
        now += contract.period


def deepest(contract, path, text):
    regions = read_regions(text, contract)
    return max(float(region.depth(torch.tensor(path)).max()) for region in regions)


@pytest.mark.parametrize("text", [BAR, STONE])
def test_the_robot_goes_around_a_region_to_a_goal_behind_it(contract, model, text):
    start, goal = (-0.6, -0.1), (0.6, -0.1)
    _, straight = pursue(contract, model, start, goal, compose({"running_distance": 1.0}, contract))
    assert deepest(contract, straight, text) > 0.3
    outcome, around = pursue(
        contract, model, start, goal, compose({"running_distance": 1.0, "keep_out": 100.0}, contract, text)
    )
    assert deepest(contract, around, text) < 0.25  # half the way of one period, 0.05 rad, at a corner
    assert outcome == Outcome.ARRIVED


def test_a_robot_that_is_found_inside_a_region_comes_out(contract, model):
    cost = compose({"running_distance": 1.0, "keep_out": 100.0}, contract, STONE)
    outcome, path = pursue(contract, model, (0.05, 0.0), (-0.7, -0.1), cost)
    assert outcome == Outcome.ARRIVED
    assert deepest(contract, path[:1], STONE) > 0.5
