"""All that one turn of the loop goes by."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from jepa_ros.planning.rollout import Present


@dataclass(frozen=True)
class Moment:
    """What is known at a time ``now``, in any steady clock's seconds.

    ``latent`` is the newest one (1, N, D), or the newest of a context (1, K, N, D). ``foreseen`` (1, K, N, D) is where
    the robot is when its next command leaves, see ``look_ahead``; None for where it is seen. ``p_value`` says how
    likely the newest prediction error is, and ``anomalous`` whether it is a surprise: None where nobody could tell of
    late. ``delay`` is how many seconds ago that was seen.
    """

    now: float
    latent: Tensor
    present: Present
    anomalous: bool | None = None
    foreseen: Tensor | None = None
    p_value: float = 1.0
    delay: float = 0.0

    @property
    def start(self) -> Tensor:
        """Where plans begin."""
        return self.latent if self.foreseen is None else self.foreseen
