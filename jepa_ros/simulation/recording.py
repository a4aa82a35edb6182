"""Record the embedded robot exploring, faster than real time: the same kind of bag as a live recording."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from jepa_ros.contract import Contract, Reference, read_values
from jepa_ros.contract.commands import Commands
from jepa_ros.data.bags.bag import BagWriter
from jepa_ros.data.exploration.explorer import Explorer
from jepa_ros.simulation.embedded import Setting, embedded_robot
from jepa_ros.simulation.robot import SensorMessage, SimulatedRobot, as_message

Progress = Callable[[float, float], None]


def record_exploration(
    contract: Contract,
    path: str | Path,
    seconds: float,
    seed: int = 0,
    progress: Progress | None = None,
    setting: Setting | None = None,
) -> Path:
    """Let the contract's robot explore for simulated `seconds` in one continuous run and write the bag `path`.

    The command of each contract period is written with the time at which it is sent. The same seed makes the
    same messages.

    Args:
        contract: names the topics and limits; its text goes into the bag.
        path: directory of the bag to be.
        seconds: simulated time.
        seed: of the start pose and of the exploration.
        progress: called with the simulated seconds done and in all, about once a second of them.
        setting: of the robot; by default that of the seed.

    Raises:
        BagError: `path` exists.
        ValueError: no embedded robot can serve the contract, or an action has no range to explore.
    """
    robot = SimulatedRobot(contract, embedded_robot(contract.robot_type, setting or Setting(seed)))
    explorer = Explorer(contract, seed)
    pilot = _Pilot(contract)
    ticks = max(1, round(seconds * contract.fps))
    with BagWriter(path, contract.text) as writer:
        for tick in range(ticks + 1):
            for message in robot.advance(contract.period if tick else 0.0):
                writer.write(*message)
                pilot.observe(message)
            if progress is not None and tick % contract.fps == 0:
                progress(tick * contract.period, ticks * contract.period)
            for topic, (kind, fields) in pilot.command(explorer, robot.now_ns).items():
                writer.write(topic, kind, fields, robot.now_ns)
                robot.receive(topic, fields)
    return Path(path)


def record_layouts(
    contract: Contract,
    folder: str | Path,
    seconds: float,
    settings: Sequence[Setting],
    progress: Progress | None = None,
) -> list[Path]:
    """The same once in each setting of the room, one after the other: a bag each in ``folder``, sharing the time.

    Raises:
        BagError, ValueError: as ``record_exploration``.
    """
    share = seconds / len(settings)
    bags = []
    for number, setting in enumerate(settings):
        tell = progress and (lambda done, _, before=number * share: progress(before + done, seconds))
        bag = Path(folder) / setting.layout.replace(":", "_")
        bags.append(record_exploration(contract, bag, share, setting.seed, tell, setting))
    return bags


class _Pilot:
    """Knows the newest state and the motion in force, and sends what the explorer wants."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._reference = Reference(contract)
        self._entries = [(key, entry) for key, entry in contract.observations.items() if not entry.is_image]
        self._values = {key: np.zeros(len(entry.select)) for key, entry in self._entries}

    def observe(self, message: SensorMessage) -> None:
        for key, entry in self._entries:
            if entry.channel.topic == message.topic:
                self._values[key] = read_values(entry, as_message(message.fields))

    def command(self, explorer: Explorer, now_ns: int) -> Commands:
        state = np.concatenate([self._values[key] for key, _ in self._entries])
        motion = self._reference.at(now_ns, state)
        action = explorer.command(state, motion.command)
        return self._reference.command(action, state, now_ns)
