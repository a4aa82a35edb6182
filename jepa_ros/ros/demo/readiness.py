"""How one knows that the demo's nodes work."""

from __future__ import annotations

import time
from collections.abc import Callable

from jepa_ros.ros.client.client import POLL, Client
from jepa_ros.ros.demo.nodes import DemoError
from jepa_ros_interfaces.msg import LatentState

PATIENCE = 60.0  # s until every node must work


def wait_until_ready(client: Client, check: Callable[[], None], tell: Callable[[dict[str, bool]], None]) -> str:
    """Wait until all nodes work, telling again and again which ones do; returns the model's name.

    Raises DemoError naming the node from which nothing comes, and whatever ``check`` raises.
    """
    models: list[str] = []
    latents = client.node.create_subscription(
        LatentState, "world_model/latent", lambda message: models.append(message.model), 1
    )
    deadline = time.monotonic() + PATIENCE
    while not all((working := _working(client, models)).values()):
        tell(working)
        check()
        if time.monotonic() > deadline:
            silent = next(name for name, works in working.items() if not works)
            raise DemoError(f"nothing came from the node {silent} within {PATIENCE:g} s", silent)
        time.sleep(POLL)
    client.node.destroy_subscription(latents)
    _refuse_company(client)
    return models[0]


def _working(client: Client, models: list[str]) -> dict[str, bool]:
    """Which nodes give what they are there for."""
    return {
        "simulator": client.image is not None and len(client.state) == len(client.contract.state_names),
        "world_model": bool(models),
        "planner": client.move.server_is_ready(),
    }


def _refuse_company(client: Client) -> None:
    """Raise DemoError where another robot speaks on the same topics."""
    for entry in client.contract.observations.values():
        talkers = client.node.count_publishers(entry.channel.topic)
        if talkers > 1:
            raise DemoError(
                f"{talkers} nodes publish {entry.channel.topic}: another robot is in the same ROS domain. "
                "Without ROS_DOMAIN_ID the demo takes a domain of its own."
            )
