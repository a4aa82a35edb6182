"""An exploration goes where memory is thin, knows what it tried in vain, ends, and keeps to the limits."""

import numpy as np
import pytest
import torch

from jepa_ros.contract import Limits
from jepa_ros.evaluation.robot import Watcher
from jepa_ros.evaluation.trials import surprised
from jepa_ros.memory import Exploration, Memory
from jepa_ros.paths import shipped
from jepa_ros.planning import Outcome, Planner, Present
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.world_model import WorldModel


def run(name, coverage, timeout):
    """Explore with an empty memory to the end; the memory, the last step, and the places (T, 2) come through."""
    model = WorldModel.from_pretrained(shipped(f"models/{name}"))
    memory = Memory.apart(model)
    robot = simulator_of(model.contract).anywhere(3)
    watcher, exploration, limits, way = Watcher(model, robot, memory), None, model.contract.limits, []
    while True:
        looks = watcher.advance()
        if not looks:
            continue
        seen, now = looks[-1], robot.now_ns * 1e-9
        state = seen.observation.state
        exploration = exploration or Exploration(memory, Planner(limits), coverage, timeout, now)
        command = robot.motion(state).command
        present = Present(*(torch.as_tensor(value, dtype=torch.float32) for value in (command, state)))
        step = exploration.step(now, seen.context, present, surprised(seen))
        way.append(state)
        if step.outcome is not None:
            return memory, step, np.array(way)
        action = step.plan.actions[0].numpy()
        assert limits.project(action[None], command, state)[0] == pytest.approx(action, abs=1e-4)
        robot.act(action, state)


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
