"""A guide leads a pursuit over other goals to its own, and is asked for another way before the pursuit gives up."""

import numpy as np
import pytest

from jepa_ros.evaluation.robot import Watcher
from jepa_ros.evaluation.trials import goal_latent, pursue
from jepa_ros.planning import Aim, LatentGoal, Outcome, Patience
from jepa_ros.simulation.planar_arm import JOINTS
from jepa_ros.simulation.simulators import simulator_of

START, BEHIND, GOAL = (0.0, 0.4), (-1.2, 0.4), (1.2, 0.4)
NEAR = 0.1  # distance at which the place on the way counts as passed


@pytest.fixture
def watcher(contract, model):
    """Watches an arm at the start."""
    return Watcher(model, simulator_of(contract).places.at(START))


@pytest.fixture
def picture(contract, model):
    """Gives the goal to see a pose."""
    return lambda pose: LatentGoal(model, goal_latent(model, simulator_of(contract).places.at(pose)))


class Over:
    """Leads over one place on the way; knows so many other ways, all of them the same."""

    def __init__(self, goal, place, others=0):
        self.goal, self.place, self.others = goal, place, others
        self.passed, self.asked = False, 0

    def aim(self, latent, state, distance):
        to_place = float(self.place.distance(latent, lambda: state))
        self.passed |= to_place < NEAR
        if self.passed:
            return Aim(self.goal, distance, "direct")
        return Aim(self.place, to_place + 2.0, "over a place")

    def lead_elsewhere(self):
        self.asked += 1
        return self.asked <= self.others


def test_a_goal_is_reached_over_another_and_progress_is_that_of_the_whole_way(watcher, picture):
    goal = picture(GOAL)
    journey = pursue(watcher, goal, Patience(stuck=1.0), guide=Over(goal, picture(BEHIND)))
    assert journey.outcome == Outcome.ARRIVED
    assert max(step.distance for step in journey.steps) > 1.5 * journey.steps[0].distance
    places = np.array([look.observation.state for look in journey.looks])
    assert np.abs(places - BEHIND).max(axis=1).min() < 0.3
    first, last = journey.steps[0], journey.steps[-1]
    assert (first.way, last.way) == ("over a place", "direct")
    progress = [step.progress for step in journey.steps if step.way == "over a place"]
    assert progress == sorted(progress)


def test_a_pursuit_that_does_not_get_on_asks_for_other_ways_before_it_tries_again(watcher, picture):
    watcher.robot.body.block(*JOINTS)
    goal = picture(GOAL)
    guide = Over(goal, picture(BEHIND), others=2)
    patience = Patience(stuck=0.5)
    journey = pursue(watcher, goal, patience, anomalous=lambda look: False, guide=guide)
    assert journey.outcome == Outcome.STUCK
    assert guide.asked == 2 + patience.recoveries + 1
    assert [step.phase for step in journey.steps].index("recovering") * watcher.robot.contract.period > 1.5
