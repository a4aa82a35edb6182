"""Whether every image becomes a latent, for minutes, through processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import cycle

from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image

from benchmark.figures import Figure, conditions
from benchmark.nodes import SEED, planar_arm_contract, running
from jepa_ros.contract import Contract
from jepa_ros.evaluation.statistics import wilson
from jepa_ros.ros.client.client import Client, state_goal, wait_for
from jepa_ros.ros.wire.messages import stamp_ns
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros_interfaces.msg import LatentState

SECONDS = 300.0
RATE = 30  # Hz, of the simulator's camera


class Witness(Client):
    """A client that remembers the stamps (ns) of all images and latents it sees."""

    def __init__(self, contract: Contract):
        self.seen: list[int] = []
        self.encoded: list[int] = []
        super().__init__(contract, name="witness")
        self.node.create_subscription(LatentState, "world_model/latent", self._on_encoded, QoSProfile(depth=1000))

    def _on_image(self, message: Image) -> None:
        super()._on_image(message)
        self.seen.append(stamp_ns(message.header))

    def _on_encoded(self, message: LatentState) -> None:
        self.encoded.append(stamp_ns(message.header))


def measure(tell: Callable[[float, float], None], seconds: float = SECONDS) -> dict[str, Figure]:
    """Watch images and latents while the arm moves from goal to goal."""
    with running(), Witness(planar_arm_contract()) as witness:
        witness.wait_until_ready()
        begin = witness.seen[-1]
        _keep_moving(witness, seconds, tell)
        end = witness.seen[-1]
        wait_for(lambda: witness.encoded[-1] > end, 10.0, "the last latents")
    encoded = sum(begin <= stamp <= end for stamp in set(witness.encoded))
    # The simulator's stamps lie on a grid, so the first and the last one say how many images it published.
    published = round((end - begin) * 1e-9 * RATE) + 1
    lost = published - encoded
    low, high = wilson(lost, published)
    how = conditions(
        f"{seconds:g} s at {RATE} Hz, 640×480 rgb8, simulator, world_model, planner and a client as processes, the arm "
        f"moving from goal to goal; images published by their stamps: {published}, latents received: {encoded}"
    )
    return {"latent.lost_frames": Figure(lost, "frames", low * published, high * published, published, how)}


def _keep_moving(client: Client, seconds: float, tell: Callable[[float, float], None]) -> None:
    """Send goal after goal for so many seconds."""
    begin = time.monotonic()
    for _, goal in cycle(simulator_of(client.contract).places.pairs(100, SEED)):
        pending = client.move_to(state_goal(client.contract.state_names, goal))
        while not pending.done():
            passed = time.monotonic() - begin
            tell(min(passed, seconds), seconds)
            if passed >= seconds:
                pending.cancel()
                pending.wait(10.0)
                return
            time.sleep(0.1)
