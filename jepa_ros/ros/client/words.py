"""Goals as people write them: a picture's file, values of the state, or a saved name."""

from __future__ import annotations

from array import array
from pathlib import Path

from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from jepa_ros.contract import StreamError, decode_image
from jepa_ros.ros.client.client import image_goal, named_goal, state_goal
from jepa_ros_interfaces.msg import Goal

PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
SYNTAX = "a picture's file, camera=file, selector=value[,selector=value…], or the name of a saved goal"


class GoalWordsError(ValueError):
    """Words that are no goal; the message says which, why, and what is allowed."""


def goal_of(words: str) -> Goal:
    """The goal that words stand for; see ``SYNTAX``. Raises GoalWordsError."""
    if not words.strip():
        raise GoalWordsError(f"an empty goal; allowed: {SYNTAX}")
    if "=" not in words:
        is_picture = Path(words).suffix.lower() in PICTURES
        return image_goal(picture(Path(words))) if is_picture else named_goal(words)
    first, _, rest = words.partition("=")
    if Path(rest).suffix.lower() in PICTURES:
        return image_goal(picture(Path(rest), camera=first))
    names, values = zip(*(_value(part, words) for part in words.split(",")))
    return state_goal(names, values)


def picture(path: Path, camera: str = "") -> Image:
    """A picture's file (JPEG, PNG and whatever else OpenCV reads) as an image message, as if ``camera`` saw it.

    ``camera`` matters only for robots with several; it is the contract's key for it or the key's last part. Raises
    GoalWordsError naming what is wrong with the file.
    """
    try:
        pixels = decode_image(CompressedImage(format=path.suffix[1:], data=array("B", path.read_bytes())))
    except OSError as error:
        raise GoalWordsError(f"{path}: {error.strerror}") from error
    except StreamError as error:
        raise GoalWordsError(f"{path}: {error}") from error
    height, width, _ = pixels.shape
    data = array("B", pixels.tobytes())
    header = Header(frame_id=camera)
    return Image(header=header, height=height, width=width, encoding="rgb8", step=3 * width, data=data)


def _value(part: str, words: str) -> tuple[str, float]:
    name, _, value = part.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError as error:
        raise GoalWordsError(f"goal {words!r}: {part!r} is no value; allowed: {SYNTAX}") from error
