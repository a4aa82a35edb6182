"""Follow joint trajectories the way ros2_control's joint_trajectory_controller does on its topic.

The behaviour is that of the controller's defaults: goals name all joints (in any order), every point has
positions, the last velocity is zero, a trajectory with zero stamp starts now, one with a future stamp
leaves the running trajectory in force until then, of one in the past only the points still ahead count.
Between points the motion is linear (positions), cubic (and velocities) or quintic (and accelerations);
after the last it holds. A new trajectory goes on from the desired state of the running one.

Source: https://control.ros.org, joint_trajectory_controller, its trajectory representation and replacement.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

from jepa_ros.simulation.body import CommandError

VELOCITY_AT_REST = 1.2e-7  # rad/s; the controller compares the last velocity with float32's epsilon


class TrajectoryError(CommandError):
    """A trajectory that the controller would refuse; the message says why."""


class Waypoint(NamedTuple):
    """One point in the controller's joint order; what was not given is None."""

    time: float
    positions: tuple[float, ...]
    velocities: tuple[float, ...] | None
    accelerations: tuple[float, ...] | None


class Segment(NamedTuple):
    """One polynomial of the time since `origin` per joint, in force from `origin` until `end`."""

    origin: float
    end: float
    coefficients: tuple[tuple[float, float, float, float, float, float], ...]

    def sample(self, time: float) -> tuple[list[float], list[float]]:
        """Positions and velocities at `time`."""
        t = time - self.origin
        positions, velocities = [], []
        for c0, c1, c2, c3, c4, c5 in self.coefficients:
            positions.append(c0 + t * (c1 + t * (c2 + t * (c3 + t * (c4 + t * c5)))))
            velocities.append(c1 + t * (2 * c2 + t * (3 * c3 + t * (4 * c4 + t * 5 * c5))))
        return positions, velocities

    def waypoint(self, time: float) -> Waypoint:
        """The full state at `time`, from which another segment can go on smoothly."""
        t = time - self.origin
        positions, velocities = self.sample(time)
        curvatures = (joint[2:] for joint in self.coefficients)
        accelerations = (2 * c2 + t * (6 * c3 + t * (12 * c4 + t * 20 * c5)) for c2, c3, c4, c5 in curvatures)
        return Waypoint(time, tuple(positions), tuple(velocities), tuple(accelerations))


class TrajectoryFollower:
    """The controller's state: the motion in force and the position to hold after it.

    All times are seconds of one clock of any origin.
    """

    def __init__(self, joints: Sequence[str], positions: Sequence[float]) -> None:
        self.joints = tuple(joints)
        self._hold = [float(position) for position in positions]
        self._segments: deque[Segment] = deque()

    def accept(self, trajectory: Any, delay: float, time: float) -> None:
        """Take a new trajectory_msgs/JointTrajectory (anything with its attributes) at `time`.

        `delay` is header.stamp minus the present of the stamp's clock, 0 for the stamp that means "now".
        Raises TrajectoryError and changes nothing where the controller would refuse.
        """
        start = time + delay
        points = read_trajectory(trajectory, self.joints)
        waypoints = [point._replace(time=start + point.time) for point in points]
        if delay < 0:
            if waypoints[-1].time < time:
                raise TrajectoryError(f"the trajectory ends {time - waypoints[-1].time:.3f} s in the past")
            waypoints = [point for point in waypoints if point.time >= time]
        begin = max(start, time)
        previous = self._state(begin)
        kept = (segment for segment in self._segments if segment.origin < begin)
        self._segments = deque(segment._replace(end=min(segment.end, begin)) for segment in kept)
        for point in waypoints:
            self._segments.append(_segment(previous, point))
            previous = point

    def sample(self, time: float) -> tuple[list[float], list[float]]:
        """Desired positions and velocities; `time` must not run backwards between calls."""
        segments = self._segments
        while segments and time >= segments[0].end:
            self._hold = segments[0].sample(segments[0].end)[0]
            segments.popleft()
        if not segments or time < segments[0].origin:
            return self._hold, [0.0] * len(self._hold)
        return segments[0].sample(time)

    def _state(self, time: float) -> Waypoint:
        """The state planned for a present or future time."""
        positions = self._hold
        for segment in self._segments:
            if time < segment.origin:
                break
            if time < segment.end:
                return segment.waypoint(time)
            positions = segment.sample(segment.end)[0]
        rest = (0.0,) * len(positions)
        return Waypoint(time, tuple(positions), rest, rest)


