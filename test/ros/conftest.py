from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from harness import living
from harness.places import CONTRACT, HOME, MODEL
from harness.robot import ScriptedRobot
from harness.room import remember_room
from harness.stack import Stack

from jepa_ros.evaluation.legality import Judge

Start = Callable[[str], tuple[Stack, ScriptedRobot]]


@pytest.fixture(scope="session")
def room_memory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The memory of a base that knows its room; copy it."""
    folder = tmp_path_factory.mktemp("room") / "memory"
    remember_room(folder)
    return folder


domain, graph, processes, judged, make_robot, shared = map(pytest.fixture(scope="module"), living.FIXTURES)


@pytest.fixture(autouse=True)
def _every_command_was_legal(judged: dict[ScriptedRobot, Judge]) -> Iterator[None]:
    yield
    for robot, judge in judged.items():
        commands, robot.commands = robot.commands, []
        assert judge.complaints(commands) == []
        assert robot.refused == []


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
