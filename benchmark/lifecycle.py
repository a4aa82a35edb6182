"""The whole life of both nodes lived a thousand times, and what of it stays behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState

from benchmark.figures import Figure, conditions
from benchmark.nodes import planar_arm_contract, running
from jepa_ros.evaluation.statistics import bootstrap
from jepa_ros.ros.client.client import Client, ClientError, on_executor, state_goal, wait_for

CYCLES = 1000
WARM_UP = 100  # cycles in which caches fill and the allocator finds its size
SPAN = 50  # cycles at either end whose medians are compared
NODES = ("world_model", "planner")
RISE = (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE)
FALL = (Transition.TRANSITION_DEACTIVATE, Transition.TRANSITION_CLEANUP)
FAR = (2.0, -2.0)  # rad, joint positions that take seconds to reach
PATIENCE = 20.0  # s for anything


@dataclass(frozen=True)
class Size:
    """What a process holds: resident memory (MB), threads, and entities that others see on the graph."""

    memory: float
    threads: int
    entities: int


def measure(
    tell: Callable[[float, float], None], cycles: int = CYCLES, warm_up: int = WARM_UP, span: int = SPAN
) -> dict[str, Figure]:
    """Configure, activate, move, cancel, deactivate and clean up, again and again; takes some ten minutes."""
    sizes: list[Size] = []
    more = {"container": ("-p", "autostart:=false")}
    with running(("simulator", "container"), more) as processes, Keeper() as keeper:
        process = processes.running["container"].pid
        for cycle in range(cycles):
            keeper.live_once()
            sizes.append(_size(process, keeper.entities()))
            tell(cycle + 1, cycles)
    return {"lifecycle.growth_mb": figure(sizes[warm_up:], span, cycles)}


class Keeper(Client):
    """A client that leads both nodes through their lives."""

    def __init__(self) -> None:
        super().__init__(planar_arm_contract(), name="keeper")
        self._changers = {name: self.node.create_client(ChangeState, f"{name}/change_state") for name in NODES}

    def live_once(self) -> None:
        """From unconfigured to unconfigured, with a goal between that is canceled in mid-motion."""
        for name in NODES:
            for transition in RISE:
                self.change(name, transition)
        self.start_and_cancel()
        for name in reversed(NODES):
            for transition in FALL:
                self.change(name, transition)

    def change(self, name: str, transition: int) -> None:
        """Ask for a transition. Raises ClientError where it is not made."""
        changer = self._changers[name]
        wait_for(changer.service_is_ready, PATIENCE, f"the lifecycle of {name}")
        request = ChangeState.Request(transition=Transition(id=transition))
        future = on_executor(self._executor, lambda: changer.call_async(request))
        wait_for(future.done, PATIENCE, f"transition {transition} of {name}")
        if not future.result().success:
            raise ClientError(f"{name} did not make transition {transition}")

    def start_and_cancel(self) -> None:
        """A goal, canceled as soon as it moves the robot."""
        moved: list[object] = []
        goal = state_goal(self.contract.state_names, FAR)
        pending = self.move_to(goal, timeout=PATIENCE, on_feedback=moved.append)
        wait_for(lambda: moved or pending.done(), PATIENCE, "feedback of a motion")
        pending.cancel()
        pending.wait(PATIENCE)

    def entities(self) -> int:
        """How many topics and services of the unconfigured nodes others see, once what was destroyed has been heard."""
        time.sleep(0.01)
        node, namespace = self.node, self.node.get_namespace()
        kinds = (
            node.get_publisher_names_and_types_by_node,
            node.get_subscriber_names_and_types_by_node,
            node.get_service_names_and_types_by_node,
            node.get_client_names_and_types_by_node,
        )
        return sum(len(kind(name, namespace)) for kind in kinds for name in NODES)


def _size(process: int, entities: int) -> Size:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    values = {key: value for key, _, value in (line.partition(":") for line in lines)}
    return Size(int(values["VmRSS"].split()[0]) / 1024, int(values["Threads"]), entities)


def figure(sizes: list[Size], span: int, cycles: int) -> Figure:
    """How much larger the last sizes are than the first ones."""
    first, last = sizes[:span], sizes[-span:]
    before, after = ([size.memory for size in part] for part in (first, last))

    def growth(early: np.ndarray, late: np.ndarray) -> float:
        return float(np.median(late) - np.median(early))

    low, high = bootstrap(growth, before, after)
    how = conditions(
        f"resident memory of the process of both nodes, median of the last {span} of {cycles} cycles minus that of "
        f"{span} after the first {cycles - len(sizes)}; a cycle: configure, activate, a goal canceled in mid-motion, "
        f"deactivate, clean up; {np.median(before):.0f} MB at first; threads {_largest(first, 'threads')} → "
        f"{_largest(last, 'threads')}, entities on the graph {_largest(first, 'entities')} → "
        f"{_largest(last, 'entities')} (the largest of each)"
    )
    return Figure(growth(np.array(before), np.array(after)), "MB", low, high, cycles, how)


def _largest(sizes: list[Size], name: str) -> int:
    return max(getattr(size, name) for size in sizes)
