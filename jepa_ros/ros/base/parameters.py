"""Node parameters: one table per node says everything about them; README and YAML are checked against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node


@dataclass(frozen=True)
class Parameter:
    """One parameter: ``low`` and ``high`` bound numbers (both or neither); ``read_only`` ones are set at start only."""

    name: str
    default: bool | int | float | str
    description: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    read_only: bool = False

    def descriptor(self) -> ParameterDescriptor:
        text = f"{self.description} [{self.unit}]" if self.unit else self.description
        descriptor = ParameterDescriptor(name=self.name, description=text, read_only=self.read_only)
        if self.low is not None and isinstance(self.default, float):
            descriptor.floating_point_range = [FloatingPointRange(from_value=self.low, to_value=self.high)]
        elif self.low is not None:
            descriptor.integer_range = [IntegerRange(from_value=int(self.low), to_value=int(self.high), step=1)]
        return descriptor


COMMON = (
    Parameter("contract", "", "path of the robot's contract (YAML)", read_only=True),
    Parameter("model", "", "model directory, or Hugging Face Hub id", read_only=True),
    Parameter("device", "cpu", "torch device that encodes, predicts and plans", read_only=True),
    Parameter(
        "threads",
        1,
        "torch threads of this process; more than one collapses on a busy machine",
        "",
        1,
        64,
        True,
    ),
    Parameter("autostart", True, "configure and activate without waiting for a lifecycle manager", read_only=True),
)


def declare(node: Node, table: tuple[Parameter, ...]) -> None:
    """Declare a table's parameters on a node."""
    for parameter in table:
        node.declare_parameter(parameter.name, parameter.default, parameter.descriptor())


def value(node: Node, name: str) -> Any:
    """A parameter's value now."""
    return node.get_parameter(name).value
