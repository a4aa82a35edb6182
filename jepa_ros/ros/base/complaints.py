"""One clear log line for bad input, however fast it comes in."""

from __future__ import annotations

import threading
import time
from collections import Counter

from rclpy.impl.rcutils_logger import RcutilsLogger


class Complaints:
    """Counts problems by kind and logs each kind at most once per ``every`` seconds. Safe to call from any thread."""

    def __init__(self, logger: RcutilsLogger, every: float = 5.0):
        self.logger, self.every = logger, every
        self.counts: Counter[str] = Counter()
        self._newest: dict[str, tuple[float, str]] = {}
        self._quiet_until: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, kind: str, text: str) -> None:
        """Something of this kind went wrong once more."""
        with self._lock:
            self.counts[kind] += 1
            now = time.monotonic()
            self._newest[kind] = now, text
            if now < self._quiet_until.get(kind, 0.0):
                return
            self._quiet_until[kind] = now + self.every
            count = self.counts[kind]
        self.logger.warning(f"{kind}: {text}" + (f" ({count} times so far)" if count > 1 else ""))

    def recent(self) -> str:
        """What goes wrong now, each kind once, for one bad input often causes another; else the newest there was."""
        with self._lock:
            newest = sorted((when, f"{kind}: {text}") for kind, (when, text) in self._newest.items())
        now = time.monotonic()
        return "; ".join(text for when, text in newest if now - when < self.every) or (newest[-1][1] if newest else "")
