"""Look into a long recording here and there instead of reading all of it."""

from __future__ import annotations

from typing import NamedTuple


class Excerpts(NamedTuple):
    """The first `length_ns` of every `every_ns` of receive stamps."""

    length_ns: int
    every_ns: int

    def hold(self, stamp_ns: int) -> bool:
        """Whether a message of this stamp is in an excerpt."""
        return stamp_ns % self.every_ns < self.length_ns

    def meet(self, first_ns: int, last_ns: int) -> bool:
        """Whether there may be such a message between two stamps."""
        return self.hold(first_ns) or first_ns // self.every_ns < last_ns // self.every_ns


ALL = Excerpts(1, 1)
