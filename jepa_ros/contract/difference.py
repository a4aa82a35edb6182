"""Whether a model trained under one contract fits the robot of another.

What matters: robot type, ticks per second, image keys and sizes, names and order of state values and actions,
their units, the command kind, and limits no wider than in training. What may differ: topics and namespaces,
message types and QoS that deliver the same values, alignment, safety.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jepa_ros.contract.errors import listed
from jepa_ros.contract.operators import Rad2Deg, Resize

if TYPE_CHECKING:
    from jepa_ros.contract.contract import Contract


def difference(model: Contract, robot: Contract) -> str | None:
    """The first difference that matters, in words, or None where the model fits the robot.

    Args:
        model: the contract that the model was trained on.
        robot: the contract that it is to run under. Its limits may be tighter, never wider: outside of what
            it was trained on, a model's predictions mean nothing.
    """
    pairs = [
        ("robot type", model.robot_type, robot.robot_type),
        ("ticks per second", model.fps, robot.fps),
        ("image sizes", _sizes(model), _sizes(robot)),
        ("state values", listed(model.state_names), listed(robot.state_names)),
        ("actions", listed(model.action_names), listed(robot.action_names)),
        ("values changed by apply", _changes(model), _changes(robot)),
        ("command kind", model.command.kind, robot.command.kind),
    ]
    for what, trained, here in pairs:
        if trained != here:
            return f"{what}: the model has {trained}, the robot has {here}"
    return _wider_limit(model, robot)


def _sizes(contract: Contract) -> str:
    return listed(f"{key} {height}x{width}" for key, (height, width) in contract.images.items())


def _changes(contract: Contract) -> str:
    """What ``apply`` does to units and values. Clamps of actions count as limits instead."""
    changes = []
    for key, entry in contract.observations.items():
        changes += [f"{key} by {operator}" for operator in entry.apply if not isinstance(operator, Resize)]
    for key, entry in contract.actions.items():
        changes += [f"{key} by {operator}" for operator in entry.apply if isinstance(operator, Rad2Deg)]
    return listed(changes)


def _wider_limit(model: Contract, robot: Contract) -> str | None:
    for what, attribute, outward in (
        ("lowest", "low", -1),
        ("highest", "high", 1),
        ("rate", "rate", 1),
        ("lowest position", "position_low", -1),
        ("highest position", "position_high", 1),
    ):
        trained, here = getattr(model.limits, attribute), getattr(robot.limits, attribute)
        wider = outward * here > outward * trained
        if wider.any():
            index = int(np.argmax(wider))
            bounds = f"the robot's {here[index]:g} is wider than the model's {trained[index]:g}"
            return f"limits of {model.action_names[index]}, {what}: {bounds}"
    return None
