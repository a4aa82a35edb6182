"""How sizes and rhythms become figures."""

import pytest
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from benchmark.lifecycle import Size, figure
from benchmark.rhythm import deviations
from benchmark.rhythm import figure as rhythm_figure
from jepa_ros.evaluation.legality import Command
from jepa_ros.ros.wire.messages import duration


def command(milliseconds, velocity):
    point = JointTrajectoryPoint(positions=[0.0], velocities=[velocity], time_from_start=duration(0.1))
    return Command(round(milliseconds * 1e6), JointTrajectory(points=[point]))


def test_growth_is_from_the_first_sizes_to_the_last_whatever_is_between():
    sizes = [Size(memory, 25, 30) for memory in [300.0] * 5 + [900.0] * 20 + [303.0] * 5]
    found = figure(sizes, span=5, cycles=40)
    assert (found.value, found.low, found.high, found.n) == (3.0, 3.0, 3.0, 40)
    assert "threads 25 → 25, entities on the graph 30 → 30" in found.conditions
    assert "the first 10" in found.conditions


def test_a_rhythm_is_that_of_a_motion_not_of_its_end_nor_of_the_pause_after_it():
    commands = [command(*sent) for sent in [(0, 0.5), (100, 0.5), (207, 0.5), (220, 0.0), (900, 0.5), (996, 0.5)]]
    assert deviations(commands, 0.1) == pytest.approx([0.0, 7.0, 4.0])


def test_the_largest_percent_of_deviations_counts():
    found = rhythm_figure([1.0] * 99 + [50.0] * 2, rate=10)
    assert found.value == 50.0
    assert "median 1.00 ms" in found.conditions
