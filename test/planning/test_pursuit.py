"""The closed loop against the embedded robot, stepped without ROS; a clock that the test moves."""

import numpy as np
import pytest
import torch

from jepa_ros.contract import Observation, Reference, resize_image
from jepa_ros.planning import Outcome, Patience, Planner, Present, Pursuit
from jepa_ros.simulation.planar_arm import PlanarArm
from jepa_ros.simulation.robot import SimulatedRobot

CAMERA = "observation.images.top"


class World:
    """The robot, its eyes, and a pursuit's clock."""

    def __init__(self, contract, model, start):
        self.contract, self.model = contract, model
        self.arm = PlanarArm()
        self.arm.reset(start)
        self.robot = SimulatedRobot(contract, self.arm)
        self.reference = Reference(contract)
        self.time = 0.0

    def latent(self, state=None):
        state = self.arm.position if state is None else state
        image = resize_image(self.arm.image(), self.contract.images[CAMERA])
        return self.model.encode(Observation(0, {CAMERA: image}, np.asarray(state, np.float32)))

    def pursue(self, goal, patience=Patience(), anomalous=lambda time: False, stuck=False):
        """Step until an outcome; returns it with all steps."""
        pursuit = Pursuit(
            self.model, Planner(self.contract.limits), goal, self.model.calibration.tolerance, patience, self.time
        )
        steps = []
        while True:
            motion = self.reference.at(self.robot.now_ns, self.arm.position)
            present = Present(torch.tensor(motion.command).float(), torch.tensor(self.arm.position).float())
            steps.append(pursuit.step(self.time, self.latent(), present, anomalous(self.time)))
            if steps[-1].outcome:
                return steps[-1].outcome, steps
            if not stuck:
                self.send(steps[-1].plan.actions[:1].numpy(), motion.command)
            self.robot.advance(self.contract.period)
            self.time += self.contract.period

    def send(self, actions, previous):
        legal = self.contract.limits.project(actions, previous, self.arm.position)[0]
        for topic, (_, fields) in self.reference.command(legal, self.arm.position, self.robot.now_ns).items():
            self.robot.receive(topic, fields)


def goal_at(contract, model, pose):
    return World(contract, model, pose).latent(state=(np.nan, np.nan))[0]


@pytest.mark.parametrize(
    ("start", "end"), [((0.0, 0.0), (1.2, -1.0)), ((-2.0, 1.5), (2.0, -1.5)), ((1.0, 2.2), (1.0, -2.2))]
)
def test_a_goal_image_is_reached_within_a_tenth_of_a_radian(contract, model, start, end):
    world = World(contract, model, start)
    outcome, steps = world.pursue(goal_at(contract, model, end))
    assert outcome == Outcome.ARRIVED
    assert np.abs(world.arm.position - end).max() < 0.1
    assert steps[-1].progress > 0.8
    assert {step.phase for step in steps} >= {"moving", "settling"}


def test_a_goal_that_is_already_there_is_reached_without_leaving_it(contract, model):
    world = World(contract, model, (0.4, 0.4))
    outcome, steps = world.pursue(goal_at(contract, model, (0.4, 0.4)))
    assert outcome == Outcome.ARRIVED
    assert len(steps) <= 5


def test_the_goal_must_hold_for_the_dwell_time(contract, model):
    world = World(contract, model, (0.4, 0.4))
    _, steps = world.pursue(goal_at(contract, model, (0.4, 0.4)), Patience(dwell=2.0))
    assert len(steps) >= 20


def test_time_runs_out(contract, model):
    outcome, _ = World(contract, model, (-2.0, 0.0)).pursue(goal_at(contract, model, (2.0, 0.0)), Patience(timeout=1.0))
    assert outcome == Outcome.TIMED_OUT


def test_a_robot_that_does_not_move_is_stuck_and_never_arrived(contract, model):
    outcome, steps = World(contract, model, (-2.0, 0.0)).pursue(goal_at(contract, model, (2.0, 0.0)), stuck=True)
    assert outcome == Outcome.STUCK
    assert steps[-1].progress < 0.05


def test_surprise_ends_a_motion_only_when_it_lasts(contract, model):
    goal = goal_at(contract, model, (2.0, 0.0))
    blink, _ = World(contract, model, (-2.0, 0.0)).pursue(goal, anomalous=lambda time: 0.5 < time < 1.2)
    lasting, _ = World(contract, model, (-2.0, 0.0)).pursue(goal, anomalous=lambda time: time > 0.5)
    assert (blink, lasting) == (Outcome.ARRIVED, Outcome.SURPRISED)


def test_a_goal_that_is_no_number_has_no_plan(contract, model):
    goal = torch.full((1, model.architecture.latent_size), torch.nan)
    outcome, _ = World(contract, model, (0.0, 0.0)).pursue(goal)
    assert outcome == Outcome.NO_PLAN
