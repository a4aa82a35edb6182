"""What is new about a remembered place, and what of it was tried in vain."""

import numpy as np
import pytest
import torch

from jepa_ros.contract import Observation
from jepa_ros.memory import Sight
from jepa_ros.memory.scout import VAIN, Scout

HORIZON = 8


@pytest.fixture
def scout(memory, room):
    return Scout(memory, room.contract.limits, HORIZON)


@pytest.fixture
@torch.inference_mode()
def node(memory, room):
    """The only place that is remembered, in the middle of the room."""
    place = np.array([2.5, 1.9], np.float32)
    return memory.remember(Sight(room.encode(Observation(0, {}, place))[0], place, 0))


def test_of_what_was_tried_in_vain_the_newest_counts_and_the_oldest_gives_way(scout, memory, node):
    here = memory.latent(node)
    assert scout.look(node).new > 0
    scout.give_up(here, here[None])
    for number in range(1, VAIN):
        scout.give_up(here, here[None] + 100.0 * number)
    assert scout.look(node).new == 0
    scout.give_up(here, here[None] + 100.0 * VAIN)
    assert scout.look(node).new > 0
