"""Goal messages → what a motion shall bring about."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from jepa_ros.contract import Contract
from jepa_ros.memory import GoalNameError, SavedGoals
from jepa_ros.planning import Goal as Aim
from jepa_ros.planning import LatentGoal, StateGoal
from jepa_ros.ros.goals.remedies import BRING_BACK, CODES, REMEDIES
from jepa_ros.ros.wire.images import Decode, image_alone
from jepa_ros.ros.wire.messages import latent_tensor
from jepa_ros.world_model import WorldModel
from jepa_ros_interfaces.msg import Goal, LatentState


class GoalError(Exception):
    """A goal that can't be pursued: an error code of the actions, the cause, and what people can do about it.

    Without a ``remedy`` that is what helps as a rule.
    """

    def __init__(self, code: int, cause: str, remedy: str = ""):
        super().__init__(cause)
        self.code, self.remedy = code, remedy or REMEDIES[code]


class GoalReader:
    """Understands every kind of goal message for one model and one robot."""

    def __init__(self, model: WorldModel, contract: Contract, decode: Decode, saved: SavedGoals):
        self.model, self.contract, self.decode, self.saved = model, contract, decode, saved

    @torch.inference_mode()
    def read(self, goal: Goal) -> Aim:
        """What the goal asks for. Raises GoalError."""
        readers = {
            Goal.IMAGE: self._image,
            Goal.LATENT: self._latent,
            Goal.STATE: self._state,
            Goal.NAMED: self._named,
        }
        if goal.kind not in readers:
            raise GoalError(CODES.INVALID_GOAL, f"goal kind {goal.kind}; allowed: IMAGE 0, LATENT 1, STATE 2, NAMED 3")
        return readers[goal.kind](goal)

    def _image(self, goal: Goal) -> Aim:
        """What the camera that the image's frame_id names shall see; with one camera, it need not name it."""
        try:
            observation = image_alone(self.contract, self.decode(goal.image), goal.image.header.frame_id)
            (camera,) = observation.images
            tokens = self.model.architecture.tokens_of(camera)
        except ValueError as error:
            raise GoalError(CODES.INVALID_GOAL, f"goal image: {error}") from error
        return LatentGoal(self.model, self.model.encode(observation)[0], tokens)

    def _latent(self, goal: Goal) -> Aim:
        self._check_maker(goal.latent.model, "goal latent")
        return self._perceive(self._checked(goal.latent))

    def _state(self, goal: Goal) -> Aim:
        names, values = list(goal.state_names), np.asarray(goal.state, np.float64)
        known = self.contract.state_names
        if not names or not set(names) <= set(known) or len(set(names)) != len(names) or len(values) != len(names):
            raise GoalError(
                CODES.INVALID_GOAL,
                f"goal state: {len(values)} values for {', '.join(names) or 'no names'}; "
                f"allowed: one value for each of some of {', '.join(known)}",
            )
        for name, number in zip(names, values):
            if not np.isfinite(number):
                raise GoalError(CODES.INVALID_GOAL, f"goal state: {name} is {number}; allowed: finite numbers")
        _check_values(self.contract, dict(zip(names, values)), "goal state")
        try:
            return StateGoal(self.model, names, values.tolist())
        except ValueError as error:
            raise GoalError(CODES.INVALID_GOAL, f"goal state: {error}") from error

    def _named(self, goal: Goal) -> Aim:
        try:
            latent, model = self.saved.load(goal.name)
        except GoalNameError as error:
            raise GoalError(CODES.INVALID_GOAL, str(error)) from error
        self._check_maker(model, f"goal {goal.name!r}")
        if tuple(latent.shape) != self._shape() or not latent.isfinite().all():
            raise GoalError(CODES.INVALID_GOAL, f"goal {goal.name!r} is damaged; save it again")
        return self._perceive(latent)

    def _perceive(self, latent: Tensor) -> Aim:
        return LatentGoal(self.model, latent.to(self.model.device))

    def _check_maker(self, model: str, what: str) -> None:
        if model != self.model.name:
            raise GoalError(
                CODES.MODEL_MISMATCH,
                f"{what} was made by model {model or 'unknown'}, here runs {self.model.name}",
            )

    def _checked(self, message: LatentState) -> Tensor:
        try:
            return latent_tensor(message, self._shape())
        except ValueError as error:
            raise GoalError(CODES.INVALID_GOAL, f"goal: {error}") from error

    def _shape(self) -> tuple[int, int]:
        return self.model.architecture.tokens, self.model.architecture.latent_size


def check_robot(contract: Contract, state: np.ndarray, slack: float = 0.0) -> None:
    """Raise GoalError(OUTSIDE_LIMITS) where a limited position of a robot lies more than ``slack`` outside."""
    _check_values(contract, dict(zip(contract.state_names, state)), "the robot", slack, BRING_BACK)


def _check_values(
    contract: Contract, values: Mapping[str, float], what: str, slack: float = 0.0, remedy: str = ""
) -> None:
    limits = contract.limits
    for index, low, high in zip(limits.position_index, limits.position_low, limits.position_high):
        name = contract.state_names[index] if index >= 0 else None
        if name in values and not low - slack <= values[name] <= high + slack:
            cause = f"{what}: {name} is {values[name]:.3f}; allowed: {low:g} to {high:g}"
            raise GoalError(CODES.OUTSIDE_LIMITS, cause, remedy)
