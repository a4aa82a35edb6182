"""What is known of ROS message types without ROS: where their numbers are and whether they carry a header.

A type that is not listed works too, by dotted path; its paths can then be checked only on the first message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

IMAGES = ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage")

_XYZ = dict.fromkeys("xyz")
_XYZW = dict.fromkeys("xyzw")
_TWIST = {"linear": _XYZ, "angular": _XYZ}
_WRENCH = {"force": _XYZ, "torque": _XYZ}
_POSE = {"position": _XYZ, "orientation": _XYZW}
_TRANSFORM = {"translation": _XYZ, "rotation": _XYZW}


def _with_covariance(name: str, shape: dict[str, Any]) -> dict[str, Any]:
    return {name: shape, "covariance": 36}


@dataclass(frozen=True)
class NamedArrays:
    """Parallel arrays beside a list of names: a selector is ``field.name``, a bare name means the first
    field.

    Attributes:
        names: the field with the list of names.
        fields: selector word → field of the message (or of its first point).
        point: whether the arrays stand in ``points[0]``.
    """

    names: str
    fields: dict[str, str]
    point: bool = False

    @property
    def default(self) -> str:
        return next(iter(self.fields))


@dataclass(frozen=True)
class Indexed:
    """Plain arrays: a selector is ``field.index``, a bare index means the first field.

    In a MultiArray (``labels``) names that are no index label the whole array in order.
    """

    fields: tuple[str, ...]
    labels: bool = False


@dataclass(frozen=True)
class Fields:
    """Numbers by dotted path.

    ``shape`` nests what exists: ``None`` for a number, an int for an array of that length, ``None`` as a
    whole where the type is not known here.
    """

    shape: dict[str, Any] | None = None


@dataclass(frozen=True)
class MessageType:
    """What is known of one type. ``header`` is None where nobody here knows."""

    name: str
    layout: NamedArrays | Indexed | Fields | None
    header: bool | None = None
    scalar: str | None = None
    is_image: bool = False


_TRAJECTORY_FIELDS = {
    "position": "positions",
    "positions": "positions",
    "velocity": "velocities",
    "velocities": "velocities",
    "acceleration": "accelerations",
    "accelerations": "accelerations",
    "effort": "effort",
}
_JOINT_FIELDS = {"position": "position", "velocity": "velocity", "effort": "effort"}

_STAMPED: dict[str, Any] = {
    "sensor_msgs/msg/JointState": NamedArrays("name", _JOINT_FIELDS),
    "trajectory_msgs/msg/JointTrajectory": NamedArrays("joint_names", _TRAJECTORY_FIELDS, point=True),
    "sensor_msgs/msg/Joy": Indexed(("axes", "buttons")),
    "sensor_msgs/msg/LaserScan": Fields(),
    "sensor_msgs/msg/Imu": Fields(
        {
            "orientation": _XYZW,
            "orientation_covariance": 9,
            "angular_velocity": _XYZ,
            "angular_velocity_covariance": 9,
            "linear_acceleration": _XYZ,
            "linear_acceleration_covariance": 9,
        }
    ),
    "sensor_msgs/msg/MagneticField": Fields({"magnetic_field": _XYZ, "magnetic_field_covariance": 9}),
    "sensor_msgs/msg/Range": Fields(
        {"field_of_view": None, "min_range": None, "max_range": None, "range": None, "variance": None}
    ),
    "sensor_msgs/msg/FluidPressure": Fields({"fluid_pressure": None, "variance": None}),
    "sensor_msgs/msg/Temperature": Fields({"temperature": None, "variance": None}),
    "sensor_msgs/msg/RelativeHumidity": Fields({"relative_humidity": None, "variance": None}),
    "sensor_msgs/msg/Illuminance": Fields({"illuminance": None, "variance": None}),
    "geometry_msgs/msg/TwistStamped": Fields({"twist": _TWIST}),
    "geometry_msgs/msg/TwistWithCovarianceStamped": Fields({"twist": _with_covariance("twist", _TWIST)}),
    "geometry_msgs/msg/WrenchStamped": Fields({"wrench": _WRENCH}),
    "geometry_msgs/msg/PoseStamped": Fields({"pose": _POSE}),
    "geometry_msgs/msg/PoseWithCovarianceStamped": Fields({"pose": _with_covariance("pose", _POSE)}),
    "geometry_msgs/msg/PointStamped": Fields({"point": _XYZ}),
    "geometry_msgs/msg/Vector3Stamped": Fields({"vector": _XYZ}),
    "geometry_msgs/msg/QuaternionStamped": Fields({"quaternion": _XYZW}),
    "geometry_msgs/msg/AccelStamped": Fields({"accel": _TWIST}),
    "geometry_msgs/msg/TransformStamped": Fields({"transform": _TRANSFORM}),
    "nav_msgs/msg/Odometry": Fields(
        {"pose": _with_covariance("pose", _POSE), "twist": _with_covariance("twist", _TWIST)}
    ),
    "control_msgs/msg/JointJog": NamedArrays(
        "joint_names",
        {"velocity": "velocities", "velocities": "velocities", "displacements": "displacements"},
    ),
}

_UNSTAMPED: dict[str, Any] = {
    "geometry_msgs/msg/Twist": Fields(_TWIST),
    "geometry_msgs/msg/Wrench": Fields(_WRENCH),
    "geometry_msgs/msg/Pose": Fields(_POSE),
    "geometry_msgs/msg/Pose2D": Fields({"x": None, "y": None, "theta": None}),
    "geometry_msgs/msg/Point": Fields(_XYZ),
    "geometry_msgs/msg/Point32": Fields(_XYZ),
    "geometry_msgs/msg/PoseWithCovariance": Fields(_with_covariance("pose", _POSE)),
    "geometry_msgs/msg/TwistWithCovariance": Fields(_with_covariance("twist", _TWIST)),
    "geometry_msgs/msg/Vector3": Fields(_XYZ),
    "geometry_msgs/msg/Quaternion": Fields(_XYZW),
    "geometry_msgs/msg/Accel": Fields(_TWIST),
    "geometry_msgs/msg/Transform": Fields(_TRANSFORM),
    "std_msgs/msg/ColorRGBA": Fields(dict.fromkeys("rgba")),
    "control_msgs/msg/MultiDOFCommand": NamedArrays("dof_names", {"values": "values", "values_dot": "values_dot"}),
}

_INTEGERS = tuple(f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64))
_SCALARS = tuple(f"std_msgs/msg/{name}" for name in ("Bool", "Float32", "Float64", *_INTEGERS))
_ARRAYS = tuple(f"std_msgs/msg/{name}MultiArray" for name in ("Float32", "Float64", *_INTEGERS))
_WITHOUT_NUMBERS = ("std_msgs/msg/String", "std_msgs/msg/Empty", "std_msgs/msg/Header")


def _table() -> dict[str, MessageType]:
    types = [MessageType(name, None, header=True, is_image=True) for name in IMAGES]
    types += [MessageType(name, layout, header=True) for name, layout in _STAMPED.items()]
    types += [MessageType(name, layout, header=False) for name, layout in _UNSTAMPED.items()]
    types += [MessageType(name, Fields({"data": None}), header=False, scalar="data") for name in _SCALARS]
    types += [MessageType(name, Indexed(("data",), labels=True), header=False) for name in _ARRAYS]
    types += [MessageType(name, None, header=False) for name in _WITHOUT_NUMBERS]
    return {known.name: known for known in types}


KNOWN = _table()


def message_type(name: str) -> MessageType:
    """What is known of the type; a type nobody knows is read by dotted path."""
    return KNOWN.get(name) or MessageType(name, Fields())
