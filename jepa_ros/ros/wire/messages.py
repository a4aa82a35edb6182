"""Tensors ⇄ messages, and neutral field dictionaries → messages of any type."""

from __future__ import annotations

from array import array
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import torch
from builtin_interfaces.msg import Duration
from std_msgs.msg import Header
from torch import Tensor

from jepa_ros_interfaces.msg import LatentPrediction, LatentState


@cache
def message_class(name: str) -> type:
    """The class of ``package/msg/Type``. Raises ImportError or AttributeError where its package is not installed."""
    package, folder, kind = name.split("/")
    return getattr(import_module(f"{package}.{folder}"), kind)


def fill(message: Any, fields: dict[str, Any]) -> Any:
    """Set the fields of a message from nested dictionaries and lists; returns the message."""
    for name, content in fields.items():
        if isinstance(content, dict):
            fill(getattr(message, name), content)
        elif isinstance(content, list) and content and isinstance(content[0], dict):
            element = _element_class(type(message), name)
            setattr(message, name, [fill(element(), item) for item in content])
        else:
            setattr(message, name, content)
    return message


@cache
def _element_class(kind: type, field: str) -> type:
    """The message class of a sequence field's elements, from a type such as sequence<package/Type>."""
    inner = kind.get_fields_and_field_types()[field].removeprefix("sequence<").rstrip(">").partition(",")[0]
    package, _, name = inner.partition("/")
    return message_class(f"{package}/msg/{name}")


def stamp_ns(header: Header) -> int:
    """A header's stamp in nanoseconds."""
    return header.stamp.sec * 1_000_000_000 + header.stamp.nanosec


def duration(seconds: float) -> Duration:
    """A duration message; a negative one becomes zero."""
    nanoseconds = round(max(seconds, 0.0) * 1e9)
    return Duration(sec=nanoseconds // 1_000_000_000, nanosec=nanoseconds % 1_000_000_000)


def seconds(message: Duration) -> float:
    """A duration message in seconds."""
    return message.sec + message.nanosec * 1e-9


def floats(values: Tensor) -> array:
    """The numbers of a tensor, flat, as the kind of array that generated messages take without looking at each."""
    data = array("f")
    data.frombytes(values.detach().to("cpu", torch.float32).contiguous().numpy().tobytes())
    return data


def latent_message(latent: Tensor, header: Header, model: str) -> LatentState:
    """A latent (N, D) as a message that carries the image's header."""
    tokens, dim = latent.shape
    return LatentState(header=header, model=model, tokens=tokens, dim=dim, data=floats(latent))


def prediction_message(
    prediction: Tensor,
    actions: Tensor,
    header: Header,
    model: str,
    step: float,
    action_names: tuple[str, ...],
) -> LatentPrediction:
    """Predicted latents (H, N, D) and the actions (H, A) they follow from."""
    horizon, tokens, dim = prediction.shape
    return LatentPrediction(
        header=header, model=model, step=duration(step), horizon=horizon, tokens=tokens, dim=dim,
        data=floats(prediction), action_names=list(action_names), actions=floats(actions),
    )  # fmt: skip


def latent_tensor(message: LatentState, shape: tuple[int, int]) -> Tensor:
    """The latent (N, D) in a message. Raises ValueError where its size is another or a value is not finite."""
    data = np.frombuffer(message.data, dtype=np.float32) if len(message.data) else np.empty(0, np.float32)
    if (message.tokens, message.dim) != shape or data.size != shape[0] * shape[1]:
        raise ValueError(
            f"latent of {message.tokens} × {message.dim} with {data.size} numbers; allowed {shape[0]} × {shape[1]}"
        )
    if not np.isfinite(data).all():
        raise ValueError("latent with values that are not finite numbers")
    return torch.from_numpy(data.reshape(shape).copy())
