"""The contract: what a robot says and accepts, from messages to arrays and back, without ROS."""

from jepa_ros.contract.alignment import Aligner, Observation
from jepa_ros.contract.commands import encode_action, safety_command
from jepa_ros.contract.contract import Contract, Entry
from jepa_ros.contract.errors import ContractError, StreamError, UnrelatedMessage
from jepa_ros.contract.images import check_image, decode_image, resize_image
from jepa_ros.contract.limits import Limits
from jepa_ros.contract.load import load_contract
from jepa_ros.contract.motion import Motion, stop
from jepa_ros.contract.objection import objection
from jepa_ros.contract.ramp import period_ends, period_means
from jepa_ros.contract.reference import Reference
from jepa_ros.contract.speed import slowed
from jepa_ros.contract.values import read_values

__all__ = [
    "Aligner",
    "Contract",
    "ContractError",
    "Entry",
    "Limits",
    "Motion",
    "Observation",
    "Reference",
    "StreamError",
    "UnrelatedMessage",
    "check_image",
    "decode_image",
    "encode_action",
    "load_contract",
    "objection",
    "period_ends",
    "period_means",
    "read_values",
    "resize_image",
    "safety_command",
    "slowed",
    "stop",
]
