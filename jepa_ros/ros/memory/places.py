"""What the planner knows of places: its memory, opened, filled, asked for ways, and shown to others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from torch import Tensor

from jepa_ros.contract import Contract, StreamError
from jepa_ros.memory import Memory, MemoryError_, MemoryGuide
from jepa_ros.memory.poses import Pose
from jepa_ros.planning import Goal, Guide
from jepa_ros.ros.base.lifecycle import LifecycleNode
from jepa_ros.ros.base.parameters import Parameter, value
from jepa_ros.ros.memory import poses
from jepa_ros.ros.memory.learner import Learner
from jepa_ros.ros.memory.pictures import Pictures
from jepa_ros.ros.memory.shown import BlockedMap, WayShown
from jepa_ros.world_model import WorldModel
from jepa_ros_interfaces.msg import Surprise

PARAMETERS = (
    Parameter(
        "memory",
        "~/.ros/jepa_ros",
        "directory in which places, ways between them and saved goals are kept, by namespace",
        read_only=True,
    ),
    Parameter("learn", True, "remember the places that the robot comes through while the planner is active"),
    Parameter(
        "thumbnails", True, "keep a small picture of every new place, of the contract's first camera", read_only=True
    ),
    Parameter("guided", "auto", "lead motions over remembered places: always, never, or auto, for robots that drive"),
    *poses.PARAMETERS,
    Parameter("blocked.resolution", 0.1, "side of a cell of ~/blocked", "m", 0.01, 1.0, True),
)
GUIDED = ("auto", "always", "never")


class Places:
    """A robot's memory of places. ``memory`` is None where it was refused: goals are gone straight for then."""

    def __init__(self, node: LifecycleNode, model: WorldModel, contract: Contract, folder: Path):
        self._node = node
        self._drives = contract.command.kind == "velocity"  # an arm goes straight: routes take it half as long again
        self.poses = poses.find_poses(node, contract)
        self.memory = self._open(folder, model)
        shown = self.memory is not None and contract.images and value(node, "thumbnails")
        self._pictures = Pictures(node, contract) if shown else None
        self._learner = self._learn()
        self._way = WayShown(node)
        self._blocked = BlockedMap(node, self.memory, self.poses)

    def see(self, stamp_ns: int, latent: Tensor, state: np.ndarray) -> None:
        """Take note of what is perceived (1, N, D) and measured (S,)."""
        if self._learner is not None:
            self._learner.see(stamp_ns, latent, state)

    def judge(self, stamp_ns: int, verdict: Surprise) -> None:
        """Take note of whether that was a surprise."""
        self._blocked.judge(stamp_ns, verdict.anomalous)

    def guide(self, goal: Goal) -> MemoryGuide | None:
        """Who leads to a goal over remembered places; None where nothing is remembered, or nobody shall.

        Raises ValueError where the parameter ``guided`` is none of what it may be.
        """
        wish = value(self._node, "guided")
        if wish not in GUIDED:
            raise ValueError(f"parameter guided: {wish!r}; allowed: {', '.join(GUIDED)}")
        if not _led(self._node, self._drives) or self.memory is None or not len(self.memory):
            return None
        return MemoryGuide(self.memory, goal, lambda: self._learner.whereabouts)

    def way(self, guide: Guide, stamp_ns: int) -> list[Pose]:
        """The poses of the way that a guide leads by, from where the robot was at a stamp; empty where it has none."""
        route = guide.route if isinstance(guide, MemoryGuide) else None
        here = None if self.poses is None else self.poses.at(stamp_ns)
        return [] if here is None or route is None else [here, *self._known(route.nodes)]

    def show(self, guide: Guide, stamp_ns: int) -> None:
        """Publish the way on ~/path, while somebody looks."""
        if self._way.wanted():
            way = self.way(guide, stamp_ns)
            if way:
                self._way.publish(way, self.poses.frame)

    def picture(self, stamp_ns: int) -> np.ndarray | None:
        """What the first camera saw at a stamp, (H, W, 3) RGB as small as the model sees it; None where unknown."""
        try:
            return None if self._pictures is None else self._pictures.at(stamp_ns)
        except StreamError:
            return None

    def report(self) -> dict[str, str]:
        """What /diagnostics says of memory."""
        if self.memory is None:
            return {"memory": "refused; the log says why"}
        here, tolerance = self._learner.whereabouts, self.memory.model.calibration.tolerance
        return {
            "memory": str(len(self.memory)),
            "moves known": str(self.memory.count_moves()),
            "moves only predicted": str(self.memory.count_predicted()),
            "moves struck out": str(len(self.memory.struck_out)),
            "place": "none" if here is None else str(here.node),
            "place (tolerances away)": "none" if here is None else f"{here.distance / tolerance:.2f}",
            "place sure": "none" if here is None else f"{here.sure:.2f}",
            "sights passed over": str(self._learner.passed_over),
        }

    def _learn(self) -> Learner | None:
        """Who fills memory; None where there is none to fill."""
        if self.memory is None:
            return None
        return Learner(self._node, self.memory, self.poses, self._pictures, partial(_led, self._node, self._drives))

    def _known(self, nodes: Sequence[int]) -> list[Pose]:
        """The poses of those nodes that have one."""
        found = self.memory.poses[list(nodes)]
        return [tuple(pose) for pose in found[np.isfinite(found).all(axis=1)].tolist()]

    def _open(self, folder: Path, model: WorldModel) -> Memory | None:
        try:
            memory = Memory.open(folder, model)
        except MemoryError_ as error:
            self._node.get_logger().error(f"{error}; the robot goes on without memory")
            return None
        self._node.own(memory.close)
        return memory


def _led(node: LifecycleNode, drives: bool) -> bool:
    """Whether motions are led over remembered places, as far as something is remembered."""
    wish = value(node, "guided")
    return wish == "always" or (wish == "auto" and drives)
