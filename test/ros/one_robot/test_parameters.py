from __future__ import annotations

import pytest
from harness.stack import Stack
from rcl_interfaces.srv import DescribeParameters

from jepa_ros.ros.base.parameters import Parameter
from jepa_ros.ros.nodes import planner_node, simulator_node, world_model_node

TABLES = {
    "world_model": world_model_node.PARAMETERS,
    "planner": planner_node.PARAMETERS,
    "simulator": simulator_node.PARAMETERS,
}
RUNNING = [(node, parameter) for node in ("world_model", "planner") for parameter in TABLES[node]]
EVERY = pytest.mark.parametrize(
    ("node", "parameter"), RUNNING, ids=[f"{node}:{parameter.name}" for node, parameter in RUNNING]
)


def other_value(parameter: Parameter):
    """An allowed value that is not the default."""
    if isinstance(parameter.default, bool):
        return not parameter.default
    if isinstance(parameter.default, (int, float)):
        return parameter.high
    return f"{parameter.default}x"


@pytest.mark.parametrize("node", ["world_model", "planner"])
def test_what_is_declared_is_what_the_table_says(stack: Stack, node):
    table = TABLES[node]
    answer = stack.operator.call(DescribeParameters, f"{node}/describe_parameters", names=[p.name for p in table])
    for parameter, found in zip(table, answer.descriptors, strict=True):
        assert found.name == parameter.name
        assert parameter.description in found.description
        assert parameter.unit in found.description
        assert found.read_only == parameter.read_only
        ranges = [*found.floating_point_range, *found.integer_range]
        assert [(r.from_value, r.to_value) for r in ranges] == (
            [] if parameter.low is None else [(parameter.low, parameter.high)]
        )


@EVERY
def test_a_value_out_of_range_or_read_only_is_refused_and_others_are_taken(stack: Stack, node, parameter):
    before = stack.get(node, parameter.name)
    if parameter.read_only:
        assert "read-only" in stack.set(node, parameter.name, other_value(parameter))
        assert stack.get(node, parameter.name) == before
        return
    if parameter.low is not None:
        kind = type(parameter.default)
        for bad in (kind(parameter.low - 1), kind(1.1 * parameter.high + 1)):
            assert stack.set(node, parameter.name, bad) != ""
            assert stack.get(node, parameter.name) == before
        assert stack.set(node, parameter.name, other_value(parameter)) == ""
        assert stack.get(node, parameter.name) == other_value(parameter)
    assert stack.set(node, parameter.name, before) == ""


@EVERY
def test_a_value_of_another_type_is_refused(stack: Stack, node, parameter):
    wrong = 1 if isinstance(parameter.default, str) else "many"
    assert stack.set(node, parameter.name, wrong) != ""


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_parameter_is_explained_and_its_default_is_allowed(table):
    assert len({parameter.name for parameter in table}) == len(table)
    for parameter in table:
        assert len(parameter.description) > 10
        assert (parameter.low is None) == (parameter.high is None)
        if parameter.low is not None:
            assert parameter.low <= parameter.default <= parameter.high
