"""What stands at a path, as tables."""

from __future__ import annotations

from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from jepa_ros.commands.show.audit import audit_table
from jepa_ros.commands.show.terminal import table
from jepa_ros.contract import Contract, load_contract
from jepa_ros.data.audit import audit_bag
from jepa_ros.data.bag import BagError, find_bags, read_bag
from jepa_ros.world_model import WorldModel


def inspection(path: Path, contract: Path | None) -> RenderableType:
    """What stands at a path, and whether it fits a contract. Raises the error of whatever is wrong with it."""
    expected = load_contract(contract) if contract else None
    if (path / "config.json").is_file():
        return _model(WorldModel.from_pretrained(path), expected)
    if path.is_dir() or path.suffix in (".mcap", ".db3"):
        return Group(*(_bag(bag, expected) for bag in find_bags([path])))
    return _contract(load_contract(path), expected)


def _bag(path: Path, expected: Contract | None) -> RenderableType:
    with read_bag(path) as bag:
        text = bag.contract_text
    if expected is None and text is None:
        raise BagError(f"{path} holds no contract; name the robot's with --contract")
    return audit_table(audit_bag(path, expected or Contract.parse(text, name=f"{path}: its contract")))


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
