"""A hundred thousand messages, requests and goals that make no sense: what breaks, and what moves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image, JointState
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

from benchmark.figures import Figure, conditions
from benchmark.nodes import ALL, MODEL, SEED, planar_arm_contract, running, start
from benchmark.nonsense import Nonsense
from benchmark.unrest import KEPT, TOPIC
from jepa_ros.evaluation.legality import Command, Judge
from jepa_ros.evaluation.statistics import wilson
from jepa_ros.ros.client.client import Client, ClientError, on_executor, state_goal, wait_for
from jepa_ros.ros.client.processes import Processes
from jepa_ros.world_model import WorldModel
from jepa_ros_interfaces.action import MoveToGoal
from jepa_ros_interfaces.msg import LatentState, Surprise
from jepa_ros_interfaces.srv import EncodeImage, Rollout, SaveGoal

MESSAGES = 60_000  # on topics of nodes that hear nothing else
BETWEEN = 10_000  # between the good messages of a robot that moves
REQUESTS = 30_000  # to services and actions
PACE = 0.002  # s between two messages
PACE_BETWEEN = 0.004  # s where the good ones must be heard too
CROWD = 20  # requests at once
GOAL_EVERY = 50  # messages after which somebody asks for a motion that only good input could allow
THERE, ELSEWHERE = (0.5, 0.5), (-1.0, 1.0)  # rad, where good goals are
PATIENCE = 30.0  # s that an answer may take
OVERHEARD = "planner_commands"  # where the planner's commands go while the robot's topic carries nonsense
NAMES = ("malformed.crashes", "malformed.motions")
Draw = tuple[str, type, Callable[[], Any]]  # a topic, its type, and what gives nonsense for it


def measure(
    tell: Callable[[float, float], None],
    messages: int = MESSAGES,
    between: int = BETWEEN,
    requests: int = REQUESTS,
) -> dict[str, Figure]:
    """Nonsense on every topic, alone and between good messages, then to every service and action; some ten minutes."""
    total = messages + between + requests
    aside = ("-r", f"{TOPIC}:={OVERHEARD}")
    with _adversary(("world_model", "planner"), OVERHEARD, {"planner": aside}) as first:
        first.babble(messages, lambda done: tell(done, total))
    with _adversary(ALL, TOPIC, {"planner": KEPT}) as second:
        codes = second.interrupt(between, lambda done: tell(messages + done, total))
        second.ask(requests, lambda done: tell(messages + between + done, total))
        second.reach_something()
    crashes, motions = first.crashes + second.crashes, first.motions + second.motions
    return figures(crashes, motions, messages, between, requests, codes)


@contextmanager
def _adversary(names: Sequence[str], commands: str, more: Mapping[str, Sequence[str]]) -> Iterator[Adversary]:
    """In a domain with these nodes; ``commands`` is the topic on which the planner's arrive."""
    with running(names, more) as processes, Adversary(processes, commands, more) as adversary:
        for action in (adversary.move, adversary.plan, adversary.exploring):
            wait_for(action.server_is_ready, PATIENCE, "the planner's actions")
        yield adversary


