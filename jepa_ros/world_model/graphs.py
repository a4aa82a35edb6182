"""Functions of tensors on a GPU, recorded once as a CUDA graph and then replayed, without the processor in between."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import Tensor

KEPT = 8  # graphs of a function, the last ones used
WARM_UPS = 3  # as PyTorch advises, for libraries that choose among their algorithms when first called


def differentiated(arguments: tuple[Tensor, ...]) -> bool:
    """Whether gradients are asked for, which neither a graph nor compiled code passes on."""
    return torch.is_grad_enabled() and any(argument.requires_grad for argument in arguments)


class Graphs:
    """Gives what a function of tensors gives, from any thread; where gradients are asked for, by the function itself.

    The function must do the same for all arguments of the same shapes, and never wait for the device.
    """

    def __init__(self, function: Callable[..., Tensor]):
        self._function = function
        self._graphs: OrderedDict[tuple, _Graph] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, *arguments: Tensor) -> Tensor:
        if differentiated(arguments):
            return self._function(*arguments)
        with self._lock, torch.inference_mode():
            return self._of(arguments).replay(arguments)

    def _of(self, arguments: tuple[Tensor, ...]) -> _Graph:
        key = tuple((argument.shape, argument.dtype, argument.device) for argument in arguments)
        if key not in self._graphs:
            self._graphs[key] = _Graph(self._function, arguments)
        self._graphs.move_to_end(key)
        if len(self._graphs) > KEPT:
            self._graphs.popitem(last=False)
        return self._graphs[key]


class _Graph:
    """A function recorded for arguments of certain shapes."""

    def __init__(self, function: Callable[..., Tensor], arguments: tuple[Tensor, ...]):
        self._arguments = [argument.clone(memory_format=torch.contiguous_format) for argument in arguments]
        device = self._arguments[0].device
        aside = _aside(device)
        aside.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(aside):
            for _ in range(WARM_UPS):
                function(*self._arguments)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph, stream=aside, capture_error_mode="thread_local"):
            self._result = function(*self._arguments)

    def replay(self, arguments: tuple[Tensor, ...]) -> Tensor:
        """What the function would give."""
        for own, argument in zip(self._arguments, arguments):
            own.copy_(argument)
        self._graph.replay()
        return self._result.clone()  # the next replay writes over it


_STREAMS: dict[torch.device, torch.cuda.Stream] = {}


def _aside(device: torch.device) -> torch.cuda.Stream:
    """Where a device's graphs are recorded. One for all: libraries keep memory for every stream that they ever met."""
    if device not in _STREAMS:
        _STREAMS[device] = torch.cuda.Stream(device)
    return _STREAMS[device]
