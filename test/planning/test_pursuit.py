"""The closed loop against the embedded robot, stepped without ROS, on the robot's own clock."""

import numpy as np
import pytest
import torch

from jepa_ros.evaluation.driving import surprised
from jepa_ros.evaluation.robot import Watcher
from jepa_ros.evaluation.trials import goal_latent, pursue
from jepa_ros.planning import Moment, Outcome, Patience, Planner, Present, Pursuit
from jepa_ros.simulation.disturbances import PoorPictures
from jepa_ros.simulation.planar_arm import JOINTS
from jepa_ros.simulation.robot import START_NS
from jepa_ros.simulation.simulators import simulator_of


@pytest.fixture
def watch(contract, model):
    """Gives somebody who watches an arm at a pose."""
    return lambda pose: Watcher(model, simulator_of(contract).places.at(pose))


@pytest.fixture
def picture(contract, model):
    """Gives the latent of a picture of a pose."""
    return lambda pose: goal_latent(model, simulator_of(contract).places.at(pose))


def during(start, end):
    """Something is wrong between these seconds of a pursuit."""
    return lambda look: start < look.seconds - START_NS * 1e-9 < end


@pytest.mark.parametrize(
    ("start", "end"), [((0.0, 0.0), (1.2, -1.0)), ((-2.0, 1.5), (2.0, -1.5)), ((1.0, 2.2), (1.0, -2.2))]
)
def test_a_goal_image_is_reached_within_a_tenth_of_a_radian(watch, picture, start, end):
    watcher = watch(start)
    journey = pursue(watcher, picture(end))
    assert journey.outcome == Outcome.ARRIVED
    assert np.abs(watcher.robot.body.position - end).max() < 0.1
    assert journey.steps[-1].progress > 0.8
    assert {step.phase for step in journey.steps} >= {"moving", "settling"}


def test_a_goal_that_is_already_there_is_reached_without_leaving_it(watch, picture):
    journey = pursue(watch((0.4, 0.4)), picture((0.4, 0.4)))
    assert journey.outcome == Outcome.ARRIVED
    assert len(journey.steps) <= 5


def test_the_goal_must_hold_for_the_dwell_time(watch, picture):
    journey = pursue(watch((0.4, 0.4)), picture((0.4, 0.4)), Patience(dwell=2.0))
    assert len(journey.steps) >= 20


def test_time_runs_out(watch, picture):
    assert pursue(watch((-2.0, 0.0)), picture((2.0, 0.0)), Patience(timeout=1.0)).outcome == Outcome.TIMED_OUT


def test_a_robot_that_does_not_move_is_stuck_and_never_arrived(watch, picture):
    watcher = watch((-2.0, 0.0))
    watcher.robot.body.block(*JOINTS)
    journey = pursue(watcher, picture((2.0, 0.0)), anomalous=lambda look: False)
    assert journey.outcome == Outcome.STUCK
    assert journey.steps[-1].progress < 0.05


def test_a_robot_that_does_not_move_surprises_who_believes_the_model(watch, picture):
    watcher = watch((-2.0, 0.0))
    watcher.robot.body.block(*JOINTS)
    assert pursue(watcher, picture((2.0, 0.0))).outcome == Outcome.SURPRISED


def test_surprise_ends_a_motion_only_when_it_lasts(watch, picture):
    goal = picture((2.0, 0.0))
    blink, lasting = (pursue(watch((-2.0, 0.0)), goal, anomalous=during(0.5, end)) for end in (1.2, 60.0))
    assert (blink.outcome, lasting.outcome) == (Outcome.ARRIVED, Outcome.SURPRISED)


def test_where_nobody_can_tell_a_surprise_goes_on_as_it_was(watch, picture):
    """For a fifth of a second in two, or from some moment on."""
    goal, start = picture((2.0, 0.0)), (-2.0, 0.0)
    often = pursue(watch(start), goal, anomalous=lambda look: int(5 * look.seconds) % 2 == 0 or None)
    assert often.outcome == Outcome.SURPRISED
    never = pursue(watch(start), goal, anomalous=lambda look: during(0.5, 0.8)(look) or None)
    assert never.outcome == Outcome.ARRIVED


@pytest.mark.parametrize("poor", [{"lost": 0.3, "seed": 2}, {"late": 0.2}])
def test_a_joint_that_is_held_fast_ends_a_motion_soon_though_pictures_are_lost_or_late(model, contract, picture, poor):
    robot = simulator_of(contract).places.at((0.0, 0.1))
    robot.body.block("shoulder")
    journey = pursue(Watcher(model, PoorPictures(robot, **poor)), picture((-1.6, 1.7)))
    assert journey.outcome in (Outcome.STUCK, Outcome.SURPRISED)
    assert len(journey.steps) * contract.period <= 2.0


@pytest.mark.parametrize("anomalous", [surprised, lambda look: False])
def test_before_a_pursuit_gives_up_it_rests_and_searches_wider_from_nothing(watch, picture, anomalous):
    watcher = watch((-2.0, 0.0))
    watcher.robot.body.block(*JOINTS)
    steps = pursue(watcher, picture((2.0, 0.0)), anomalous=anomalous).steps
    recovering = [step for step in steps if step.phase == "recovering"]
    assert [step.plan is None for step in recovering] == [True, True, True, False]
    usual = steps[0].plan.iteration
    assert recovering[-1].plan.iteration == 2 * usual
    assert {step.plan.iteration for step in steps if step.plan and step.phase == "moving"} == {usual}


@pytest.mark.parametrize("joint", JOINTS)
@pytest.mark.parametrize("goal", [(0.8, -0.9), (-1.6, 1.7)])
def test_a_joint_that_is_held_fast_ends_a_motion_within_two_seconds(watch, picture, joint, goal):
    watcher = watch((0.0, 0.1))
    watcher.robot.body.block(joint)
    journey = pursue(watcher, picture(goal))
    assert journey.outcome in (Outcome.STUCK, Outcome.SURPRISED)
    assert len(journey.steps) * watcher.robot.contract.period <= 2.0


def test_a_motion_slows_down_while_the_world_is_not_as_predicted(watch, model, picture):
    watcher = watch((-2.0, 0.0))
    seen = watcher.advance()[-1]
    planner, tolerance = Planner(model.contract.limits), model.calibration.tolerance
    pursuit = Pursuit(model, planner, picture((2.0, 0.0)), tolerance, Patience(), 0.0)
    present = Present(torch.zeros(2), torch.tensor(seen.observation.state))
    fastest = [
        float(pursuit.step(Moment(0.1 * turn, seen.context, present, p_value=p_value)).plan.actions.abs().max())
        for turn, p_value in enumerate([1.0, 1e-4, 0.02])
    ]
    assert fastest == pytest.approx([1.0, 0.5, 1.0], abs=0.05)


def test_a_goal_that_is_no_number_has_no_plan(watch, model):
    goal = torch.full((1, model.architecture.latent_size), torch.nan)
    assert pursue(watch((0.0, 0.0)), goal).outcome == Outcome.NO_PLAN
