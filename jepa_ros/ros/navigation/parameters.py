"""Nav2's parameters as one robot of jepa_ros needs them; used by its launch file."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from jepa_ros.contract import Contract
from jepa_ros.ros.navigation.velocity_chain import VELOCITIES

HEAD = "cmd_vel_nav"  # where Nav2's bringup has velocities enter its chain
BLOCKED = "/planner/blocked"
STAMPED = "enable_stamped_cmd_vel"


def overlaid(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Parameters with others laid over them, name by name at any depth."""
    result = deepcopy(under)
    for name, content in over.items():
        below = result.get(name)
        both = isinstance(content, dict) and isinstance(below, dict)
        result[name] = overlaid(below, content) if both else deepcopy(content)
    return result


def for_robot(parameters: dict[str, Any], contract: Contract, namespace: str = "") -> dict[str, Any]:
    """Nav2's parameters for the type of velocities that a contract commands, and for nodes in a namespace."""
    stamped = VELOCITIES[1] in {entry.channel.type for entry in contract.actions.values()}
    parts = [part for part in namespace.split("/") if part]
    return _adapted(parameters, stamped, "".join(f"/{part}" for part in parts) + BLOCKED)


def velocity_topics(contract: Contract) -> list[str]:
    """The contract's topics that belong to the head of Nav2's chain and have another name."""
    entries = [entry.channel for entry in contract.actions.values() if entry.channel.type in VELOCITIES]
    return [channel.topic for channel in entries if channel.topic != HEAD]


def _adapted(content: Any, stamped: bool, blocked: str) -> Any:
    """Nested parameters with the type of velocities and the planner's map put in, wherever they stand."""
    if isinstance(content, dict):
        return {
            name: stamped if name == STAMPED else _adapted(inside, stamped, blocked) for name, inside in content.items()
        }
    return blocked if content == BLOCKED else content
