"""Whether a model trained under one contract fits the robot of another.

What matters: robot type, ticks per second, image keys and sizes, state names and order, action names and
    order,
units, the command kind, and limits no wider than in training. What may differ: topics and namespaces, message
types and QoS that deliver the same values, alignment, safety.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jepa_ros.contract.errors import listed
from jepa_ros.contract.operators import in_degrees

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
        ("values in degrees", _degrees(model), _degrees(robot)),
        ("command kind", model.command.kind, robot.command.kind),
    ]
    for what, trained, here in pairs:
        if trained != here:
            return f"{what}: the model has {trained}, the robot has {here}"
    return _wider_limit(model, robot)


def _sizes(contract: Contract) -> str:
    return listed(f"{key} {height}x{width}" for key, (height, width) in contract.images.items())


def _degrees(contract: Contract) -> str:
    entries = (*contract.observations.values(), *contract.actions.values())
    return listed(name for entry in entries if in_degrees(entry.apply) for name in entry.select)


def _wider_limit(model: Contract, robot: Contract) -> str | None:
    trained, here = model.limits, robot.limits
    for what, wider, old, new in (
        ("lowest", here.low < trained.low, trained.low, here.low),
        ("highest", here.high > trained.high, trained.high, here.high),
        ("rate", here.rate > trained.rate, trained.rate, here.rate),
        (
            "lowest position",
            here.position_low < trained.position_low,
            trained.position_low,
            here.position_low,
        ),
        (
            "highest position",
            here.position_high > trained.position_high,
            trained.position_high,
            here.position_high,
        ),
    ):
        if wider.any():
            index = int(np.argmax(wider))
            name = model.action_names[index]
            bounds = f"the robot's {new[index]:g} is wider than the model's {old[index]:g}"
            return f"limits of {name}, {what}: {bounds}"
    return None
