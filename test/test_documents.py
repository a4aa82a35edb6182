"""README and parameter files say what the nodes declare."""

import re
from pathlib import Path

import pytest
import yaml

from benchmark.registry import BY_HAND, FAMILIES
from benchmark.results import read
from jepa_ros.commands.run import NODES
from jepa_ros.ros.nodes import planner_node, simulator_node, world_model_node
from jepa_ros_interfaces.action import Explore, MoveToGoal, PlanToGoal

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
TABLES = {
    "world_model": world_model_node.PARAMETERS,
    "planner": planner_node.PARAMETERS,
    "simulator": simulator_node.PARAMETERS,
}


def rows_below(heading: str) -> list[list[str]]:
    """The cells of the table below a heading of the README, without its head."""
    text = README.split(heading, 1)[1]
    lines = [line for line in text.split("\n#")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize("node", TABLES)
def test_the_readme_lists_every_parameter_as_it_is_declared(node):
    listed = {row[0].strip("`"): row[1:] for row in rows_below(f"#### `{node}`\n")}
    assert list(listed) == [parameter.name for parameter in TABLES[node]]
    for parameter in TABLES[node]:
        default, unit, span, text = listed[parameter.name]
        shown = str(parameter.default).lower() if isinstance(parameter.default, bool) else str(parameter.default)
        assert default.strip("`") in (shown, '""' if shown == "" else shown)
        assert unit == parameter.unit
        assert span == ("" if parameter.low is None else f"{parameter.low:g} … {parameter.high:.15g}")
        assert text == parameter.description + (" (read-only)" if parameter.read_only else "")


@pytest.mark.parametrize("node", TABLES)
def test_the_shipped_parameter_file_holds_the_declared_defaults(node):
    content = yaml.safe_load((ROOT / f"config/params/{node}.yaml").read_text())
    declared = {parameter.name: parameter.default for parameter in TABLES[node]}
    found = content["/**"]["ros__parameters"]
    assert found == declared
    assert {name: type(value) for name, value in found.items()} == {n: type(v) for n, v in declared.items()}


def test_the_figures_that_the_readme_quotes_are_those_that_were_measured():
    measured = read()
    for name, value, interval, count, _ in rows_below("## Figures"):
        figure = measured[name.strip("`")]
        assert value == f"{figure.value:.4g} {figure.unit}".strip()
        assert interval == ("" if figure.low is None else f"{figure.low:.4g} … {figure.high:.4g}")
        assert count == str(figure.n)


def test_every_figure_that_there_is_has_been_measured_and_none_is_left_of_what_is_gone():
    there_are = {name for family in FAMILIES for name in family.names} | set(BY_HAND)
    measured = set(read())
    missing, left = sorted(there_are - measured), sorted(measured - there_are)
    assert not missing, f"not in benchmark/results.json: {', '.join(missing)}; measure them (make bench ONLY=…)"
    assert not left, f"in benchmark/results.json, but no longer in the registry: {', '.join(left)}"


def test_the_readme_lists_every_error_code():
    listed = {int(row[0]): row[1] for row in rows_below("### Actions and services") if row[0].isdigit()}
    for action in (Explore, MoveToGoal, PlanToGoal):
        constants = {name: getattr(action.Result, name) for name in dir(action.Result) if name.isupper()}
        declared = {number: name for name, number in constants.items() if isinstance(number, int)}
        assert listed == declared


def test_the_readme_names_every_node_and_command():
    for name in (*NODES, "demo", "record", "train", "remember", "explore", "evaluate", "inspect", "run"):
        assert f"`{name}`" in README


def test_every_local_link_leads_somewhere():
    for document in (*ROOT.glob("*.md"), *ROOT.glob("doc/*.md")):
        for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
            if not target.startswith("http"):
                assert (document.parent / target).exists(), f"{document.name}: {target}"
