"""ROS in the test process: a context of its own, nodes, and a thread that spins them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future

from jepa_ros.ros.base.reading import read, subscribe
from jepa_ros.ros.base.spinning import spin_on
from jepa_ros.ros.client.client import ClientError, on_executor, wait_for

PATIENCE = 30.0  # s that anything may take on a busy machine
TRY = 5.0  # s after which a request counts as lost


class Graph:
    """The test's own view of a ROS domain. Wait on it for conditions; never sleep."""

    def __init__(self, domain: int):
        self.domain = domain
        self.context = Context()
        rclpy.init(context=self.context, domain_id=domain, signal_handler_options=SignalHandlerOptions.NO)
        self._closing = False
        self._nodes: set[Node] = set()
        self.executor = SingleThreadedExecutor(context=self.context)
        self._thread = threading.Thread(target=self._spin, name="graph", daemon=True)
        self._thread.start()

    def node(self, name: str, namespace: str = "") -> Node:
        return self.add(Node(name, namespace=namespace, context=self.context, use_global_arguments=False))

    def add(self, node: Node) -> Node:
        """Spin a node too that was made in this context."""
        self.executor.add_node(node)
        self._nodes.add(node)
        return node

    def remove(self, node: Node) -> None:
        self._nodes.discard(node)
        self.executor.remove_node(node)
        node.destroy_node()

    def ask(self, send: Callable[[], Future], what: str) -> Any:
        """An answer, asked for again where none comes: a server just found may not hear the first time."""
        for patience in (TRY, TRY, PATIENCE):
            future = on_executor(self.executor, send)
            with suppress(ClientError):
                wait_for(future.done, patience, what)
                return future.result()
        raise ClientError(f"waited in vain for {what}")

    def close(self) -> None:
        self._closing = True
        self.executor.shutdown(timeout_sec=5.0)
        self._thread.join(timeout=5.0)
        for node in self._nodes:
            node.destroy_node()
        self.context.try_shutdown()

    def _spin(self) -> None:
        try:
            spin_on(self.executor)
        except Exception:
            if not self._closing:  # an executor that is being shut down may find nothing to wait for, and say so
                raise


class Listener:
    """Collects what comes in on a topic."""

    def __init__(self, node: Node, kind: type, topic: str, qos: QoSProfile | int = 10):
        self.node, self.topic = node, topic
        self.messages: list[Any] = []
        self._subscription = subscribe(node, kind, topic, lambda data, _: self.messages.append(read(data, kind)), qos)

    def wait(self, good: Callable[[Any], bool] = lambda message: True, since: int = 0) -> Any:
        """The first message after the first ``since`` ones that is good."""
        seen = since

        def found() -> bool:
            nonlocal seen
            while seen < len(self.messages):
                if good(self.messages[seen]):
                    return True
                seen += 1
            return False

        wait_for(found, PATIENCE, f"a message on {self.topic}")
        return self.messages[seen]

    def next(self, good: Callable[[Any], bool] = lambda message: True) -> Any:
        """The next message from now on that is good."""
        return self.wait(good, since=len(self.messages))

    def take(self, count: int) -> list[Any]:
        """So many messages from now on."""
        begin = len(self.messages)
        wait_for(lambda: len(self.messages) >= begin + count, PATIENCE, f"{count} messages on {self.topic}")
        return self.messages[begin : begin + count]

    def close(self) -> None:
        self.node.destroy_subscription(self._subscription)