class Adversary(Client):
    """A client that talks nonsense, and counts what comes of it."""

    def __init__(self, processes: Processes, commands: str, more: Mapping[str, Sequence[str]], seed: int = SEED):
        self.crashes, self.motions = 0, 0
        self._sent: list[Command] = []
        self._processes, self._more = processes, more
        super().__init__(planar_arm_contract(), name="adversary")
        self.nonsense = Nonsense(self.contract, WorldModel.from_pretrained(MODEL), seed)
        self.node.create_subscription(JointTrajectory, commands, self._on_command, QoSProfile(depth=1000))

    def wait_until_ready(self, timeout: float = PATIENCE) -> None:
        """Wait also until the planner says that it is: it may hear of the others later than this client does."""
        super().wait_until_ready(timeout)
        told: list[str] = []

        def on_health(health: DiagnosticArray) -> None:
            told.extend(status.message for status in health.status if status.name.endswith("/planner"))

        diagnostics = self.node.create_subscription(DiagnosticArray, "/diagnostics", on_health, QoSProfile(depth=10))
        wait_for(lambda: "ready" in told, timeout, "a planner that is ready")
        self.node.destroy_subscription(diagnostics)

    def babble(self, count: int, tell: Callable[[int], None]) -> None:
        """So many messages, on all topics in turn, and now and then a good goal that they must not further."""
        wish = MoveToGoal.Goal(goal=state_goal(self.contract.state_names, THERE))
        said = self._say(count, PACE, (TOPIC, JointTrajectory, self.nonsense.trajectory))
        for number in said:
            if number % GOAL_EVERY == 0:
                self._revive()
                on_executor(self._executor, lambda: self.move.send_goal_async(wish))
                tell(number)
        self.motions += len(self._taken())

    def interrupt(self, count: int, tell: Callable[[int], None]) -> list[int]:
        """So many messages between good ones, from which a robot goes on to its goals; the error codes of those.

        On all topics but that of commands: a robot keeps the newest one only, so each would take the place of a good
        one. A command that is not legal is taken to be brought about by nonsense.
        """
        self.wait_until_ready()
        goals = cycle(state_goal(self.contract.state_names, place) for place in (THERE, ELSEWHERE))
        pending, codes = self.move_to(next(goals)), []
        for number in self._say(count, PACE_BETWEEN):
            if number % GOAL_EVERY == 0:
                if self._revive():
                    self.wait_until_ready()
                    pending = self.move_to(next(goals))
                elif pending.done():
                    codes.append(pending.wait(PATIENCE).result.error_code)
                    pending = self.move_to(next(goals))
                tell(number)
        codes.append(pending.wait(PATIENCE).result.error_code)
        self.motions += len(Judge(self.contract).complaints(self._taken()))
        return codes

    def _say(self, count: int, pace: float, *more: Draw) -> Iterator[int]:
        """So many messages on the topics that nodes hear, and on more, in turn; the number of each that was said."""
        draws = {
            self.node.create_publisher(kind, topic, QoSProfile(depth=100)): draw
            for topic, kind, draw in (
                ("camera/image_raw", Image, self.nonsense.image),
                ("joint_states", JointState, self.nonsense.state),
                ("world_model/latent", LatentState, self.nonsense.latent),
                ("world_model/surprise", Surprise, self.nonsense.surprise),
                *more,
            )
        }
        wait_for(lambda: all(each.get_subscription_count() for each in draws), PATIENCE, "the nodes' subscriptions")
        turns = list(draws.items())
        for number in range(count):
            publisher, draw = turns[number % len(turns)]
            publisher.publish(draw())
            time.sleep(pace)
            yield number
        for publisher in draws:
            self.node.destroy_publisher(publisher)

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
            lambda: self.exploring.send_goal_async(self.nonsense.exploration()),
            *[lambda service=service, draw=draw: service.call_async(draw()) for service, draw in services],
        ]
        for service, _ in services:
            wait_for(service.service_is_ready, PATIENCE, f"the service {service.srv_name}")
        for begin in range(0, count, CROWD):
            crowd = [self.nonsense.pick(senders) for _ in range(CROWD)]
            pending = on_executor(self._executor, lambda crowd=crowd: [send() for send in crowd])
            wait_for(lambda pending=pending: all(p.done() for p in pending) or self._revive(), PATIENCE, "answers")
            tell(begin + CROWD)
        self.motions += len(self._taken())

    def reach_something(self) -> None:
        """After all that, a good goal is reached. Raises ClientError where it is not."""
        self.wait_until_ready()
        ending = self.move_to(state_goal(self.contract.state_names, THERE)).wait(PATIENCE)
        if ending.result.error_code:
            raise ClientError(f"after all that a good goal was not reached: {ending.result.error_msg}")

    def _on_command(self, message: JointTrajectory, info: dict[str, int]) -> None:
        self._sent.append(Command(info["source_timestamp"], message))

    def _taken(self) -> list[Command]:
        """The planner's commands since this was asked last."""
        taken, self._sent = self._sent, []
        return taken

    def _revive(self) -> bool:
        """Count the nodes that died, and start them again; whether there were any."""
        dead = self._processes.dead()
        for name in dead:
            self.crashes += 1
            start(self._processes, name, *self._more.get(name, ()))
        return bool(dead)


def figures(
    crashes: int, motions: int, messages: int, between: int, requests: int, codes: Sequence[int]
) -> dict[str, Figure]:
    """What broke, and what moved, of so much nonsense; ``codes`` are how goals ended meanwhile."""
    total = messages + between + requests
    how = conditions(
        f"{messages} messages to the running world_model and planner on the topics of camera, joints, latents, "
        "surprise and commands (encodings, sizes, steps, dimensions, names, NaN, stamps of any time), each spoiled, "
        f"and a good goal every {GOAL_EVERY}; then {between} on all of these but that of commands, between the good "
        f"messages of a robot that reached {codes.count(0)} of {len(codes)} goals meanwhile, where illegal commands "
        f"count; then {requests} requests to all services and actions of that robot, each spoiled, {CROWD} at a time; "
        "after that a good goal was reached"
    )
    found = {}
    for name, unit, count in zip(NAMES, ("processes", "commands"), (crashes, motions)):
        low, high = wilson(min(count, total), total)
        found[name] = Figure(count, unit, min(low * total, count), max(high * total, count), total, how)
    return found
