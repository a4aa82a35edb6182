"""A loaded contract: what a robot says and what it accepts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from jepa_ros.contract.difference import difference
from jepa_ros.contract.limits import Limits
from jepa_ros.contract.message_types import MessageType, message_type
from jepa_ros.contract.operators import Operator
from jepa_ros.contract.schema import Align, Channel, Command
from jepa_ros.contract.selectors import Place


@dataclass(frozen=True, eq=False)
class Entry:
    """One topic of a contract.

    Attributes:
        key: name in ``Contract.observations`` or ``.actions``: the YAML key, with ``[0]``, ``[1]`` … appended
            where several topics feed one key.
        channel: topic, type, qos and (actions) safety.
        align: how samples land on ticks.
        select: a name for each value; the selectors as written, ``("data",)`` for a plain number, ``()`` for
            an image.
        places: where each value stands in a message.
        apply: operators from message units to contract units.
        size: (height, width) of an image, None for numbers.
        extract: message → (len(select),) float64 in contract units; see :func:`read_values`.
        encoder: the custom encoder of a command that was allowed by name.
    """

    key: str
    channel: Channel
    align: Align
    select: tuple[str, ...]
    places: tuple[Place, ...]
    apply: tuple[Operator, ...]
    size: tuple[int, int] | None = None
    extract: Callable[[Any], np.ndarray] | None = field(default=None, repr=False)
    encoder: Callable[..., Any] | None = field(default=None, repr=False)

    @property
    def is_image(self) -> bool:
        return self.size is not None

    @property
    def message_type(self) -> MessageType:
        return message_type(self.channel.type)


@dataclass(frozen=True, eq=False)
class Contract:
    """What a robot says and accepts; made by :func:`load_contract` or :meth:`parse`, never by hand.

    Attributes:
        robot_type: the kind of robot, not its name.
        fps: ticks per second.
        observations, actions: key → entry, in the file's order.
        images: key → (height, width) of the images among the observations.
        state_names, action_names: selectors in vector order; ``key/selector`` where one occurs twice.
        command: what action values mean (``command.kind``).
        limits: hard limits, in action order.
        text: the exact YAML text.
        name: the file's name, for messages.
        allow: import paths that loading was allowed to import.
    """

    robot_type: str
    fps: int
    observations: Mapping[str, Entry]
    actions: Mapping[str, Entry]
    images: Mapping[str, tuple[int, int]]
    state_names: tuple[str, ...]
    action_names: tuple[str, ...]
    command: Command
    limits: Limits
    text: str = field(repr=False)
    name: str = "<string>"
    allow: tuple[str, ...] = ()

    @property
    def period(self) -> float:
        """Seconds between two ticks."""
        return 1.0 / self.fps

    @cached_property
    def ramped(self) -> np.ndarray:
        """(A,) which actions are velocities reached at the end of their period; see :mod:`jepa_ros.contract.ramp`."""
        paths = [self.is_path(entry) for entry in self.actions.values() for _ in entry.select]
        return np.array(paths, dtype=bool)

    def is_path(self, entry: Entry) -> bool:
        """Whether velocities are sent as a path that ends in a stop."""
        is_trajectory = entry.channel.type == "trajectory_msgs/msg/JointTrajectory" and entry.encoder is None
        return is_trajectory and self.command.kind == "joint_velocity"

    @staticmethod
    def parse(text: str, name: str = "<string>", allow: Collection[str] = ()) -> Contract:
        """A contract from YAML text. Raises ContractError as :func:`load_contract` does."""
        from jepa_ros.contract.load import parse_contract  # which itself builds contracts

        return parse_contract(text, name, allow)

    def difference(self, other: Contract) -> str | None:
        """The first difference that matters to a model trained under this contract and run under ``other``.

        None where the model fits. See :mod:`jepa_ros.contract.difference` for what matters.
        """
        return difference(self, other)

    def __reduce__(self):
        return Contract.parse, (self.text, self.name, self.allow)
