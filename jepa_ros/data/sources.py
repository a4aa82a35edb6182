"""The door of this room: which recordings stand at a path, bags and datasets alike, and which contract is in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jepa_ros.contract import Contract
from jepa_ros.data.bags.bag import bags_below, check_exists, read_bag
from jepa_ros.data.lerobot.place import datasets_below, is_dataset
from jepa_ros.data.recording import Recording, RecordingError


def find_recordings(paths: Sequence[str | Path]) -> list[Path]:
    """The recordings that the paths name: themselves or in directories, each once, in order.

    Recordings that are still going on or were cut off count only where they are named themselves.

    Raises:
        RecordingError: a path does not exist or holds no recording.
    """
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        check_exists(path)
        here = [path] if is_dataset(path) else sorted({*datasets_below(path), *bags_below(path)})
        if not here:
            raise RecordingError(f"{path} holds no bag and no LeRobot dataset")
        found.update(dict.fromkeys(here))
    return list(found)


def open_recording(path: Path) -> Recording:
    """Open what stands at a path that `find_recordings` named. Raises RecordingError where it can't be read at all."""
    if not is_dataset(path):
        return read_bag(path)
    from jepa_ros.data.lerobot.dataset import Dataset  # which needs packages that only datasets need

    return Dataset(path)


def contract_in(path: Path) -> Contract:
    """The contract under which the recording at a path was made.

    Raises:
        RecordingError: it cannot be read or holds no contract.
        ContractError: the contract in it is refused.
    """
    with open_recording(path) as recording:
        text = recording.contract_text
    if text is None:
        raise RecordingError(f"{path} holds no contract; name the robot's with --contract")
    return Contract.parse(text, name=f"{path}: its contract")
