"""Logs without a bag hold what a bag would."""

import numpy as np

from benchmark.logs import explore, explored
from jepa_ros.simulation.embedded import Setting
from jepa_ros.simulation.simulators import Simulator


def test_an_episode_begins_with_the_first_command_and_moves_as_commanded(contract):
    episode = explore(Simulator(contract).anywhere(3), 6.0, seed=3)
    assert (episode.stride, len(episode)) == (3, 6 * 30 + 1 - 3)
    assert np.all(np.diff(episode.stamps_ns) > 0)
    moved = episode.state[episode.stride :] - episode.state[: -episode.stride]
    assert np.corrcoef(moved.ravel(), episode.actions.ravel())[0, 1] > 0.9


def test_stretches_begin_elsewhere_and_come_again_with_the_seed(contract):
    one, other = explored(Simulator(contract).anywhere, 0.1, seed=1), explored(Simulator(contract).anywhere, 0.1, 1)
    assert np.array_equal(one[0].state, other[0].state)
    assert not np.allclose(one[0].state, explored(Simulator(contract).anywhere, 0.1, seed=2)[0].state)


def test_distractors_change_pictures_and_not_the_motion(contract):
    clean, busy = (
        explore(Simulator(contract, Setting(distractors=level)).anywhere(5), 1.0, seed=5) for level in (0.0, 0.3)
    )
    assert np.array_equal(clean.state, busy.state)
    for camera in contract.images:
        assert np.abs(clean.images[camera].astype(int) - busy.images[camera]).mean() > 10
