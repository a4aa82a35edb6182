"""Where the robot goes becomes nodes and moves of its memory."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from jepa_ros.memory.memory import Memory
from jepa_ros.memory.sight import Sight
from jepa_ros.world_model import WorldModel

SLACK = 0.25  # of a period: what is that much nearer than one period counts as one period ago
GAP = 3.0  # periods without a sight after which nothing is known of how the robot got there
FASTEST = 2.0  # tolerances per period: about what the fastest motion covers, where the tolerance is the median


class Step(NamedTuple):
    """When the robot was at a node."""

    stamp_ns: int
    node: int


class Trail:
    """Takes a stream of sights at any rate into a memory.

    A move leads from where the robot was one control period ago to where it is now, so a camera that is faster than
    control tells of several moves per period. A gap, or a clock that jumps back, begins a new trail.
    """

    def __init__(self, memory: Memory, model: WorldModel):
        self._memory = memory
        self._period_ns = model.contract.period * 1e9
        self._pace = FASTEST * model.calibration.tolerance
        self._steps: deque[Step] = deque()

    def add(self, sight: Sight) -> int:
        """Remember a sight and how the robot got there; its node."""
        node = self._memory.remember(sight)
        if self._steps and not 0 < sight.stamp_ns - self._steps[-1].stamp_ns <= GAP * self._period_ns:
            self._steps.clear()
        before = self._one_period_before(sight.stamp_ns)
        if before is not None and before.node != node:
            periods = (sight.stamp_ns - before.stamp_ns) / self._period_ns
            self._memory.connect(before.node, node, max(periods, self._memory.between(before.node, node) / self._pace))
        self._steps.append(Step(sight.stamp_ns, node))
        return node

    def _one_period_before(self, stamp_ns: int) -> Step | None:
        """The newest step that is a period old; None where the trail is younger. Older ones are dropped."""
        latest = stamp_ns - (1.0 - SLACK) * self._period_ns
        while len(self._steps) > 1 and self._steps[1].stamp_ns <= latest:
            self._steps.popleft()
        return self._steps[0] if self._steps and self._steps[0].stamp_ns <= latest else None
