"""Everything that is measured: families of figures that come out of one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmark import (
    anytime,
    commands,
    data_curve,
    data_wait,
    decoding,
    distractors,
    disturbance,
    engines,
    exploration,
    frames,
    furnished_room,
    latency,
    lifecycle,
    malformed,
    memory,
    moved_chair,
    new_layout,
    partial_goals,
    planar_arm,
    predictability,
    process,
    proposal,
    replanning,
    rhythm,
    surprise,
    time_ratio,
    tour,
    training,
)
from benchmark.figures import Figure
from benchmark.swm import measure as swm

Tell = Callable[[float, float], None]


class UnknownFigure(Exception):
    """No figure has such a name; the message names those that there are."""


@dataclass(frozen=True)
class Family:
    """Figures that are measured together. ``measure`` reports (done, total) while it works."""

    names: tuple[str, ...]
    measure: Callable[[Tell], dict[str, Figure]]


FAMILIES = (
    Family(("replan.cpu_ms",), replanning.measure),
    Family(anytime.NAMES, anytime.measure),
    Family(engines.NAMES, engines.measure),
    Family(swm.NAMES, swm.measure),
    Family(("latent.latency_ms", "latent.latency_ratio"), latency.measure),
    Family(
        (
            "planar_arm.success",
            "planar_arm.random_success",
            "planar_arm.time_s",
            "planar_arm.joint_error_rad",
        ),
        planar_arm.measure,
    ),
    Family(("planar_arm.success_200",), planar_arm.measure_many),
    Family(("planar_arm.time_ratio",), time_ratio.measure),
    Family(
        ("furnished_room.direct_success", "furnished_room.random_success", "furnished_room.error_m"),
        furnished_room.measure,
    ),
    Family(tour.NAMES, tour.measure),
    Family(new_layout.NAMES, new_layout.measure),
    Family(moved_chair.NAMES, moved_chair.measure),
    Family(exploration.NAMES, exploration.measure),
    Family(partial_goals.NAMES, partial_goals.measure),
    Family(predictability.NAMES, predictability.measure),
    Family(proposal.NAMES, proposal.measure),
    Family(("train.planar_arm.cpu_s", "train.furnished_room.cpu_s"), training.measure),
    Family(("train.data_wait",), data_wait.measure),
    Family(data_curve.NAMES, data_curve.measure),
    Family(surprise.names("surprise"), partial(surprise.measure, "planar_arm", "surprise")),
    Family(
        surprise.names("surprise.furnished_room"),
        partial(surprise.measure, "furnished_room", "surprise.furnished_room"),
    ),
    Family(disturbance.NAMES, disturbance.measure),
    Family(distractors.NAMES, distractors.measure),
    Family(process.NAMES, process.measure),
    Family(("latent.lost_frames",), frames.measure),
    Family(("control.jitter_p99_ms",), rhythm.measure),
    Family(("lifecycle.growth_mb",), lifecycle.measure),
    Family(malformed.NAMES, malformed.measure),
    Family(memory.NAMES, memory.measure),
    Family(("illegal_commands",), commands.measure),
    Family(("bag.decode_speedup", "bag.decode_speedup.same_code"), decoding.measure),
)

#: What --note puts down, since it is measured by hand.
BY_HAND = ("setup.seconds",)


def chosen(prefix: str) -> list[Family]:
    """The families with a name that begins so. Raises UnknownFigure."""
    families = [family for family in FAMILIES if any(name.startswith(prefix) for name in family.names)]
    if not families:
        names = ", ".join(name for family in FAMILIES for name in family.names)
        raise UnknownFigure(f"no figure begins with {prefix!r}; there are {names}")
    return families
