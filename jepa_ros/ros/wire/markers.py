"""The plan as markers for RViz or Foxglove: how far the goal is now, and how far along the predicted path."""

from __future__ import annotations

from geometry_msgs.msg import Point, Pose, Vector3
from rclpy.qos import QoSProfile
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from jepa_ros.planning import Step
from jepa_ros.ros.base.lifecycle import LifecycleNode

WIDTH, HEIGHT = 0.5, 0.25  # m, of the curve: the horizon across, a distance of 1.0 upwards
TEXT = ColorRGBA(r=0.1, g=0.1, b=0.1, a=1.0)
FAR, NEAR = ColorRGBA(r=0.84, g=0.27, b=0.25, a=1.0), ColorRGBA(r=0.27, g=0.63, b=0.35, a=1.0)


class Markers:
    """Publishes on ~/markers, in the image's frame, while somebody looks."""

    def __init__(self, node: LifecycleNode):
        self._publisher = node.announce(MarkerArray, "~/markers", QoSProfile(depth=1))

    def show(self, step: Step, header: Header, tolerance: float) -> None:
        """A line of text, the predicted distances as a curve, and the tolerance as a line below it."""
        if not self._publisher.get_subscription_count():
            return
        distances = [step.distance, *(step.plan.distances.tolist() if step.plan else ())]
        width = WIDTH / max(len(distances) - 1, 1)
        curve = [Point(x=width * k, y=HEIGHT * distance) for k, distance in enumerate(distances)]
        arrived = [Point(x=0.0, y=HEIGHT * tolerance), Point(x=WIDTH, y=HEIGHT * tolerance)]
        text = Marker(
            header=header, ns="goal", id=0, type=Marker.TEXT_VIEW_FACING, scale=Vector3(z=0.05), color=TEXT,
            text=f"{step.phase}  distance {step.distance:.3f}  {step.progress:.0%}", pose=_at(y=HEIGHT * 1.3),
        )  # fmt: skip
        near = step.distance <= tolerance
        lines = [_line(header, 1, curve, NEAR if near else FAR, 0.01), _line(header, 2, arrived, NEAR, 0.004)]
        self._publisher.publish(MarkerArray(markers=[text, *lines]))


def _line(header: Header, number: int, points: list[Point], color: ColorRGBA, width: float) -> Marker:
    scale = Vector3(x=width)
    return Marker(
        header=header, ns="goal", id=number, type=Marker.LINE_STRIP, scale=scale, color=color, points=points, pose=_at()
    )


def _at(y: float = 0.0) -> Pose:
    pose = Pose()
    pose.position.y = y
    pose.orientation.w = 1.0
    return pose
