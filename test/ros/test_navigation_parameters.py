"""What the launch file beside Nav2 makes of Nav2's parameters, and that the shipped ones fit together."""

from __future__ import annotations

import pytest
import yaml
from harness.room import CONTRACT

from jepa_ros.contract import Contract, load_contract
from jepa_ros.paths import shipped
from jepa_ros.ros.navigation.parameters import BLOCKED, HEAD, STAMPED, for_robot, overlaid, velocity_topics
from jepa_ros.ros.navigation.stack import PARAMETERS

RADIUS = next(parameter.default for parameter in PARAMETERS if parameter.name == "hand_over.radius")


@pytest.fixture
def contract() -> Contract:
    return load_contract(CONTRACT)


@pytest.fixture
def stamped(contract) -> Contract:
    """The same base with TwistStamped commands at the head of the chain."""
    text = contract.text.replace("geometry_msgs/msg/Twist", "geometry_msgs/msg/TwistStamped")
    text = text.replace("topic: cmd_vel\n", f"topic: {HEAD}\n").replace(
        "[linear.x, linear.y]", "[twist.linear.x, twist.linear.y]"
    )
    return Contract.parse(text.replace("action.linear", "action.twist.linear"))


@pytest.fixture
def nav2() -> dict:
    return yaml.safe_load(shipped("config/params/nav2.yaml").read_text())


def parameters(nav2: dict, *names: str) -> dict:
    for name in names:
        nav2 = nav2[name]
    return nav2["ros__parameters"]


def test_what_is_laid_over_replaces_what_has_its_name_and_nothing_else():
    under = {"a": {"b": 1, "c": {"d": 2}}, "e": [1, 2]}
    assert overlaid(under, {"a": {"c": {"d": 3}, "f": 4}, "e": [5]}) == {"a": {"b": 1, "c": {"d": 3}, "f": 4}, "e": [5]}
    assert under == {"a": {"b": 1, "c": {"d": 2}}, "e": [1, 2]}


def test_velocities_have_the_type_that_the_contract_commands(nav2, contract, stamped):
    for robot, expected in ((contract, False), (stamped, True)):
        made = for_robot(nav2, robot)
        for node in ("controller_server", "behavior_server", "velocity_smoother", "collision_monitor"):
            assert parameters(made, node)[STAMPED] is expected


@pytest.mark.parametrize(
    ("namespace", "topic"), [("", BLOCKED), ("bot", f"/bot{BLOCKED}"), ("/a/b/", f"/a/b{BLOCKED}")]
)
def test_static_layers_read_the_map_of_the_planner_in_its_namespace(nav2, contract, namespace, topic):
    made = for_robot(nav2, contract, namespace)
    for costmap in ("local_costmap", "global_costmap"):
        assert parameters(made, costmap, costmap)["blocked_layer"]["map_topic"] == topic


def test_other_static_layers_keep_their_maps(contract):
    assert for_robot({"static_layer": {"map_topic": "map"}}, contract)["static_layer"]["map_topic"] == "map"


def test_commands_are_led_to_the_head_of_the_velocity_chain(contract, stamped):
    assert velocity_topics(contract) == ["cmd_vel"]
    assert velocity_topics(stamped) == []


def test_the_shipped_parameters_fit_the_furnished_room_s_base(nav2, contract):
    smoother, limits = parameters(nav2, "velocity_smoother"), contract.limits
    assert smoother["max_velocity"][:2] == limits.high.tolist()
    assert smoother["min_velocity"][:2] == limits.low.tolist()
    assert smoother["max_accel"][:2] == limits.rate.tolist()
    assert contract.period < smoother["velocity_timeout"] < 2 * contract.period


def test_the_shipped_parameters_bring_the_robot_near_enough_to_be_taken_over(nav2):
    assert parameters(nav2, "controller_server")["general_goal_checker"]["xy_goal_tolerance"] < RADIUS


def test_the_shipped_costmaps_roll_and_only_add_what_is_blocked(nav2):
    for costmap in ("local_costmap", "global_costmap"):
        found = parameters(nav2, costmap, costmap)
        assert found["rolling_window"]
        assert found["use_maximum"]
        assert not found["trinary_costmap"]
        assert found["plugins"].index("blocked_layer") < found["plugins"].index("inflation_layer")
        assert found["blocked_layer"]["map_subscribe_transient_local"]


def test_the_collision_monitor_is_the_last_of_the_shipped_chain(nav2):
    monitor = parameters(nav2, "collision_monitor")
    assert (monitor["cmd_vel_in_topic"], monitor["cmd_vel_out_topic"]) == ("cmd_vel_smoothed", "cmd_vel")
    assert HEAD not in monitor.values()