def read_trajectory(trajectory: Any, joints: Sequence[str]) -> list[Waypoint]:
    """Check a JointTrajectory and bring its points into the order of `joints`, times in s from its start.

    Raises TrajectoryError where the controller would refuse it.
    """
    names = list(trajectory.joint_names)
    if sorted(names) != sorted(joints):
        raise TrajectoryError(f"joint names are {names}; wanted, in any order: {list(joints)}")
    if len(trajectory.points) == 0:
        raise TrajectoryError("the trajectory has no points")
    order = [names.index(joint) for joint in joints]
    waypoints = [_read_point(index, point, order) for index, point in enumerate(trajectory.points)]
    for index in range(1, len(waypoints)):
        if waypoints[index].time <= waypoints[index - 1].time:
            raise TrajectoryError(
                f"times must increase: point {index - 1} is at {waypoints[index - 1].time} s, "
                f"point {index} at {waypoints[index].time} s"
            )
    for joint, velocity in zip(joints, waypoints[-1].velocities or ()):
        if abs(velocity) > VELOCITY_AT_REST:
            raise TrajectoryError(f"the last velocity of joint {joint} is {velocity}, not zero")
    return waypoints


def _read_point(index: int, point: Any, order: list[int]) -> Waypoint:
    def field(name: str) -> tuple[float, ...] | None:
        values = getattr(point, name)
        if len(values) == 0 and name != "positions":
            return None
        if len(values) != len(order):
            raise TrajectoryError(f"point {index} has {len(values)} {name} for {len(order)} joints")
        ordered = tuple(float(values[place]) for place in order)
        if not all(map(math.isfinite, ordered)):
            raise TrajectoryError(f"point {index} has {name} that are not finite: {list(ordered)}")
        return ordered

    if len(point.effort) > 0:
        raise TrajectoryError(f"point {index} has effort; the joints take positions only")
    time = point.time_from_start.sec + point.time_from_start.nanosec * 1e-9
    if time < 0:
        raise TrajectoryError(f"point {index} is at {time} s, before the trajectory's start")
    return Waypoint(time, field("positions"), field("velocities"), field("accelerations"))


def _segment(start: Waypoint, end: Waypoint) -> Segment:
    """The polynomials of lowest degree that meet what both ends prescribe."""
    duration = end.time - start.time
    if duration <= 0:
        return Segment(start.time, end.time, tuple((p, 0.0, 0.0, 0.0, 0.0, 0.0) for p in end.positions))
    if start.velocities is None or end.velocities is None:
        slopes = ((q - p) / duration for p, q in zip(start.positions, end.positions))
        lines = tuple((p, slope, 0.0, 0.0, 0.0, 0.0) for p, slope in zip(start.positions, slopes))
        return Segment(start.time, end.time, lines)
    if start.accelerations is None or end.accelerations is None:
        ends = zip(start.positions, start.velocities, end.positions, end.velocities)
        return Segment(start.time, end.time, tuple(_cubic(duration, *joint) for joint in ends))
    ends = zip(*start[1:], *end[1:])
    return Segment(start.time, end.time, tuple(_quintic(duration, *joint) for joint in ends))


def _cubic(t: float, p: float, v: float, q: float, w: float) -> tuple[float, ...]:
    """Hermite cubic over duration t from (p, v) to (q, w)."""
    mean = (q - p) / t
    return p, v, (3 * mean - 2 * v - w) / t, (v + w - 2 * mean) / t**2, 0.0, 0.0


def _quintic(t: float, p: float, v: float, a: float, q: float, w: float, b: float) -> tuple[float, ...]:
    """Hermite quintic over duration t from (p, v, a) to (q, w, b)."""
    # What the start alone would leave missing at the end, in units of position
    miss = q - p - v * t - a * t**2 / 2
    slip = (w - v - a * t) * t
    jolt = (b - a) * t**2
    c3 = 10 * miss - 4 * slip + jolt / 2
    c4 = -15 * miss + 7 * slip - jolt
    c5 = 6 * miss - 3 * slip + jolt / 2
    return p, v, a / 2, c3 / t**3, c4 / t**4, c5 / t**5
