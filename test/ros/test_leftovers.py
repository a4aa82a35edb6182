"""What a node held in one of its lives goes with that life, and need not wait for Python's collector of cycles.

That comes ever more rarely in a process as large as this, and what waits for it leaves holes in the heap.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from harness.goals import CODES, see
from harness.places import CONTRACT, MODEL
from rclpy.parameter import Parameter

from jepa_ros.ros.nodes.planner_node import PlannerNode
from jepa_ros.ros.nodes.world_model_node import WorldModelNode

FAR = (-1.6, 1.6)
NODES = ("world_model", "planner")


@pytest.fixture
def stack(start, graph, tmp_path):
    """A stack whose nodes live in this process, unconfigured."""
    stack, _ = start("/again")
    given = {"contract": str(CONTRACT), "model": str(MODEL), "memory": str(tmp_path), "autostart": False}
    options = {
        "context": graph.context,
        "namespace": "/again",
        "use_global_arguments": False,
        "parameter_overrides": [Parameter(name, value=value) for name, value in given.items()],
    }
    nodes = [graph.add(kind(**options)) for kind in (WorldModelNode, PlannerNode)]
    yield stack
    for node in nodes:
        node.shut_down()
        graph.remove(node)


@pytest.fixture
def nobody_collects() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def live(stack) -> None:
    """From unconfigured to unconfigured, with a goal between that is canceled in mid-motion."""
    for node in NODES:
        assert stack.change(node, "configure")
        assert stack.change(node, "activate")
    stack.wait_ready()
    sent = stack.operator.move(see(*FAR))
    sent.wait_feedback()
    sent.cancel()
    assert sent.ending().result.error_code == CODES.CANCELED
    for node in reversed(NODES):
        assert stack.change(node, "deactivate")
        assert stack.change(node, "cleanup")


def waiting_for_the_collector() -> set[str]:
    """The package's kinds of objects that nobody but they themselves refer to."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    found = {type(thing) for thing in gc.garbage}
    gc.garbage.clear()
    return {kind.__qualname__ for kind in found if kind.__module__.startswith("jepa_ros.ros")}


def test_nothing_of_a_life_is_left_to_the_collector(stack, nobody_collects):
    for _ in range(3):
        live(stack)
    assert waiting_for_the_collector() == set()
