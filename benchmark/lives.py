"""Arms in stepped time that are commanded through the planner node's own gate, with all going wrong that may."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmark.nodes import MODEL, planar_arm_contract
from jepa_ros.contract import Contract, Limits, Observation, slowed
from jepa_ros.evaluation.legality import Command, Judge
from jepa_ros.planning import OPTIMISERS, Plan, Planner, Present
from jepa_ros.ros.goals.commander import Commander
from jepa_ros.simulation.body import SECOND
from jepa_ros.simulation.planar_arm import JOINTS, PlanarArm
from jepa_ros.world_model import WorldModel

SEARCHES = {
    "gauss_newton": (1,),
    "cem": (16, 4, 1),
    "icem": (16, 4, 1),
    "mppi": (16, 1),
    "gradient": (2, 1),
    "random": (16, 1),
}
LONGEST = 40  # periods that a goal is pursued at most
RECENT = 0.15  # s that a measured state may be old
NEAR = 0.1  # rad from where it is commanded to be, up to which an arm follows
AFTERMATH_NS = 300_000_000  # that an arm which was disturbed follows again, until states of before are forgotten
AHEAD = 0.02  # s before they are due that commands are prepared at most
DIE, COME_TO_REST = 0.03, 2.0  # share of goals in which the planner dies, and s until another one lives


@dataclass(frozen=True)
class Verdict:
    """How many commands were judged, and what was wrong with some of them."""

    commands: int
    complaints: list[str]


def live(seed: int, commands: int) -> Verdict:
    """The life of one arm until so many commands were judged, drawn from a seed."""
    life = Life(planar_arm_contract(), _model(), seed)
    while life.judged < commands:
        life.pursue_something()
    return Verdict(life.judged, life.complaints)


@cache
def _model() -> WorldModel:
    """One per process."""
    return WorldModel.from_pretrained(MODEL)


class Life:
    """Goals, the plans made for them and how each of them ends, drawn at random; every command is judged at once."""

    def __init__(self, contract: Contract, model: WorldModel, seed: int):
        self.contract, self.model = contract, model
        self.random = np.random.default_rng(seed)
        self.arm = PlanarArm(seed)
        self.now_ns = SECOND
        self.judged = 0
        self.complaints: list[str] = []
        self._judge = Judge(contract, late=0.0)
        self._disturbed_ns = self._sent_ns = 0
        self._held = False
        self._seen: deque[tuple[int, np.ndarray]] = deque([(self.now_ns, self.arm.position)], maxlen=50)
        self._wake()

    def pursue_something(self) -> None:
        """One goal, to whatever end it comes."""
        share = self.random.choice([1.0, self.random.uniform(0.05, 1.0)])
        limits = self.contract.limits if share == 1.0 else slowed(self.contract, float(share))
        actions = self.random.choice([self._planned, self._wild])(limits)
        for _ in range(self.random.integers(1, LONGEST)):
            self.send(actions(), limits)
            self._pass(self._wait())
            self._disturb()
        self._end()

    def send(self, action: np.ndarray, limits: Limits | None = None) -> None:
        """Command an action (A,), prepared a moment before it is due."""
        ahead = self.random.uniform(0.0, AHEAD)
        ready = self.commander.prepare(action, self._state(), limits, ahead)
        self._pass(ahead)
        self.commander.send(ready)

    def _planned(self, limits: Limits) -> Callable[[], np.ndarray]:
        """Actions of plans to a random goal, of each plan one or several."""
        name = str(self.random.choice(list(SEARCHES)))
        planner = Planner(limits, search=OPTIMISERS[name](*SEARCHES[name]), seed=int(self.random.integers(2**31)))
        goal = self._latent(self.random.uniform(limits.position_low, limits.position_high))[0]
        committed, ahead, plan = int(self.random.integers(1, planner.horizon)), iter(()), None

        def action() -> np.ndarray:
            nonlocal ahead, plan
            found = next(ahead, None)
            if found is None:
                plan = self._plan(planner, goal, plan)
                ahead = iter(plan.actions[:committed].numpy())
                found = next(ahead)
            return found

        return action

    def _plan(self, planner: Planner, goal: Tensor, before: Plan | None) -> Plan:
        state = self._state()
        command = self.commander.motion(state).command
        present = Present(*(torch.as_tensor(values, dtype=torch.float32) for values in (command, state)))
        return planner.plan(self.model, self._latent(state), goal, present, before)

    @torch.inference_mode()
    def _latent(self, state: np.ndarray) -> Tensor:
        return self.model.encode(Observation(0, {}, state.astype(np.float32)))

    def _wild(self, limits: Limits) -> Callable[[], np.ndarray]:
        """What no planner should ask for: far too much, or no numbers at all."""
        size = 10.0 ** self.random.uniform(-2, 8)

        def action() -> np.ndarray:
            wanted = self.random.normal(0, size, len(limits.low))
            spoiled = self.random.random(wanted.size) < 0.05
            return np.where(spoiled, self.random.choice([np.nan, np.inf, -np.inf]), wanted)

        return action

    def _end(self) -> None:
        """Arrival, cancel, preemption, silence, or the death of the planner."""
        if self.random.random() < DIE:
            self._pass(COME_TO_REST)
            self._wake()
        elif self.random.random() < 0.8:  # else a newer goal's first command comes before the old one's last
            self.commander.stop(self._state() if self.random.random() < 0.9 else None)
            self._pass(self.random.choice([0.0, self._wait(), self.random.exponential(1.0)]))

    def _wait(self) -> float:
        """Seconds to the next command: about a period, at times less, or far more."""
        period = self.contract.period
        usual, early, late = self.random.normal(period, 0.05 * period), period, self.random.exponential(5 * period)
        return max(float(self.random.choice([usual, early * self.random.random(), late], p=[0.9, 0.05, 0.05])), 1e-3)

    def _disturb(self) -> None:
        """Now and then somebody carries the arm away, holds joints fast, or lets go of them."""
        chance = self.random.random()
        if chance >= 0.02:
            return
        self._disturbed_ns = self.now_ns
        self._held = 0.005 <= chance < 0.01
        if chance < 0.005:
            self.arm.reset()
        elif self._held:
            self.arm.block(*self.random.choice([*JOINTS], self.random.integers(1, 3), replace=False))
        else:
            self.arm.block()

    def _pass(self, seconds: float) -> None:
        """Let time go by; the arm follows its newest command."""
        lately = self._in_aftermath(self.now_ns)
        self.arm.step(float(seconds))
        self.now_ns += round(float(seconds) * SECOND)
        if self._held or (lately and self._trails()):
            self._disturbed_ns = self.now_ns
        self._seen.append((self.now_ns, self.arm.position))

    def _in_aftermath(self, when_ns: int) -> bool:
        """Whether the newest disturbance was not yet got over at a moment."""
        return when_ns <= self._disturbed_ns + AFTERMATH_NS

    def _trails(self) -> bool:
        """Whether the arm is far from where it is commanded to be."""
        return bool((np.abs(self.commander.motion(None).position - self.arm.position) > NEAR).any())

    def _state(self) -> np.ndarray:
        """A state that was measured a moment ago."""
        oldest = self.now_ns - round(self.random.uniform(0.0, RECENT) * SECOND)
        return next((state for when, state in self._seen if when >= oldest), self._seen[-1][1])

    def _wake(self) -> None:
        """A planner begins, and knows nothing of what was commanded before."""
        clock = SimpleNamespace(now=lambda: SimpleNamespace(nanoseconds=self.now_ns))
        node = SimpleNamespace(get_clock=lambda: clock)
        self.commander = Commander(node, self.contract, lambda kind, topic, qos: Line(kind, self._take))

    def _take(self, message: Any) -> None:
        """A command reaches the robot."""
        command = Command(self.now_ns, message, disturbed=self._in_aftermath(self._sent_ns))
        self.complaints += self._judge.complaints([command])
        self.arm.follow(message, self.now_ns)
        self._sent_ns = self.now_ns
        self.judged += 1


class Line:
    """A publisher that hands over at once."""

    def __init__(self, kind: type, publish: Callable[[Any], None]):
        self.msg_type, self.publish = kind, publish
