"""What the command line shows: progress, tables, and what a file or folder holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from jepa_ros.contract import Contract, load_contract
from jepa_ros.data.audit import BagAudit, ValueAudit, audit_bag
from jepa_ros.data.bag import BagError, find_bags, read_bag
from jepa_ros.evaluation.figures import Row
from jepa_ros.training import Progress as TrainingProgress
from jepa_ros.world_model import WorldModel


@contextmanager
def progress_bar(console: Console, what: str) -> Iterator[Callable[[float, float], None]]:
    """A bar that moves when the function it gives is called with (done, total)."""
    columns = (TextColumn(what), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def training_bar(console: Console) -> Iterator[Callable[[TrainingProgress], None]]:
    """A bar with the prediction loss beside it, moved by calling the function it gives."""
    columns = (
        TextColumn("training"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=None)

        def show(now: TrainingProgress) -> None:
            loss = f"prediction loss {now.terms['prediction']:.4f}" if "prediction" in now.terms else ""
            progress.update(task, completed=now.step, total=now.steps, description=loss)

        yield show


def inspection(path: Path, contract: Path | None) -> RenderableType:
    """What stands at a path, and whether it fits a contract. Raises the error of whatever is wrong with it."""
    expected = load_contract(contract) if contract else None
    if (path / "config.json").is_file():
        return _model(WorldModel.from_pretrained(path), expected)
    if path.is_dir() or path.suffix in (".mcap", ".db3"):
        return Group(*(_bag(bag, expected) for bag in find_bags([path])))
    return _contract(load_contract(path), expected)


def audit_table(audit: BagAudit) -> RenderableType:
    """An audit as tables: topics, then values, then what else there is to say."""
    topics = _table("topic", "type", "messages", "Hz", "longest gap (s)", "")
    for stream in audit.streams:
        verdict = "[green]ok" if stream.fast_enough else "[red]too slow"
        topics.add_row(
            stream.topic, stream.kind, str(stream.count), f"{stream.rate:.1f}", f"{stream.longest_gap:.2f}", verdict
        )
    values = _table("value", "seen", "allowed", "coverage")
    for value in (*audit.states, *audit.actions):
        values.add_row(*_value_row(value))
    notes = [f"{audit.seconds / 60:.1f} minutes"]
    if audit.pair_coverage is not None:
        notes.append(f"{audit.pair_coverage:.0%} of the joint ranges covered, pair by pair")
    notes += [f"{count} messages refused on {topic}" for topic, count in audit.refused.items()]
    notes += [*audit.damage, *([f"contract: {audit.contract_note}"] if audit.contract_note else [])]
    return Group(Text(str(audit.path), style="bold"), topics, values, *map(Text, notes))


def figures_table(rows: Sequence[Row], names: Sequence[str]) -> RenderableType:
    """Key figures of models side by side, the best of each in green."""
    table = _table("", *names)
    for row in rows:
        cells = [Text(text, "green" if index == row.best else "") for index, text in enumerate(row.texts)]
        table.add_row(Text(row.name, "dim"), *cells)
    return table


def _value_row(value: ValueAudit) -> tuple[str, str, str, str]:
    share = "" if value.coverage != value.coverage else f"{value.coverage:.0%}"
    seen, allowed = f"{value.low:.3g} … {value.high:.3g}", f"{value.allowed_low:.3g} … {value.allowed_high:.3g}"
    return value.name, seen, allowed, share


def _bag(path: Path, expected: Contract | None) -> RenderableType:
    with read_bag(path) as bag:
        text = bag.contract_text
    if expected is None and text is None:
        raise BagError(f"{path} holds no contract; name the robot's with --contract")
    return audit_table(audit_bag(path, expected or Contract.parse(text, name=f"{path}: its contract")))


def _model(model: WorldModel, expected: Contract | None) -> RenderableType:
    calibration, architecture = model.calibration, model.architecture
    table = _table("model", model.name)
    table.add_row("parameters", f"{sum(parameter.numel() for parameter in model.parameters()):,}")
    table.add_row("latent", f"{architecture.tokens} × {architecture.latent_size}")
    table.add_row("distance scale, tolerance", f"{calibration.distance_scale:.4g}, {calibration.tolerance:.4g}")
    return Group(table, _contract(model.contract, expected))


def _contract(contract: Contract, expected: Contract | None) -> RenderableType:
    table = _table("contract", contract.name)
    table.add_row("robot", f"{contract.robot_type}, {contract.fps} ticks per second")
    for key, entry in (*contract.observations.items(), *contract.actions.items()):
        what = f"{entry.size[0]}×{entry.size[1]} image" if entry.size else ", ".join(entry.select)
        table.add_row(key, f"{entry.channel.topic} ({entry.channel.type}): {what}")
    table.add_row("command", contract.command.kind)
    for name, low, high, rate in zip(contract.action_names, *_limit_rows(contract)):
        table.add_row(f"limit of {name}", f"{low:g} … {high:g}, {rate:g} per second")
    return Group(table, *([_verdict(contract, expected)] if expected else []))


def _limit_rows(contract: Contract) -> tuple[list[float], list[float], list[float]]:
    limits = contract.limits
    return limits.low.tolist(), limits.high.tolist(), limits.rate.tolist()


def _verdict(contract: Contract, expected: Contract) -> Text:
    difference = contract.difference(expected)
    if difference is None:
        return Text(f"fits {expected.name}", style="green")
    return Text(f"does not fit {expected.name}: {difference}", style="red")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column)
    return table
