from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from harness.graph import Graph
from harness.places import CONTRACT, HOME, MODEL
from harness.robot import HeldArm, ScriptedRobot
from harness.room import remember_room
from harness.stack import Stack

from jepa_ros.contract import Contract
from jepa_ros.evaluation.legality import Judge
from jepa_ros.ros.client.domains import free_domain
from jepa_ros.ros.client.processes import Processes, environment

Start = Callable[[str], tuple[Stack, ScriptedRobot]]


@pytest.fixture(scope="session")
def room_memory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The memory of a base that knows its room; copy it."""
    folder = tmp_path_factory.mktemp("room") / "memory"
    remember_room(folder)
    return folder


@pytest.fixture(scope="module")
def domain() -> Iterator[int]:
    """A free ROS domain, which this process and all that it starts use."""
    before = dict(os.environ)
    with free_domain() as number:
        os.environ.update(environment(number))
        yield number
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def graph(domain: int) -> Iterator[Graph]:
    graph = Graph(domain)
    yield graph
    graph.close()


@pytest.fixture(scope="module")
def processes(domain: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    with Processes(tmp_path_factory.mktemp("logs"), domain) as processes:
        yield processes


@pytest.fixture(scope="module")
def judged() -> dict[ScriptedRobot, Judge]:
    """All robots there are, each with the judge of its commands."""
    return {}


@pytest.fixture(autouse=True)
def _every_command_was_legal(judged: dict[ScriptedRobot, Judge]) -> Iterator[None]:
    yield
    for robot, judge in judged.items():
        commands, robot.commands = robot.commands, []
        assert judge.complaints(commands) == []
        assert robot.refused == []


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


@pytest.fixture(scope="module")
def make_robot(graph: Graph, judged: dict[ScriptedRobot, Judge]) -> Callable[..., AbstractContextManager]:
    """Make a robot of a contract in a namespace, by default with the usual arm; it lives as long as the context."""
    return partial(_robot, graph, judged)


@pytest.fixture(scope="module")
def make_stack(graph, processes, tmp_path_factory) -> Iterator[Callable[[str], Stack]]:
    """Make a stack in a namespace; its nodes are started by who wants them.

    One that was made there before, by a fixture that failed and is tried again, ends first.
    """
    stacks: dict[str, Stack] = {}

    def make(namespace: str) -> Stack:
        if namespace in stacks:
            stacks.pop(namespace).close()
        stacks[namespace] = Stack(graph, processes, namespace, CONTRACT, MODEL, tmp_path_factory.mktemp("memory"))
        return stacks[namespace]

    yield make
    for stack in stacks.values():
        stack.close()


@pytest.fixture(scope="module")
def start(contract, make_robot, make_stack) -> Iterator[Start]:
    """Make a stack in a namespace, and a robot for it, in the place of those that were there before."""
    with ExitStack() as made:
        robots: dict[str, ExitStack] = {}

        def start(namespace: str) -> tuple[Stack, ScriptedRobot]:
            if namespace in robots:
                robots[namespace].close()
            robots[namespace] = made.enter_context(ExitStack())
            stack = make_stack(namespace)
            return stack, robots[namespace].enter_context(make_robot(contract, namespace))

        yield start


@pytest.fixture(scope="module")
def shared(graph, contract, processes, make_robot, tmp_path_factory) -> Iterator[tuple[Stack, ScriptedRobot]]:
    """One robot and its nodes, for all tests that leave them as they were."""
    memory = tmp_path_factory.mktemp("memory")
    with ExitStack() as made:
        robot = made.enter_context(make_robot(contract, "/arm"))
        stack = made.enter_context(closing(Stack(graph, processes, "/arm", CONTRACT, MODEL, memory)))
        stack.start_all()
        yield stack, robot


@pytest.fixture
def stack(shared) -> Stack:
    return shared[0]


@pytest.fixture
def robot(shared) -> ScriptedRobot:
    """The shared robot, at home and at rest."""
    stack, robot = shared
    robot.wait_at_rest()
    robot.place(*HOME)
    stack.wait_seen()
    return robot


@pytest.fixture
def operator(stack):
    return stack.operator
