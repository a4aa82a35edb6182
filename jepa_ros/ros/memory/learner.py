"""Fills a memory while the robot runs, and knows where in it the robot is: in a thread that no command waits for."""

from __future__ import annotations

import queue
import threading
import traceback
from collections.abc import Callable

import numpy as np
from torch import Tensor

from jepa_ros.memory import Expectation, Localiser, Memory, Sight, Trail, Whereabouts
from jepa_ros.ros.base.lifecycle import LifecycleNode
from jepa_ros.ros.base.parameters import value
from jepa_ros.ros.memory.pictures import Pictures
from jepa_ros.ros.memory.poses import Poses

WAITING = 64  # sights that may wait to be remembered; what comes beyond that is passed over, as a gap


class Learner:
    """Looks at one sight per control period while the node is active, and remembers it where ``learn`` is set.

    After each, moves are predicted from a few places about those that are new, where routes are gone (``led()``).

    ``whereabouts`` is what is believed of where the robot is; None where nothing is remembered.
    """

    def __init__(
        self,
        node: LifecycleNode,
        memory: Memory,
        poses: Poses | None,
        pictures: Pictures | None,
        led: Callable[[], bool],
    ):
        self.passed_over = 0
        self.whereabouts: Whereabouts | None = None
        self._node, self._memory, self._poses, self._pictures = node, memory, poses, pictures
        self._trail, self._localiser = Trail(memory, memory.model), Localiser(memory, memory.model)
        self._expectation, self._led = Expectation(memory), led
        self._period_ns = round(memory.model.contract.period * 1e9)
        self._next_ns = 0
        self._sights: queue.Queue[Sight | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._run, name="learner", daemon=True)
        self._thread.start()
        node.own(self._end)

    def see(self, stamp_ns: int, latent: Tensor, state: np.ndarray) -> None:
        """Take note of what is perceived (1, N, D) and measured (S,), in no time."""
        if not self._due(stamp_ns) or not self._node.active:
            return
        pose = None if self._poses is None else self._poses.at(stamp_ns)
        try:
            self._sights.put_nowait(Sight(latent[0], state, stamp_ns, pose))
        except queue.Full:
            self.passed_over += 1

    def _due(self, stamp_ns: int) -> bool:
        """Whether a period has passed since the last sight that was due, or the clock jumped."""
        if self._next_ns - self._period_ns <= stamp_ns < self._next_ns:
            return False
        late = stamp_ns - self._next_ns
        self._next_ns = (self._next_ns if 0 <= late < self._period_ns else stamp_ns) + self._period_ns
        return True

    def _run(self) -> None:
        while (sight := self._sights.get()) is not None:
            try:
                self._look_at(sight)
            except ValueError as error:
                self._node.complaints.add("memory", str(error))
            except Exception:
                self._node.get_logger().error(f"memory: {traceback.format_exc()}", throttle_duration_sec=5.0)

    def _look_at(self, sight: Sight) -> None:
        if value(self._node, "learn"):
            node = self._trail.add(sight)
            self._illustrate(node, sight.stamp_ns)
            if self._led():
                self._expectation.note(node)
        self.whereabouts = self._localiser.observe(sight.stamp_ns, sight.latent)
        if self._sights.empty():  # what is seen comes before what may be
            self._expectation.go_on()

    def _illustrate(self, node: int, stamp_ns: int) -> None:
        """Give a new place the picture of what the camera saw; its image is decoded for nothing else."""
        if self._pictures is None or self._memory.visits[node] > 1:
            return
        picture = self._pictures.at(stamp_ns)
        if picture is not None:
            self._memory.illustrate(node, picture)

    def _end(self) -> None:
        self._sights.put(None)
        self._thread.join()
