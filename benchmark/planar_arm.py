"""Goal images reached by move_to_goal through the running nodes, judged by the true joint angles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import numpy as np
from action_msgs.msg import GoalStatus

from benchmark.figures import Figure, conditions
from benchmark.nodes import SEED, planar_arm_contract, robot
from jepa_ros.evaluation.statistics import median, wilson
from jepa_ros.evaluation.trials import passes_by
from jepa_ros.ros.client.client import Client, image_goal
from jepa_ros.ros.client.placing import Placer
from jepa_ros.simulation.places import ArmPlaces, Pairs

PAIRS, MANY = 50, 200
TIMEOUT = 30.0  # s per goal


@dataclass(frozen=True)
class Trial:
    """One goal: whether the action succeeded, how long it took (s), and the largest error of a joint then (rad)."""

    succeeded: bool
    seconds: float
    error: float

    @property
    def reached(self) -> bool:
        return self.succeeded and self.error <= ArmPlaces.tolerance


def measure(tell: Callable[[float, float], None], pairs: int = PAIRS) -> dict[str, Figure]:
    """Drive the arm from random starts to pictures of random goals; the floor is what random actions reach."""
    places = ArmPlaces(planar_arm_contract())
    poses = places.pairs(pairs, SEED)
    trials = _drive(poses, tell)
    random = np.random.default_rng(SEED)
    passed = [passes_by(places, start, goal, trial.seconds, random) for (start, goal), trial in zip(poses, trials)]
    return _figures(trials, sum(passed))


def measure_many(tell: Callable[[float, float], None], pairs: int = MANY) -> dict[str, Figure]:
    """The success alone, on so many pairs that 99 % can be told from 95; takes a quarter of an hour."""
    trials = _drive(ArmPlaces(planar_arm_contract()).pairs(pairs, SEED), tell)
    return {"planar_arm.success_200": _success(trials)}


def _drive(poses: Pairs, tell: Callable[[float, float], None]) -> list[Trial]:
    trials: list[Trial] = []
    with robot() as client:
        placer = Placer(client)
        for start, goal in poses:
            trials.append(_trial(client, placer, start, goal))
            tell(len(trials), len(poses))
    return trials


def _trial(client: Client, placer: Placer, start: np.ndarray, goal: np.ndarray) -> Trial:
    placer.place(goal)
    picture = placer.picture()
    placer.place(start)
    begin = monotonic()
    ending = client.move_to(image_goal(picture), timeout=TIMEOUT).wait(TIMEOUT + 10.0)
    seconds = monotonic() - begin
    placer.wait_for_rest()
    error = float(np.abs(placer.positions() - goal).max())
    return Trial(ending.status == GoalStatus.STATUS_SUCCEEDED, seconds, error)


def _figures(trials: list[Trial], passed: int) -> dict[str, Figure]:
    success = _success(trials)
    how = success.conditions
    floor = conditions(
        "random legal actions for as long as move_to_goal took, from the same starts; passing within "
        f"{ArmPlaces.tolerance} rad of the goal at the end of any control period counts"
    )
    return {
        "planar_arm.success": success,
        "planar_arm.random_success": _rate(passed, len(trials), floor),
        "planar_arm.time_s": _median([trial.seconds for trial in trials], "s", how),
        "planar_arm.joint_error_rad": _median(
            [trial.error for trial in trials], "rad", f"larger of both joints; {how}"
        ),
    }


def _success(trials: list[Trial]) -> Figure:
    how = conditions(
        "move_to_goal to images of random poses from random poses, through simulator, world_model, planner and a "
        f"client as processes; reached: the action succeeded and every true joint angle is within "
        f"{ArmPlaces.tolerance} rad"
    )
    return _rate(sum(trial.reached for trial in trials), len(trials), how)


def _rate(successes: int, count: int, how: str) -> Figure:
    low, high = wilson(successes, count)
    return Figure(100 * successes / count, "%", 100 * low, 100 * high, count, how)


def _median(samples: list[float], unit: str, how: str) -> Figure:
    value, low, high = median(samples)
    return Figure(value, unit, low, high, len(samples), f"median; {how}")
