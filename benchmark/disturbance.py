"""Goals of the arm that are reached although something disturbs, in stepped time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import torch

from benchmark.figures import Figure, conditions
from benchmark.nodes import MODEL, SEED
from jepa_ros.evaluation.robot import Robot, Watcher
from jepa_ros.evaluation.statistics import wilson
from jepa_ros.evaluation.trials import goal_latent, pursue
from jepa_ros.planning import Outcome, Patience
from jepa_ros.simulation.disturbances import PoorPictures, Pushed
from jepa_ros.simulation.places import ArmPlaces
from jepa_ros.simulation.planar_arm import JOINTS
from jepa_ros.simulation.stepped import SteppedRobot
from jepa_ros.world_model import WorldModel

PAIRS = 100  # all of 50 would say no more than "93 % or more"
LATE = 0.2  # s
LOST = 0.3
TIRED = 0.5  # rad/s, half of what the contract allows
PUSH = 0.5  # rad
MIDWAY = 0.5  # s after the start, when the arm is pushed or its goal is replaced
SOON = 2.0  # s in which a blocked joint must be noticed


def late_images(robot: SteppedRobot, seed: int) -> Robot:
    return PoorPictures(robot, late=LATE, seed=seed)


def lost_images(robot: SteppedRobot, seed: int) -> Robot:
    return PoorPictures(robot, lost=LOST, seed=seed)


def slow_joint(robot: SteppedRobot, seed: int) -> Robot:
    robot.body.tire(JOINTS[seed % len(JOINTS)], TIRED)
    return robot


def pushed(robot: SteppedRobot, seed: int) -> Robot:
    return Pushed(robot, PUSH * np.random.default_rng(seed).choice([-1.0, 1.0], len(JOINTS)), MIDWAY)


#: What disturbs → how it does, and what it is in words.
DISTURBANCES: Mapping[str, tuple[Callable[[SteppedRobot, int], Robot], str]] = {
    "late_images": (late_images, f"every image comes {1000 * LATE:g} ms late"),
    "lost_images": (lost_images, f"{LOST:.0%} of the images are lost at random"),
    "slow_joint": (slow_joint, f"one joint, in turn, goes no faster than {TIRED:g} rad/s"),
    "pushed": (pushed, f"every joint is pushed {PUSH:g} rad to one side or the other, {MIDWAY:g} s after the start"),
}
MOVED = "disturbance.goal_moved.success"
BLOCKED = "disturbance.blocked_joint.noticed"
NAMES = (*(f"disturbance.{name}.success" for name in DISTURBANCES), MOVED, BLOCKED)


def measure(tell: Callable[[float, float], None], pairs: int = PAIRS) -> dict[str, Figure]:
    """Pursue the same pairs under each disturbance, then with a joint that is held fast."""
    torch.set_num_threads(1)
    model = WorldModel.from_pretrained(MODEL)
    places = ArmPlaces(model.contract)
    jobs = [partial(_reached, model, places, disturb) for disturb, _ in DISTURBANCES.values()]
    counts: list[int] = []
    for job in (*jobs, partial(_moved, model, places), partial(_noticed, model, places)):
        counts.append(0)
        for seed, (start, goal) in enumerate(places.pairs(pairs, SEED)):
            counts[-1] += job(start, goal, seed)
            tell((len(counts) - 1) * pairs + seed + 1, len(NAMES) * pairs)
    return {name: _figure(count, pairs, how) for name, count, how in zip(NAMES, counts, _words())}


def _reached(
    model: WorldModel,
    places: ArmPlaces,
    disturb: Callable[[SteppedRobot, int], Robot],
    start: np.ndarray,
    goal: np.ndarray,
    seed: int,
) -> bool:
    """Whether the pursuit said that it had arrived, and was there."""
    robot = places.at(start)
    return _arrives(Watcher(model, disturb(robot, seed)), places, robot, goal)


def _moved(model: WorldModel, places: ArmPlaces, start: np.ndarray, goal: np.ndarray, seed: int) -> bool:
    """The same of a goal that replaces another one, with the arm in full motion."""
    robot = places.at(start)
    watcher = Watcher(model, robot)
    ((_, elsewhere),) = places.pairs(1, seed)
    pursue(watcher, goal_latent(model, places.at(elsewhere)), Patience(timeout=MIDWAY))
    return _arrives(watcher, places, robot, goal)


def _arrives(watcher: Watcher, places: ArmPlaces, robot: SteppedRobot, goal: np.ndarray) -> bool:
    journey = pursue(watcher, goal_latent(watcher.model, places.at(goal)))
    return journey.outcome is Outcome.ARRIVED and places.error(robot, goal) <= places.tolerance


def _noticed(model: WorldModel, places: ArmPlaces, start: np.ndarray, goal: np.ndarray, seed: int) -> bool:
    """Whether the pursuit gave up soon, because the joint with the longest way to go is held fast."""
    robot = places.at(start)
    robot.body.block(JOINTS[int(np.argmax(np.abs(goal - start)))])
    journey = pursue(Watcher(model, robot), goal_latent(model, places.at(goal)))
    seconds = len(journey.steps) * robot.contract.period
    return journey.outcome in (Outcome.SURPRISED, Outcome.STUCK) and seconds <= SOON


def _words() -> list[str]:
    reached = (
        "pictures of random poses from random poses, pursued in stepped time by the shipped model while {}; reached: "
        f"it said so, and the {ArmPlaces.measure} was at most {ArmPlaces.tolerance:g}"
    )
    blocked = (
        "pursuits as above of an arm whose joint with the longest way is held fast from the start, that ended "
        f"SURPRISED or STUCK within {SOON:g} s"
    )
    moved = f"their picture replaces that of another pose {MIDWAY:g} s after the start, in mid-motion"
    disturbed = [*(words for _, words in DISTURBANCES.values()), moved]
    return [*(reached.format(words) for words in disturbed), blocked]


def _figure(successes: int, count: int, how: str) -> Figure:
    low, high = wilson(successes, count)
    return Figure(100 * successes / count, "%", 100 * low, 100 * high, count, conditions(how))
