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
        self.newest = ""
        self._quiet_until: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, kind: str, text: str) -> None:
        """Something of this kind went wrong once more."""
        with self._lock:
            self.counts[kind] += 1
            self.newest = f"{kind}: {text}"
            now = time.monotonic()
            if now < self._quiet_until.get(kind, 0.0):
                return
            self._quiet_until[kind] = now + self.every
            count = self.counts[kind]
        self.logger.warning(f"{kind}: {text}" + (f" ({count} times so far)" if count > 1 else ""))
