"""A remembered place, and how far something is from it."""

from __future__ import annotations

from typing import NamedTuple


class Near(NamedTuple):
    """``distance`` is the model's: up to the calibration's tolerance is "there", 1.0 as far as two random states."""

    node: int
    distance: float
