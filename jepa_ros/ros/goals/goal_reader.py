"""Goal messages → goal latents."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from jepa_ros.contract import Contract, Observation, StreamError
from jepa_ros.memory import GoalNameError, SavedGoals
from jepa_ros.ros.wire.images import Decode, image_alone
from jepa_ros.ros.wire.messages import latent_tensor
from jepa_ros.world_model import WorldModel
from jepa_ros_interfaces.action import MoveToGoal
from jepa_ros_interfaces.msg import Goal, LatentState

CODES = MoveToGoal.Result


class GoalError(Exception):
    """A goal that can't be pursued: an error code of the actions, and a message for people."""

    def __init__(self, code: int, message: str):
        super().__init__(message)
        self.code = code


class GoalReader:
    """Understands every kind of goal message for one model and one robot."""

    def __init__(self, model: WorldModel, contract: Contract, decode: Decode, saved: SavedGoals):
        self.model, self.contract, self.decode, self.saved = model, contract, decode, saved

    @torch.inference_mode()
    def latent(self, goal: Goal) -> Tensor:
        """The goal's latent (N, D). Raises GoalError."""
        readers = {
            Goal.IMAGE: self._image,
            Goal.LATENT: self._latent,
            Goal.STATE: self._state,
            Goal.NAMED: self._named,
        }
        if goal.kind not in readers:
            raise GoalError(CODES.INVALID_GOAL, f"goal kind {goal.kind}; allowed: IMAGE 0, LATENT 1, STATE 2, NAMED 3")
        return readers[goal.kind](goal).to(self.model.device)

    def _image(self, goal: Goal) -> Tensor:
        try:
            observation = image_alone(self.contract, self.decode(goal.image))
        except StreamError as error:
            raise GoalError(CODES.INVALID_GOAL, f"goal image: {error}") from error
        return self.model.encode(observation)[0]

    def _latent(self, goal: Goal) -> Tensor:
        self._check_maker(goal.latent.model, "goal latent")
        return self._checked(goal.latent)

    def _state(self, goal: Goal) -> Tensor:
        names, values = self.contract.state_names, np.asarray(goal.state, np.float64)
        if sorted(goal.state_names) != sorted(names) or len(values) != len(names):
            raise GoalError(
                CODES.INVALID_GOAL,
                f"goal state: {len(values)} values for {', '.join(goal.state_names) or 'no names'}; "
                f"allowed: one value for each of {', '.join(names)}",
            )
        state = values[[list(goal.state_names).index(name) for name in names]]
        if not np.isfinite(state).all():
            raise GoalError(CODES.INVALID_GOAL, "goal state: a value is not a finite number")
        check_position(self.contract, state, "goal state")
        return self.model.encode(Observation(0, {}, state.astype(np.float32)))[0]

    def _named(self, goal: Goal) -> Tensor:
        try:
            latent, model = self.saved.load(goal.name)
        except GoalNameError as error:
            raise GoalError(CODES.INVALID_GOAL, str(error)) from error
        self._check_maker(model, f"goal {goal.name!r}")
        if tuple(latent.shape) != self._shape() or not latent.isfinite().all():
            raise GoalError(CODES.INVALID_GOAL, f"goal {goal.name!r} is damaged; save it again")
        return latent

    def _check_maker(self, model: str, what: str) -> None:
        if model != self.model.name:
            raise GoalError(
                CODES.MODEL_MISMATCH,
                f"{what} was made by model {model or 'unknown'}, here runs {self.model.name}; make it anew",
            )

    def _checked(self, message: LatentState) -> Tensor:
        try:
            return latent_tensor(message, self._shape())
        except ValueError as error:
            raise GoalError(CODES.INVALID_GOAL, f"goal: {error}") from error

    def _shape(self) -> tuple[int, int]:
        return self.model.architecture.tokens, self.model.architecture.latent_size


def check_position(contract: Contract, state: np.ndarray, what: str, slack: float = 0.0) -> None:
    """Raise GoalError(OUTSIDE_LIMITS) where a limited position of the state lies more than ``slack`` outside."""
    limits = contract.limits
    for index, low, high in zip(limits.position_index, limits.position_low, limits.position_high):
        if index >= 0 and not low - slack <= state[index] <= high + slack:
            raise GoalError(
                CODES.OUTSIDE_LIMITS,
                f"{what}: {contract.state_names[index]} is {state[index]:.3f}; allowed: {low:g} to {high:g}",
            )
