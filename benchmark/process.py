"""How much earlier the world model of the process warns of a developing fault than control charts do."""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmark.figures import Figure, conditions
from jepa_ros.evaluation.operation import DEVELOPMENT, exploring, steady
from jepa_ros.evaluation.warning import ALARMED, Gain, Warnings, simulate_runs, warnings
from jepa_ros.paths import shipped
from jepa_ros.simulation.process import FAULTS
from jepa_ros.simulation.wearing import WearingProcesses
from jepa_ros.world_model import WorldModel

SEED = 20_261_200  # of all runs; training draws its own from other seeds
NORMAL, FAILING = 50, 40  # normal runs to set thresholds on, as many to check them; failing runs of each fault
DRIVES = {"": exploring, ".steady": steady}
NAME = "process.warning_gain_s"
NAMES = tuple(f"{NAME}{drive}{fault}" for drive in DRIVES for fault in ("", *(f".{fault}" for fault in FAULTS)))


def measure(tell: Callable[[float, float], None], normal: int = NORMAL, failing: int = FAILING) -> dict[str, Figure]:
    """Let faults develop while inputs explore, and while they stay, and compare warning times."""
    torch.set_num_threads(1)
    model = WorldModel.from_pretrained(shipped("models/process"))
    machines = WearingProcesses(model.contract)
    total = len(DRIVES) * (2 * normal + failing * len(FAULTS))
    done = 0

    def one_more() -> None:
        nonlocal done
        done += 1
        tell(done, total)

    figures: dict[str, Figure] = {}
    for suffix, drive in DRIVES.items():
        found = warnings(model, simulate_runs(machines, normal, failing, SEED, drive, one_more))
        figures |= _figures(NAME + suffix, drive.__name__, found)
    return figures


def _figures(name: str, drive: str, found: Warnings) -> dict[str, Figure]:
    def figure(gain: Gain, what: str) -> Figure:
        how = conditions(f"{what}; {_conditions(drive, found)}; chart: {gain.chart}")
        return Figure(gain.seconds, "s", gain.low, gain.high, gain.runs, how)

    faults = {f"{name}.{fault}": figure(found.gain(fault), _means(found, fault)) for fault in found.faults}
    return {name: figure(found.overall(), "mean over all faults"), **faults}


def _means(found: Warnings, fault: str) -> str:
    model, chart = found.model, found.best_chart(fault)
    return f"mean warning time before failure {model.mean(fault):.0f} s, of the chart {chart.mean(fault):.0f} s"


def _conditions(drive: str, found: Warnings) -> str:
    model = found.model
    shortest, longest = DEVELOPMENT
    charts = sum(chart.false_alarms for chart in found.charts)
    return (
        f"{drive} inputs; faults from sound to failed within {shortest:.0f} … {longest:.0f} s; thresholds of all "
        f"statistics set to alarms in {ALARMED:.0%} of normal hours; of {model.normal_runs} fresh ones the model "
        f"raised {model.false_alarms}, the charts {charts / len(found.charts):.1f} on average"
    )
