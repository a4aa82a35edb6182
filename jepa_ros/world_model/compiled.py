"""Functions of tensors as machine code that is made for the shapes they are asked for, while they go on as they are."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

import torch
from torch import Tensor

from jepa_ros.world_model.graphs import differentiated

KEPT = 4  # shapes of arguments; all others are computed plainly
Function = Callable[..., Tensor]
Shapes = tuple[tuple, ...]

_log = logging.getLogger(__name__)


class Compiled:
    """Gives what a function of tensors gives, from any thread; where gradients are asked for, by the function itself.

    To make the code for new arguments takes a C++ compiler half a minute or more. Nobody waits for that: a thread sees
    to it, one after the other, and the function itself serves until then.
    """

    def __init__(self, function: Function):
        self._function = function
        self._made: dict[Shapes, Function] = {}
        self._asked: set[Shapes] = set()
        self._waiting: queue.Queue[tuple[Shapes, tuple[Tensor, ...]]] = queue.Queue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def __call__(self, *arguments: Tensor) -> Tensor:
        if differentiated(arguments):
            return self._function(*arguments)
        shapes = tuple((argument.shape, argument.stride(), argument.dtype) for argument in arguments)
        made = self._made.get(shapes)
        if made is None:
            self._ask(shapes, arguments)
            return self._function(*arguments)
        with torch.inference_mode():
            return made(*arguments)

    def settle(self) -> None:
        """Wait until all that was asked for is made."""
        self._waiting.join()

    def _ask(self, shapes: Shapes, arguments: tuple[Tensor, ...]) -> None:
        with self._lock:
            if shapes in self._asked or len(self._asked) == KEPT:
                return
            self._asked.add(shapes)
            self._waiting.put((shapes, arguments))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="compiler", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            shapes, arguments = self._waiting.get()
            try:
                self._make(shapes, arguments)
            except Exception as error:
                _log.warning("what predicts can't be compiled, and goes on as it is: %s", error)
            finally:
                self._waiting.task_done()

    @torch.inference_mode()
    def _make(self, shapes: Shapes, arguments: tuple[Tensor, ...]) -> None:
        """Weights are taken as they are now."""
        made = torch.compile(self._function, dynamic=False, fullgraph=True, options={"freezing": True})
        made(*arguments)
        self._made[shapes] = made
