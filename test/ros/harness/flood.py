"""Somebody who says the same thing again and again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from harness.stack import Stack

PAUSE = 0.005  # s between two messages: more often than whoever speaks on a topic by right


@contextmanager
def flooding(stack: Stack, topic: str, message: Any) -> Iterator[None]:
    """While this holds, a message comes again and again on a topic of a robot's nodes."""
    publisher, stop = stack.node.create_publisher(type(message), topic, 10), threading.Event()

    def flood() -> None:
        while not stop.wait(PAUSE):
            publisher.publish(message)

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        stack.node.destroy_publisher(publisher)
