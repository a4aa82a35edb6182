"""What makes embedded robots for evaluation: sound, faulty, and at places."""

from __future__ import annotations

from dataclasses import replace

from jepa_ros.contract import Contract
from jepa_ros.simulation.embedded import EMBEDDED, Setting, embedded_robot
from jepa_ros.simulation.faults import FAULTS_OF, Fault, find_fault
from jepa_ros.simulation.places import PLACES_OF
from jepa_ros.simulation.stepped import SteppedRobot


class Simulator:
    """Makes stepped robots of a contract's type; the same seed makes the same robot.

    Args:
        contract: names the topics, and by its robot_type the robot.
        setting: of every robot but for the seed.

    Attributes:
        faults: names of all that may befall one.
        places: where one can be put and sent; None for a robot that is nowhere.
    """

    def __init__(self, contract: Contract, setting: Setting = Setting()) -> None:
        self._contract, self._setting = contract, setting
        self.faults = tuple(FAULTS_OF[contract.robot_type])
        places = PLACES_OF.get(contract.robot_type)
        self.places = places(contract, setting) if places else None

    def anywhere(self, seed: int) -> SteppedRobot:
        """A robot at a random place."""
        return self._robot(Fault(), seed)

    def faulty(self, fault: str, seed: int) -> SteppedRobot:
        """A robot at a random place that a fault may befall."""
        return self._robot(find_fault(self._contract.robot_type, fault), seed)

    def _robot(self, fault: Fault, seed: int) -> SteppedRobot:
        body = embedded_robot(self._contract.robot_type, replace(self._setting, seed=seed))
        return SteppedRobot(self._contract, body, fault, seed)


def simulator_of(contract: Contract, setting: Setting = Setting()) -> Simulator | None:
    """What makes robots of a contract's type; None where no embedded robot is one."""
    return Simulator(contract, setting) if contract.robot_type in EMBEDDED else None
