"""What it costs to make a model that plans; its models are also those of the data curve."""

from __future__ import annotations

from collections.abc import Callable

from benchmark.figures import Figure, conditions
from benchmark.trained import trained

ROBOTS = ("planar_arm", "furnished_room")
MINUTES = 10.0  # of simulated exploration


def measure(tell: Callable[[float, float], None], steps: int | None = None) -> dict[str, Figure]:
    """Train on each robot's logs, one after the other, so that no training slows another."""
    figures = {}
    for done, robot in enumerate(ROBOTS):
        tell(done, len(ROBOTS))
        made = trained(robot, MINUTES, steps)
        how = conditions(
            f"processor time of all threads and processes of the command `train` (decoding, training, calibrating) on "
            f"{MINUTES:g} minutes of simulated exploration, default recipe; exploring took {made.exploring:.0f} CPU s "
            f"besides"
        )
        figures[f"train.{robot}.cpu_s"] = Figure(made.training, "s", None, None, 1, how)
    tell(len(ROBOTS), len(ROBOTS))
    return figures
