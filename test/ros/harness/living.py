"""What tests of running nodes live on: a domain, the nodes of one robot in it, and the robot in the test's hands.

Fixtures of a module, where tests start and end nodes as they like, or of a whole folder, see the conftest.py files.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import partial

import pytest

from harness.graph import Graph
from harness.places import CONTRACT, MODEL
from harness.robot import HeldArm, ScriptedRobot
from harness.stack import Stack
from jepa_ros.contract import Contract
from jepa_ros.evaluation.legality import Judge
from jepa_ros.ros.client.domains import free_domain
from jepa_ros.ros.client.processes import Processes, environment


def domain() -> Iterator[int]:
    """A free ROS domain, which this process and all that it starts use."""
    before = dict(os.environ)
    with free_domain() as number:
        os.environ.update(environment(number))
        yield number
    os.environ.clear()
    os.environ.update(before)


def graph(domain: int) -> Iterator[Graph]:
    graph = Graph(domain)
    yield graph
    graph.close()


def processes(domain: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    with Processes(tmp_path_factory.mktemp("logs"), domain) as processes:
        yield processes


def judged() -> dict[ScriptedRobot, Judge]:
    """All robots there are, each with the judge of its commands."""
    return {}


@contextmanager
def _robot(
    graph: Graph,
    judged: dict[ScriptedRobot, Judge],
    contract: Contract,
    namespace: str,
    arm: HeldArm | None = None,
) -> Iterator[ScriptedRobot]:
    """A robot whose commands are judged for as long as it lives.

    It ends also where what is done with it fails: the next one would share its topics.
    """
    robot = ScriptedRobot(graph, contract, namespace, arm)
    judged[robot] = judge = Judge(contract)
    try:
        yield robot
    finally:
        robot.close()
        del judged[robot]
    assert judge.complaints(robot.commands) == []


def make_robot(graph: Graph, judged: dict[ScriptedRobot, Judge]) -> Callable[..., AbstractContextManager]:
    """Make a robot of a contract in a namespace, by default with the usual arm; it lives as long as the context."""
    return partial(_robot, graph, judged)


def shared(graph, contract, processes, make_robot, tmp_path_factory) -> Iterator[tuple[Stack, ScriptedRobot]]:
    """One robot and its nodes, for all tests that leave them as they were."""
    memory = tmp_path_factory.mktemp("memory")
    with ExitStack() as made:
        robot = made.enter_context(make_robot(contract, "/arm"))
        stack = made.enter_context(closing(Stack(graph, processes, "/arm", CONTRACT, MODEL, memory)))
        stack.start_all()
        yield stack, robot


#: In the order in which they need each other.
FIXTURES = (domain, graph, processes, judged, make_robot, shared)
