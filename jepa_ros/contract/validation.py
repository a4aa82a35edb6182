"""From pydantic's errors to one sentence that says where, what was found and what is allowed."""

from __future__ import annotations

import math
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from jepa_ros.contract.document import Document, KeyPath, dotted
from jepa_ros.contract.errors import ContractError, listed, suggestion

_ALLOWED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "too_short": "at least one item",
    "string_too_short": "text that is not empty",
    "greater_than": "a number greater than {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number less than {lt}",
    "less_than_equal": "a number of at most {le}",
    "string_too_long": "at most {max_length} characters",
}


def first_error(document: Document, model: type[BaseModel], error: ValidationError, path: KeyPath) -> ContractError:
    """The error that stands first in the file; a misspelt key before the one that is missing for it."""
    details = sorted(error.errors(include_url=False), key=lambda detail: detail["type"] == "missing")
    return min((_translate(document, model, detail, path) for detail in details), key=lambda one: one.line)


def _translate(document: Document, model: type[BaseModel], detail: ErrorDetails, path: KeyPath) -> ContractError:
    where = (*path, *detail["loc"])
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        allowed = _fields_at(model, detail["loc"][:-1])
        word = str(where[-1])
        return document.error(where, f"an unknown key{suggestion(word, allowed)}", listed(allowed))
    if kind == "missing":
        return document.error(where, "nothing", _meaning(dotted(detail["loc"])))
    if kind == "contract":
        return document.error(where, describe(detail["input"]), context["allowed"])
    if kind == "literal_error":
        return document.error(where, describe(detail["input"]), context["expected"].replace("'", ""))
    allowed = _ALLOWED.get(kind, detail["msg"]).format(**context)
    return document.error(where, describe(detail["input"]), allowed)


def describe(value: Any) -> str:
    """A found value in words, short."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return f"a mapping of {listed(list(value)[:6])}" if value else "an empty mapping"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, str):
        return f"the text '{value[:80]}'{_number_hint(value)}"
    return repr(value)[:80]


def _number_hint(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return ""
    return f" (YAML takes this for text; write {number!r})" if math.isfinite(number) else ""


def _fields_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The field names of the model that stands at ``loc`` inside ``model``."""
    for part in loc:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        inner = _model_in(annotation)
        model = inner or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, getattr(annotation, "__args__", ()))), None)


_MEANING = {
    "robot_type": "the kind of robot, as text",
    "robot_interface": "ros2",
    "fps": "ticks per second, a whole number",
    "channel": "a mapping {topic: …, type: …}",
    "channel.topic": "a ROS topic name",
    "channel.type": "a message type, such as sensor_msgs/msg/JointState",
    "align": "a mapping {strategy: hold|asof|drop, timeline: header|receive}",
    "align.strategy": "hold, asof or drop",
    "align.timeline": "header or receive",
}


def _meaning(key: str) -> str:
    return _MEANING.get(key, "a value (the key is required)")
