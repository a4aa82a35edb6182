"""Messages, requests and goals of which none makes sense: each has one flaw at least, drawn from a seed."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from builtin_interfaces.msg import Duration
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Header
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from jepa_ros.contract import Contract
from jepa_ros.ros.client.client import image_goal, named_goal, state_goal
from jepa_ros.world_model import WorldModel
from jepa_ros_interfaces.action import Explore, MoveToGoal, PlanToGoal
from jepa_ros_interfaces.msg import Goal, LatentState, Surprise
from jepa_ros_interfaces.srv import EncodeImage, Rollout, SaveGoal

NAN, INF = float("nan"), float("inf")
NO_NUMBERS = (NAN, INF, -INF)
LETTERS = list("abcXYZ019._-/ äß世界\n")
ENCODINGS = ("", "rgb", "32FC1", "64FC7", "yuv422_yuy3", "jpeg", "bgra8; DROP", "rgb8 ")
HEIGHT, WIDTH, STEP = 48, 64, 192
HUGE = (2**15, 2**31, 2**32 - 1)
BATCH = 50_000  # numbers of a request that is far too long


class Nonsense:
    """Draws nonsense for one robot and one model."""

    def __init__(self, contract: Contract, model: WorldModel, seed: int):
        self.contract, self.model = contract, model
        self.random = np.random.default_rng(seed)
        self.joints = [name.rpartition(".")[2] for name in contract.action_names]
        self._pixels = self.random.integers(0, 256, HEIGHT * STEP, np.uint8).tobytes()

    def image(self) -> Image:
        """A picture that can't be decoded."""
        message = Image(header=self.header(), height=HEIGHT, width=WIDTH, encoding="rgb8", step=STEP)
        message.data = array("B", self._pixels)
        flaw = self.pick(range(6))
        if flaw == 0:
            message.encoding = self.pick([*ENCODINGS, self._word()])
        elif flaw == 1:
            message.step = self.pick([0, 1, STEP - 1, 2 * STEP, *HUGE])
        elif flaw == 2:
            message.height = self.pick([HEIGHT + 1, 2 * HEIGHT, *HUGE])
        elif flaw == 3:
            message.width = self.pick([WIDTH + 1, 2 * WIDTH, *HUGE])
        elif flaw == 4:
            message.height = message.width = message.step = 0
        else:
            message.data = message.data[: self.random.integers(0, len(message.data))]
        return message

    def state(self) -> JointState:
        """Joint states from which a position is missing, or no number, or said twice."""
        names, positions = list(self.joints), self.random.uniform(-1, 1, len(self.joints)).tolist()
        flaw = self.pick(range(5))
        if flaw == 0:
            positions[self.pick(range(len(positions)))] = self.pick(NO_NUMBERS)
        elif flaw == 1:
            positions = positions[: self.pick(range(len(positions)))]
        elif flaw == 2:
            names[self.pick(range(len(names)))] = self._word()
        elif flaw == 3:
            names = [names[0]] * len(names)
        else:
            names = names[: self.pick(range(len(names)))]
        order = self.random.permutation(len(names))
        message = JointState(header=self.header(), name=[names[i] for i in order])
        message.position = [positions[i] for i in order if i < len(positions)]
        message.velocity = self.random.normal(size=self.pick(range(4))).tolist()
        return message

    def latent(self) -> LatentState:
        """The latent of another model, or of another size, or with values that are no numbers."""
        tokens, dim = self.model.architecture.tokens, self.model.architecture.latent_size
        data = self.random.normal(size=tokens * dim).astype(np.float32)
        message = LatentState(header=self.header(), model=self.model.name, tokens=tokens, dim=dim)
        flaw = self.pick(range(4))
        if flaw == 0:
            message.model = self.pick(["", self.model.name[:-1], self._word()])
        elif flaw == 1:
            message.tokens, message.dim = self.pick([(0, 0), (dim, tokens), (tokens, dim + 1), (HUGE[1], HUGE[2])])
        elif flaw == 2:
            data = data[: self.pick(range(len(data)))]
        else:
            data[self.pick(range(len(data)))] = self.pick(NO_NUMBERS)
        message.data = array("f", data.tolist())
        return message

    def surprise(self) -> Surprise:
        """A verdict of another model, or whose p-value is none; every other one cries wolf."""
        message = Surprise(header=self.header(), model=self.model.name, error=self.pick([*NO_NUMBERS, 1.0]))
        message.p_value, message.anomalous = 0.001, self.pick([False, True])
        if self.pick([False, True]):
            message.model = self.pick(["", self.model.name[:-1], self._word()])
        else:
            message.p_value = self.pick([*NO_NUMBERS, -0.5, 0.0, 1.5])
        return message

    def trajectory(self) -> JointTrajectory:
        """A command that no controller takes, as the world model may overhear it."""
        point = JointTrajectoryPoint(time_from_start=Duration(sec=self.pick([-1, 0, 2**31 - 1])))
        point.velocities = [self.pick(NO_NUMBERS)] * self.pick(range(4))
        names = self.pick([[], [self._word()], self.joints, self.joints[::-1], [self.joints[0]] * 2])
        return JointTrajectory(header=self.header(), joint_names=names, points=[point] * self.pick(range(3)))

    def goal(self) -> Goal:
        """A goal that can't be understood, or lies where the robot may not be."""
        names, size = self.contract.state_names, len(self.contract.state_names)
        makers: Sequence[Callable[[], Goal]] = (
            lambda: Goal(kind=int(self.random.integers(4, 256))),
            lambda: image_goal(self.image()),
            lambda: Goal(kind=Goal.LATENT, latent=self.latent()),
            lambda: named_goal(self._word()),
            lambda: state_goal(names, [self.pick(NO_NUMBERS)] * size),
            lambda: state_goal(names, [self.pick([3.0, -1e3, 1e300])] * size),
            lambda: state_goal([self._word() for _ in names], [0.0] * size),
            lambda: state_goal(names, [0.0] * self.pick([0, size - 1, size + 1, 1000])),
        )
        return self.pick(makers)()

    def motion(self) -> MoveToGoal.Goal:
        """A request to move with a goal that is none, or to a good one with wishes that are none."""
        good = MoveToGoal.Goal(goal=state_goal(self.contract.state_names, [0.5] * len(self.contract.state_names)))
        wishes: Sequence[dict[str, Any]] = (
            {"goal": self.goal()},
            {"tolerance": self.pick([*NO_NUMBERS, -0.1])},
            {"speed_scale": self.pick([*NO_NUMBERS, -0.5, 1.5])},
            {"timeout": Duration(sec=-1)},
            {"planner": self._word()},
        )
        return self._with(good, self.pick(wishes))

    def question(self) -> PlanToGoal.Goal:
        """The same for a plan."""
        wishes: Sequence[dict[str, Any]] = ({"goal": self.goal()}, {"goal": self.goal(), "planner": self._word()})
        return self._with(PlanToGoal.Goal(), self.pick(wishes))

    def exploration(self) -> Explore.Goal:
        """A request to explore with wishes that are none."""
        wishes: Sequence[dict[str, Any]] = (
            {"coverage": self.pick([*NO_NUMBERS, -0.1, 1.5])},
            {"speed_scale": self.pick([*NO_NUMBERS, -0.5, 1.5])},
            {"timeout": Duration(sec=-1)},
        )
        return self._with(Explore.Goal(), self.pick(wishes))

    def picture_request(self) -> EncodeImage.Request:
        return EncodeImage.Request(image=self.image())

    def actions_request(self) -> Rollout.Request:
        """Actions of which some are no numbers, or too few, or none."""
        size = len(self.contract.action_names)
        spoiled = array("f", self.random.normal(size=4 * size).tolist())
        spoiled[self.pick(range(len(spoiled)))] = self.pick(NO_NUMBERS)
        odd = array("f", [0.0] * self.pick([1, size + 1, 9 * size - 1, size * BATCH + 1]))
        return Rollout.Request(actions=self.pick([array("f"), spoiled, odd]))

    def name_request(self) -> SaveGoal.Request:
        return SaveGoal.Request(name=self.pick(["", "../up", ".hidden", "a" * 1000, self._word()]))

    def header(self) -> Header:
        """A stamp of any time, with a frame of any name."""
        header = Header(frame_id=self._word())
        header.stamp.sec = self.pick([0, -1, 1, 2**31 - 1, int(self.random.integers(2**31))])
        header.stamp.nanosec = int(self.random.integers(10**9))
        return header

    def _word(self) -> str:
        """Never a name that means something here: it ends in a question."""
        return "".join(self.random.choice(LETTERS, self.random.integers(0, 12))) + "?"

    def _with(self, message: Any, fields: dict[str, Any]) -> Any:
        for name, value in fields.items():
            setattr(message, name, value)
        return message

    def pick(self, things: Sequence[Any]) -> Any:
        """One of these."""
        return things[int(self.random.integers(len(things)))]
