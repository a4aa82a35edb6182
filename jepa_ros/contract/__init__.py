"""The contract: what a robot says and accepts, from messages to arrays and back, without ROS."""

from jepa_ros.contract.contract import Contract, Entry
from jepa_ros.contract.errors import ContractError, StreamError, UnrelatedMessage
from jepa_ros.contract.limits import Limits
from jepa_ros.contract.load import load_contract
from jepa_ros.contract.values import read_values

__all__ = [
    "Contract",
    "ContractError",
    "Entry",
    "Limits",
    "StreamError",
    "UnrelatedMessage",
    "load_contract",
    "read_values",
]
