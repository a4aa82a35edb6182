"""Moves that the model says can be made, where memory knows of no way that is about as short."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from jepa_ros.contract import Contract
from jepa_ros.memory.foreseen import foreseen
from jepa_ros.memory.memory import Memory
from jepa_ros.memory.trail import FASTEST

PERIODS = 3  # control periods that a predicted move may take, or one step of the model
TRIED = 64  # commands, each kept up from rest, one of which must lead there
THERE = 1.0  # tolerances that it must come near the place
ABOUT = 48  # remembered places about a place that are looked at
BESIDE = 12  # places about a new one from which moves are predicted anew
DETOUR = 2.0  # times as many periods: a remembered way that takes no more is good enough
DOUBT = 1.5  # times as many periods that a predicted move counts as, until it is made
REST = ("velocity", "joint_velocity")  # kinds of commands of which 0 is known to be rest
AT_ONCE = 4  # places from which is predicted together: so few that nobody waits for it


class Expectation:
    """Predicts where a robot gets to from the places that it remembers, and enters the moves there into memory.

    A move is predicted where a command that is kept up from rest leads near to another place. Experience decides on it:
    it counts as any other once it is made, and is used no more once it is struck out. Nothing is predicted for robots
    that rest at other commands than 0, such as positions: of those it is not remembered where they rested. Nor does a
    predicted move lead to what poses say is elsewhere, however alike it looks.
    """

    def __init__(self, memory: Memory):
        self._memory, self._model = memory, memory.model
        self._tolerance = self._model.calibration.tolerance
        self._commands = _commands(self._model.contract, self._model.architecture.action_block)
        self._waiting: dict[int, None] = {}  # places from which is to be predicted, the oldest first

    def note(self, node: int) -> None:
        """The robot is at a node. Where that is new, moves from there, and to it, are to be predicted."""
        if self._commands is not None and self._memory.visits[node] == 1:
            about = self._memory.locate(self._memory.latent(node), BESIDE)
            self._waiting.update(dict.fromkeys(near.node for near in about))

    def go_on(self) -> bool:
        """Predict moves from some of the places that wait for it; whether more do."""
        taken = list(self._waiting)[:AT_ONCE]
        for node in taken:
            del self._waiting[node]
        nodes = [node for node in taken if self._memory.visits[node]]
        if nodes:
            for node, reached in zip(nodes, self._reached(nodes)):
                self._enter(node, reached)
        return bool(self._waiting)

    def catch_up(self) -> None:
        """Predict moves from all places that wait for it."""
        while self.go_on():
            pass

    def expect_from(self, nodes: Iterable[int]) -> None:
        """Predict moves from these nodes."""
        if self._commands is not None:
            self._waiting.update(dict.fromkeys(nodes))
            self.catch_up()

    @torch.inference_mode()
    def _reached(self, nodes: list[int]) -> Tensor:
        """Where the commands lead from nodes (P,), step by step (P, C, T, N·D)."""
        model, (tried, _, size) = self._model, self._commands.shape
        latents = self._memory.latents[nodes].unflatten(1, (-1, model.architecture.latent_size)).to(model.device)
        starts, states = latents.repeat_interleave(tried, dim=0), self._memory.states[nodes].repeat(tried, axis=0)
        wanted, rest = np.tile(self._commands, (len(nodes), 1, 1)), np.zeros(size, np.float32)
        _, future = foreseen(model, model.contract.limits, starts, wanted, rest, states)
        return future.flatten(2).unflatten(0, (len(nodes), tried)).cpu()

    def _enter(self, node: int, reached: Tensor) -> None:
        """Expect the moves to what is reached (C, T, N·D) from a node."""
        apart = {place.node: place.distance for place in self._memory.locate(self._memory.latent(node), ABOUT)}
        ends = np.array(sorted({node, *apart}))
        ends = ends[~self._memory.elsewhere(node, ends)]
        steps = self._steps(reached, ends)
        least = np.array([apart.get(end, 0.0) for end in ends.tolist()]) / (FASTEST * self._tolerance)
        periods = np.maximum(steps * self._model.architecture.action_block, least)
        better = DETOUR * periods < self._memory.periods_among(node, ends)
        for end, cost in zip(ends[better].tolist(), periods[better].tolist()):
            self._memory.expect(node, end, DOUBT * cost)

    def _steps(self, reached: Tensor, ends: np.ndarray) -> np.ndarray:
        """After how many steps (K,) any of what is reached is at each of some nodes, infinite where none is."""
        missed = torch.cdist(reached.flatten(0, 1), self._memory.latents[ends]) / self._model.calibration.distance_scale
        there = (missed <= THERE * self._tolerance).unflatten(0, reached.shape[:2]).any(dim=0).numpy()
        return np.where(there.any(axis=0), 1 + there.argmax(axis=0), np.inf)


def _commands(contract: Contract, block: int) -> np.ndarray | None:
    """Commands (C, H, A), each kept up for some steps, spread evenly over what is allowed; None where rest is unknown.

    None too where nothing says what is allowed.
    """
    low, high = contract.limits.low, contract.limits.high
    if contract.command.kind not in REST or not (np.isfinite(low) & np.isfinite(high)).all():
        return None
    shares = torch.quasirandom.SobolEngine(len(low), scramble=True, seed=0).draw(TRIED).numpy()
    periods = block * -(-PERIODS // block)
    return np.repeat((low + shares * (high - low))[:, None].astype(np.float32), periods, axis=1)
