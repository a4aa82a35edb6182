"""The closed loop against the embedded robot, stepped without ROS, on the robot's own clock."""

import numpy as np
import pytest
import torch

from jepa_ros.evaluation.robot import Watcher
from jepa_ros.evaluation.trials import goal_latent, pursue
from jepa_ros.planning import Outcome, Patience
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


def test_a_goal_that_is_no_number_has_no_plan(watch, model):
    goal = torch.full((1, model.architecture.latent_size), torch.nan)
    assert pursue(watch((0.0, 0.0)), goal).outcome == Outcome.NO_PLAN
