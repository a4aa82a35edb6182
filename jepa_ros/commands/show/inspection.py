"""What stands at a path, as tables."""

from __future__ import annotations

from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from jepa_ros.commands.show.terminal import table
from jepa_ros.contract import Contract, load_contract
from jepa_ros.data.audit import BagAudit, audit_bag
from jepa_ros.data.bags.storage import is_storage
from jepa_ros.data.lerobot.place import is_dataset
from jepa_ros.data.sources import contract_in, find_recordings
from jepa_ros.world_model import WorldModel


def is_recording(path: Path) -> bool:
    """Whether a path names a recording or a folder of them."""
    return is_storage(path) or (path.is_dir() and not _is_model(path))


def audits(path: Path, contract: Path | None, namespace: str = "") -> list[BagAudit]:
    """Audits of the bags at a path, each against the contract or its own. Raises the error of whatever is wrong."""
    expected = load_contract(contract) if contract else None
    bags = [found for found in find_recordings([path]) if not is_dataset(found)]
    return [audit_bag(bag, expected or contract_in(bag), namespace) for bag in bags]


def datasets(path: Path, contract: Path | None) -> list[RenderableType]:
    """The LeRobot datasets at a path, each beside the contract. Raises the error of whatever is wrong."""
    found = [dataset for dataset in find_recordings([path]) if is_dataset(dataset)]
    if not found:
        return []
    from jepa_ros.commands.show.dataset import dataset_table  # which needs packages that only datasets need

    expected = load_contract(contract) if contract else None
    return [dataset_table(dataset, expected) for dataset in found]


def inspection(path: Path, contract: Path | None) -> RenderableType:
    """What a model or a contract holds, and whether it fits a contract. Raises the error of whatever is wrong."""
    expected = load_contract(contract) if contract else None
    if _is_model(path):
        return _model(WorldModel.from_pretrained(path), expected)
    return _contract(load_contract(path), expected)


def _is_model(path: Path) -> bool:
    return (path / "config.json").is_file()


def _model(model: WorldModel, expected: Contract | None) -> RenderableType:
    calibration, architecture = model.calibration, model.architecture
    rows = table("model", model.name)
    rows.add_row("parameters", f"{sum(parameter.numel() for parameter in model.parameters()):,}")
    rows.add_row("latent", f"{architecture.tokens} × {architecture.latent_size}")
    rows.add_row("distance scale, tolerance", f"{calibration.distance_scale:.4g}, {calibration.tolerance:.4g}")
    return Group(rows, _contract(model.contract, expected))


def _contract(contract: Contract, expected: Contract | None) -> RenderableType:
    rows = table("contract", contract.name)
    rows.add_row("robot", f"{contract.robot_type}, {contract.fps} ticks per second")
    for key, entry in (*contract.observations.items(), *contract.actions.items()):
        what = f"{entry.size[0]}×{entry.size[1]} image" if entry.size else ", ".join(entry.select)
        rows.add_row(key, f"{entry.channel.topic} ({entry.channel.type}): {what}")
    rows.add_row("command", contract.command.kind)
    for name, low, high, rate in zip(contract.action_names, *_limit_rows(contract)):
        rows.add_row(f"limit of {name}", f"{low:g} … {high:g}, {rate:g} per second")
    return Group(rows, *([_verdict(contract, expected)] if expected else []))


def _limit_rows(contract: Contract) -> tuple[list[float], list[float], list[float]]:
    limits = contract.limits
    return limits.low.tolist(), limits.high.tolist(), limits.rate.tolist()


def _verdict(contract: Contract, expected: Contract) -> Text:
    difference = contract.difference(expected)
    if difference is None:
        return Text(f"fits {expected.name}", style="green")
    return Text(f"does not fit {expected.name}: {difference}", style="red")
