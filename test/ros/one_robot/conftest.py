"""One robot and its nodes for all tests of this folder, which leave them as they were: to start them takes seconds."""

import pytest
from harness import living

domain, graph, processes, judged, make_robot, shared = map(pytest.fixture(scope="package"), living.FIXTURES)
