"""A hundred thousand messages, requests and goals that make no sense: what breaks, and what moves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image, JointState
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

from benchmark.figures import Figure, conditions
from benchmark.nodes import ALL, MODEL, SEED, planar_arm_contract, running, start
from benchmark.nonsense import Nonsense
from benchmark.unrest import TOPIC
from jepa_ros.evaluation.statistics import wilson
from jepa_ros.ros.client.client import Client, ClientError, on_executor, state_goal, wait_for
from jepa_ros.ros.client.processes import Processes
from jepa_ros.world_model import WorldModel
from jepa_ros_interfaces.action import MoveToGoal
from jepa_ros_interfaces.msg import LatentState, Surprise
from jepa_ros_interfaces.srv import EncodeImage, Rollout, SaveGoal

MESSAGES = 70_000  # on topics
REQUESTS = 30_000  # to services and actions
PACE = 0.002  # s between two messages
CROWD = 20  # requests at once
GOAL_EVERY = 50  # messages after which somebody asks for a motion that only good input could allow
THERE = (0.5, 0.5)  # rad, where a good goal is
PATIENCE = 30.0  # s that an answer may take
OVERHEARD = "planner_commands"  # where the planner's commands go while the robot's topic carries nonsense
NAMES = ("malformed.crashes", "malformed.motions")


def measure(
    tell: Callable[[float, float], None], messages: int = MESSAGES, requests: int = REQUESTS
) -> dict[str, Figure]:
    """Nonsense on every topic, then nonsense to every service and action of a robot that is well; some ten minutes."""
    total = messages + requests
    aside = ("-r", f"{TOPIC}:={OVERHEARD}")
    with _adversary(("world_model", "planner"), OVERHEARD, {"planner": aside}) as first:
        first.babble(messages, lambda done: tell(done, total))
    with _adversary(ALL, TOPIC, {}) as second:
        second.ask(requests, lambda done: tell(messages + done, total))
        second.reach_something()
    return figures(first.crashes + second.crashes, first.motions + second.motions, messages, requests)


@contextmanager
def _adversary(names: Sequence[str], commands: str, more: Mapping[str, Sequence[str]]) -> Iterator[Adversary]:
    """In a domain with these nodes; ``commands`` is the topic on which the planner's arrive."""
    with running(names, more) as processes, Adversary(processes, commands, more) as adversary:
        wait_for(adversary.move.server_is_ready, PATIENCE, "the planner's actions")
        yield adversary


class Adversary(Client):
    """A client that talks nonsense, and counts what comes of it."""

    def __init__(self, processes: Processes, commands: str, more: Mapping[str, Sequence[str]], seed: int = SEED):
        self.crashes = 0
        self._moved: list[JointTrajectory] = []
        self._processes, self._more = processes, more
        super().__init__(planar_arm_contract(), name="adversary")
        self.nonsense = Nonsense(self.contract, WorldModel.from_pretrained(MODEL), seed)
        self.node.create_subscription(JointTrajectory, commands, self._moved.append, QoSProfile(depth=1000))

    @property
    def motions(self) -> int:
        """Commands that have left the planner."""
        return len(self._moved)

    def babble(self, count: int, tell: Callable[[int], None]) -> None:
        """So many messages, on all topics in turn, and now and then a good goal that they must not further."""
        draws = {
            self.node.create_publisher(kind, topic, QoSProfile(depth=100)): draw
            for topic, kind, draw in (
                ("camera/image_raw", Image, self.nonsense.image),
                ("joint_states", JointState, self.nonsense.state),
                ("world_model/latent", LatentState, self.nonsense.latent),
                ("world_model/surprise", Surprise, self.nonsense.surprise),
                (TOPIC, JointTrajectory, self.nonsense.trajectory),
            )
        }
        wait_for(lambda: all(each.get_subscription_count() for each in draws), PATIENCE, "the nodes' subscriptions")
        wish = MoveToGoal.Goal(goal=state_goal(self.contract.state_names, THERE))
        turns = list(draws.items())
        for number in range(count):
            publisher, draw = turns[number % len(turns)]
            publisher.publish(draw())
            time.sleep(PACE)
            if number % GOAL_EVERY == 0:
                self._revive()
                on_executor(self._executor, lambda: self.move.send_goal_async(wish))
                tell(number)

    def ask(self, count: int, tell: Callable[[int], None]) -> None:
        """So many requests to services and goals of actions, a crowd at a time."""
        services = [
            (self.node.create_client(kind, name), draw)
            for kind, name, draw in (
                (EncodeImage, "world_model/encode_image", self.nonsense.picture_request),
                (Rollout, "world_model/rollout", self.nonsense.actions_request),
                (SaveGoal, "planner/save_goal", self.nonsense.name_request),
                (Trigger, "planner/stop", Trigger.Request),
            )
        ]
        senders = [
            lambda: self.move.send_goal_async(self.nonsense.motion()),
            lambda: self.plan.send_goal_async(self.nonsense.question()),
            *[lambda service=service, draw=draw: service.call_async(draw()) for service, draw in services],
        ]
        for service, _ in services:
            wait_for(service.service_is_ready, PATIENCE, f"the service {service.srv_name}")
        for begin in range(0, count, CROWD):
            crowd = [self.nonsense.pick(senders) for _ in range(CROWD)]
            pending = on_executor(self._executor, lambda crowd=crowd: [send() for send in crowd])
            wait_for(lambda pending=pending: all(p.done() for p in pending) or self._revive(), PATIENCE, "answers")
            tell(begin + CROWD)

    def reach_something(self) -> None:
        """After all that, a good goal is reached; its commands are none of nonsense."""
        before = self.motions
        self.wait_until_ready()
        ending = self.move_to(state_goal(self.contract.state_names, THERE)).wait(PATIENCE)
        if ending.result.error_code:
            raise ClientError(f"after all that a good goal was not reached: {ending.result.error_msg}")
        del self._moved[before:]

    def _revive(self) -> bool:
        """Count the nodes that died, and start them again; whether there were any."""
        dead = self._processes.dead()
        for name in dead:
            self.crashes += 1
            start(self._processes, name, *self._more.get(name, ()))
        return bool(dead)


def figures(crashes: int, motions: int, messages: int, requests: int) -> dict[str, Figure]:
    """What broke, and what moved, of so much nonsense."""
    total = messages + requests
    how = conditions(
        f"{messages} messages to the running world_model and planner on the topics of camera, joints, latents, "
        "surprise and commands (encodings, sizes, steps, dimensions, names, NaN, stamps of any time), each spoiled, "
        f"and a good goal every {GOAL_EVERY}; then {requests} requests to all services and both actions of a sound "
        f"robot, each spoiled, {CROWD} at a time; after that a good goal was reached"
    )
    found = {}
    for name, unit, count in zip(NAMES, ("processes", "commands"), (crashes, motions)):
        low, high = wilson(min(count, total), total)
        found[name] = Figure(count, unit, min(low * total, count), max(high * total, count), total, how)
    return found
