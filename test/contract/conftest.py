from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from rosbags.typesys import Stores, get_typestore

from jepa_ros.contract import Contract, ContractError, load_contract

ARM = Path(__file__).parents[2] / "config/contracts/planar_arm.yaml"


@pytest.fixture(scope="session")
def arm_path() -> Path:
    return ARM


@pytest.fixture(scope="session")
def arm_text() -> str:
    return ARM.read_text()


@pytest.fixture(scope="session")
def arm() -> Contract:
    return load_contract(ARM)


@pytest.fixture(scope="session")
def types() -> dict:
    """Message classes as bags give them."""
    return get_typestore(Stores.ROS2_KILTED).types


@pytest.fixture(scope="session")
def header(types):
    stamp = types["builtin_interfaces/msg/Time"](sec=1, nanosec=5)
    return types["std_msgs/msg/Header"](stamp=stamp, frame_id="")


@pytest.fixture
def joint_state(types, header):
    def make(name, position=(), velocity=(), effort=()):
        arrays = [np.array(values, dtype=np.float64) for values in (position, velocity, effort)]
        return types["sensor_msgs/msg/JointState"](header, list(name), *arrays)

    return make


@pytest.fixture
def refused(arm_text):
    """The error that follows from replacing one text by another in the planar arm's contract."""

    def parse(old, new):
        assert old in arm_text
        with pytest.raises(ContractError) as caught:
            Contract.parse(arm_text.replace(old, new, 1), "arm.yaml")
        error = caught.value
        assert str(error).startswith(f"arm.yaml:{error.line}: {error.key}")
        return error

    return parse


def _contract(select, type_, kind="direct", state=(), limits="", apply="", safety="hold"):
    observed = state or ("position.a",)
    names = ", ".join(select)
    return Contract.parse(
        f"""
robot_type: test_robot
robot_interface: ros2
fps: 10
observations:
  observation.state:
    channel: {{topic: joint_states, type: sensor_msgs/msg/JointState}}
    align: {{strategy: hold, timeline: header}}
    select: [{", ".join(observed)}]
    {apply}
actions:
  action:
    channel: {{topic: command, type: {type_}, safety: {safety}}}
    align: {{strategy: hold, timeline: receive}}
    select: [{names}]
    {apply}
x-jepa:
  command: {{kind: {kind}}}
  {"limits: {" + limits + "}" if limits else ""}
"""
    )


@pytest.fixture(scope="session")
def robot():
    """A contract of one numeric observation and one action, put together from a few words."""
    return _contract


@pytest.fixture(scope="session")
def plain():
    """An object with attributes, nested dicts included, as messages have them."""

    def make(**fields):
        return SimpleNamespace(**{k: make(**v) if isinstance(v, dict) else v for k, v in fields.items()})

    return make
