"""Machines that wear, for evaluation: in normal operation until a fault begins to develop."""

from __future__ import annotations

from jepa_ros.contract import Contract, Observation
from jepa_ros.simulation.process import FAULTS, Process
from jepa_ros.simulation.stepped import SteppedRobot

SETTLED = 1800.0  # s after which the tank is no longer where it happened to be started


class WearingProcess(SteppedRobot):
    """The heated stirred tank in stepped time, settled in the middle of its range.

    Args:
        contract: names the topics.
        seed: of its noise and of the wandering supply.
    """

    def __init__(self, contract: Contract, seed: int = 0) -> None:
        self._process = Process(seed)
        self._process.set_heater(0.5)
        self._process.set_valve(0.5)
        self._process.step(SETTLED)
        super().__init__(contract, self._process)

    def advance(self) -> list[Observation]:
        """Let one contract period pass; what is known at its end.

        Older messages than the newest of each topic are passed over, since nobody would look at them.
        """
        newest = {message.topic: message for message in self._robot.advance(self.contract.period)}
        for message in newest.values():
            self._take(message)
        observation = self._aligner.sample(self._robot.now_ns)
        return [] if observation is None else [observation]

    def develop(self, fault: str, seconds: float) -> None:
        """Let a fault begin now that leads to failure so many seconds from now. Raises ValueError: no such fault."""
        self._process.develop(fault, seconds)


class WearingProcesses:
    """Makes them; the same seed makes the same one.

    Args:
        contract: names the topics.
    """

    faults = FAULTS

    def __init__(self, contract: Contract) -> None:
        self.contract = contract

    def sound(self, seed: int) -> WearingProcess:
        """One in which nothing develops yet."""
        return WearingProcess(self.contract, seed)


def machines_of(contract: Contract) -> WearingProcesses | None:
    """What makes wearing machines of a contract's type; None where the package has none."""
    return WearingProcesses(contract) if contract.robot_type == "process" else None
