"""An exploration goes where memory is thin, knows what it tried in vain, ends, and keeps to the limits."""

import numpy as np
import pytest

from jepa_ros.contract import Limits
from jepa_ros.evaluation.driving import drive
from jepa_ros.evaluation.robot import Watcher
from jepa_ros.memory import Exploration, Memory
from jepa_ros.paths import shipped
from jepa_ros.planning import Outcome, Planner
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.world_model import WorldModel


def run(name, coverage, timeout):
    """Explore with an empty memory to the end; the memory, the last step, and the places (T, 2) come through."""
    model = WorldModel.from_pretrained(shipped(f"models/{name}"))
    memory, limits = Memory.apart(model), model.contract.limits
    watcher = Watcher(model, Judged(simulator_of(model.contract).anywhere(3)), memory)
    journey = drive(watcher, lambda now: Exploration(memory, Planner(limits), coverage, timeout, now))
    return memory, journey.steps[-1], np.array([look.observation.state for look in journey.looks])


class Judged:
    """A robot that takes legal actions only."""

    def __init__(self, robot):
        self._robot = robot

    def __getattr__(self, name):
        return getattr(self._robot, name)

    def act(self, action, state):
        legal = self.contract.limits.project(action[None], self.motion(state).command, state)[0]
        assert legal == pytest.approx(action, abs=1e-4)
        self._robot.act(action, state)


@pytest.mark.parametrize("name", ["furnished_room", "planar_arm"])
def test_a_robot_gets_about_until_time_is_up_and_every_command_is_legal(name):
    memory, step, way = run(name, coverage=1.0, timeout=8.0)
    assert step.outcome is Outcome.TIMED_OUT
    assert 0.0 < step.progress < 1.0
    assert len(memory) > 20
    assert np.ptp(way, axis=0).max() > 0.5


def test_it_ends_as_soon_as_so_much_is_covered():
    _, step, way = run("furnished_room", coverage=0.3, timeout=60.0)
    assert step.outcome is Outcome.ARRIVED
    assert (step.distance, step.progress) == (0.0, 1.0)
    assert len(way) < 60.0 * 5


def test_an_action_without_a_range_can_not_be_explored(memory):
    unlimited = Limits([-np.inf, -1.0], [np.inf, 1.0], [1.0, 1.0], 0.2)
    with pytest.raises(ValueError, match="min and max"):
        Exploration(memory, Planner(unlimited), 0.9, 10.0, 0.0)
