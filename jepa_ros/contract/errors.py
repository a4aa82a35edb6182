"""What goes wrong with contracts and streams, in words for the person who has to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ContractError(ValueError):
    """A contract file that is refused.

    Reads ``file:line: key: found …; allowed: …``.

    Attributes:
        file: path of the contract, or the name given to :meth:`Contract.parse`.
        line: 1-based line of the offending key (0 where the file could not be read at all).
        key: dotted path of the offending key, ``""`` for the file as a whole.
        found: what stands there.
        allowed: what may stand there.
    """

    def __init__(self, file: str, line: int, key: str, found: str, allowed: str) -> None:
        self.file, self.line, self.key, self.found, self.allowed = file, line, key, found, allowed
        place = f"{file}:{line}: {key}: " if key else f"{file}:{line}: "
        super().__init__(f"{place}found {found}; allowed: {allowed}")

    def __reduce__(self):
        return type(self), (self.file, self.line, self.key, self.found, self.allowed)


class StreamError(ValueError):
    """A message that cannot be used: nothing of it was taken over, work goes on with the next one."""


class UnrelatedMessage(StreamError):
    """A message of another publisher on the same topic (say, a gripper's joint states beside the arm's).

    Harmless where somebody else sends the selected joints, so callers may skip it without a word.
    """


def listed(names: Iterable[object]) -> str:
    """``a, b, c`` for messages; ``nothing`` where there is none."""
    return ", ".join(str(name) for name in names) or "nothing"


def suggestion(word: str, candidates: Iterable[str], cutoff: float = 0.75) -> str:
    """`` (did you mean 'x'?)`` where a candidate comes close (1: only itself), else ``""``."""
    close = difflib.get_close_matches(word, list(candidates), n=1, cutoff=cutoff)
    return f" (did you mean '{close[0]}'?)" if close else ""
