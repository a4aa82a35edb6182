import numpy as np
import pytest
import torch

from jepa_ros.contract import period_ends, period_means
from jepa_ros.contract.limits import Limits
from jepa_ros.contract.motion import Motion, reach_and_stop
from jepa_ros.contract.ramp import Ramp

PERIOD = 0.1
SECONDS = np.linspace(0.0, 0.6, 25)


@pytest.mark.parametrize("seed", range(5))
def test_a_ramp_is_the_motion_that_the_robot_is_sent(seed):
    random = np.random.default_rng(seed)
    rate = random.uniform(2, 20, 3)
    start, value = random.uniform(-1, 1, (2, 3))
    sent = reach_and_stop(Motion(start, np.zeros(3)), value, Limits(-np.ones(3), np.ones(3), rate, PERIOD))
    ramp = Ramp(rate, PERIOD)
    for seconds in SECONDS:
        np.testing.assert_allclose(ramp.velocity(start, value, seconds), sent.at(seconds).command, atol=1e-4)
        np.testing.assert_allclose(ramp.way(start, value, seconds), sent.at(seconds).position, atol=1e-5)


def test_a_joint_without_a_rate_stops_almost_at_once():
    ramp = Ramp(np.array([np.inf]), PERIOD)
    assert ramp.velocity(np.zeros(1), np.ones(1), PERIOD + 0.03)[0] == 0.0


@pytest.mark.parametrize("kind", [np.array, torch.tensor], ids=["numpy", "torch"])
def test_a_periods_mean_lies_between_its_ends_where_the_action_is_ramped(kind):
    actions, previous = kind([[[1.0, 1.0], [0.0, 3.0]]]), kind([0.0, 5.0])
    means = period_means(kind([True, False]), actions, previous)
    assert type(means) is type(actions)
    assert means.tolist() == [[[0.5, 1.0], [0.5, 3.0]]]


@pytest.mark.parametrize("kind", [np.array, torch.tensor], ids=["numpy", "torch"])
def test_commands_that_change_evenly_are_told_by_their_means(kind):
    commands, previous = kind([[0.5, 9.0], [1.0, 7.0], [1.5, 8.0]]), kind([0.0, 5.0])
    ramped = kind([True, False])
    told = period_ends(ramped, period_means(ramped, commands, previous))
    assert type(told) is type(commands)
    assert told.tolist() == [[0.5, 9.0], [1.0, 7.0]]
