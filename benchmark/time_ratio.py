"""How much longer the arm takes to goal images than somebody who knows where its joints shall be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from benchmark.figures import Figure, conditions
from benchmark.nodes import MODEL, SEED
from jepa_ros.contract import Limits
from jepa_ros.evaluation.robot import Watcher
from jepa_ros.evaluation.statistics import bootstrap
from jepa_ros.evaluation.trials import goal_latent, pursue
from jepa_ros.planning import Outcome, Plan, Planner, Present
from jepa_ros.simulation.places import ArmPlaces
from jepa_ros.world_model import WorldModel

PAIRS = 50


class StraightDrive(Planner):
    """Drives every joint to a known angle (A,) as fast as the limits let it go and still stop there."""

    def __init__(self, limits: Limits, target: np.ndarray) -> None:
        super().__init__(limits)
        self.target = target

    def plan(
        self, model: WorldModel, latent: Tensor, goal: Tensor, present: Present, warm_start: Plan | None = None
    ) -> Plan:
        """The next action; the target serves as the end stop that the projection brakes before."""
        limits, state = self.limits, present.state.double().numpy()
        ahead = self.target >= state
        stops = np.where(ahead, -np.inf, self.target), np.where(ahead, self.target, np.inf)
        towards = Limits(limits.low, limits.high, limits.rate, limits.period, *stops, limits.position_index)
        wanted = np.where(ahead, limits.high, limits.low)[None]
        action = torch.from_numpy(towards.project(wanted, present.command.double().numpy(), state))
        return Plan(action, latent, torch.zeros(1), 0.0, 0.0, 1)


def measure(tell: Callable[[float, float], None], pairs: int = PAIRS) -> dict[str, Figure]:
    """Reach the same goals twice, arrived by the same criterion."""
    torch.set_num_threads(1)
    model = WorldModel.from_pretrained(MODEL)
    places = ArmPlaces(model.contract)
    times: list[tuple[float, float]] = []
    for start, goal in places.pairs(pairs, SEED):
        planners = Planner(model.contract.limits), StraightDrive(model.contract.limits, goal)
        times.append(tuple(_seconds(model, places, start, goal, planner) for planner in planners))
        tell(len(times), pairs)
    ours, theirs = np.array(times).T
    how = (
        "median time to pictures of random poses from random poses, over that of a controller that knows the true "
        "joint angles and drives each joint there as fast as the same limits allow "
        f"({np.median(theirs):.2f} s); in stepped time by the shipped model, both arrived by its tolerance and the "
        "dwell time; interval by resampling pairs"
    )
    interval = bootstrap(_ratio, ours, theirs)
    return {"planar_arm.time_ratio": Figure(_ratio(ours, theirs), "×", *interval, pairs, conditions(how))}


def _ratio(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(np.median(ours) / np.median(theirs))


def _seconds(model: WorldModel, places: ArmPlaces, start: np.ndarray, goal: np.ndarray, planner: Planner) -> float:
    """Time to the goal; infinite where it was not reached."""
    robot = places.at(start)
    journey = pursue(Watcher(model, robot), goal_latent(model, places.at(goal)), planner=planner)
    reached = journey.outcome is Outcome.ARRIVED and places.error(robot, goal) <= places.tolerance
    return len(journey.steps) * robot.contract.period if reached else np.inf
