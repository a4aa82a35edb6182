"""One robot and its nodes for all tests of this folder, which leave them as they were: to start them takes seconds."""

from contextlib import closing

import pytest
from harness import living
from harness.graph import Listener

from jepa_ros_interfaces.msg import LatentPrediction, LatentState

domain, graph, processes, judged, make_robot, shared = map(pytest.fixture(scope="package"), living.FIXTURES)


@pytest.fixture(scope="module")
def latents(shared):
    with closing(Listener(shared[0].node, LatentState, "world_model/latent", 100)) as listener:
        yield listener


@pytest.fixture(scope="module")
def predictions(shared):
    with closing(Listener(shared[0].node, LatentPrediction, "world_model/prediction", 100)) as listener:
        yield listener
