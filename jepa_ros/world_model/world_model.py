"""The world model: encode the present, predict the future, measure how far it is from a goal."""

from __future__ import annotations

import copy
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from jepa_ros.contract import Contract, Observation
from jepa_ros.world_model import directory
from jepa_ros.world_model.architecture import Architecture
from jepa_ros.world_model.calibration import Calibration
from jepa_ros.world_model.compiled import Compiled
from jepa_ros.world_model.encoder import Encoder, Percept
from jepa_ros.world_model.engine import bfloat16_pays, resolved, rounded
from jepa_ros.world_model.graphs import Graphs
from jepa_ros.world_model.predictor import PREDICTORS, one_by_one
from jepa_ros.world_model.proposer import Proposer
from jepa_ros.world_model.readout import StateReadout


class WorldModel(nn.Module):
    """An encoder and an action-conditioned predictor that share a latent space, with the numbers that calibrate them.

    Takes observations and actions in the contract's units and order; all normalisation happens inside. ``name`` is
    what messages carry to say whose latents they are. ``proposer`` says what to do to get somewhere; None where that
    was never learnt.
    """

    def __init__(self, architecture: Architecture, contract: Contract, calibration: Calibration, name: str):
        super().__init__()
        self.architecture, self.contract, self.name = architecture, contract, name
        self.encoder = Encoder(architecture)
        self.predictor = PREDICTORS[architecture.latent](architecture)
        self.proposer: Proposer | None = None
        self.calibrate(calibration)

    @classmethod
    def from_pretrained(cls, path_or_id: str | Path, device: str = "cpu") -> WorldModel:
        """A model directory, or a Hugging Face Hub id, ready for inference. Raises ModelError saying what is wrong."""
        files = directory.read(path_or_id)
        model = cls(files.architecture, files.contract, files.calibration, files.name)
        _fill(model, files.weights, f"{files.name}/{directory.WEIGHTS}")
        if files.proposal is not None:
            model.proposer = Proposer(files.architecture)
            _fill(model.proposer, files.proposal, f"{files.name}/{directory.PROPOSAL}")
        return model.to(device).eval().requires_grad_(False)

    def save_pretrained(self, path: str | Path, card: str) -> None:
        """Write the model directory (config, weights, contract, calibration, and ``card`` as its README.md)."""
        weights = {name: value for name, value in self.state_dict().items() if not name.startswith("proposer.")}
        proposal = None if self.proposer is None else self.proposer.state_dict()
        parts = (self.architecture, weights, self.contract, self.calibration, self.name, proposal)
        directory.write(Path(path), directory.ModelFiles(*parts), card)

    def calibrate(self, calibration: Calibration) -> None:
        """Use these numbers from now on."""
        self.calibration = calibration
        for field in ("state_mean", "state_scale", "action_scale"):
            value = torch.tensor(getattr(calibration, field), dtype=torch.float32, device=self.device)
            self.register_buffer(field, value, persistent=False)

    @property
    def device(self) -> torch.device:
        return self.encoder.unseen.device

    def encode(self, observation: Observation) -> Tensor:
        """The latent (1, N, D) of one observation. A sense it lacks (no images, NaN states) is left out, not faked."""
        return self.perceive(observation).latent

    def perceive(self, observation: Observation) -> Percept:
        """One observation with all senses, and by sight alone, from one look at its images."""
        images = {key: self._tensor(image).unsqueeze(0) for key, image in observation.images.items()}
        return self.encoder.perceive(images, self.normalise_state(self._tensor(observation.state).unsqueeze(0)))

    def predict(self, latent: Tensor, actions: Tensor) -> Tensor:
        """The latents after each step of k actions: (B, N, D) or a context, see there, and (B, H, A) → (B, H/k, N, D).

        An action is the mean command of its period; ``jepa_ros.contract.period_means`` makes it of what is sent. k is
        the architecture's ``action_block``, 1 by default. Raises ValueError where H is no multiple of it.
        """
        return self.predictor.roll_out(self.context(latent), self.blocks(actions))

    def by_engine(self, engine: str) -> WorldModel:
        """The model as it predicts by an engine; see :mod:`jepa_ros.world_model.engine`. Raises ValueError."""
        ways = {
            "float32": lambda: self,
            "bfloat16": lambda: self._in_bfloat16,
            "compiled": lambda: self._compiled,
            "cuda_graphs": lambda: self._replayed,
        }
        return ways[resolved(engine, self.predictor)]()

    def exactly_by_engine(self, engine: str) -> WorldModel:
        """The same with all digits, for who compares predictions that hardly differ. Raises ValueError."""
        ways = {"compiled": lambda: self._compiled_exactly, "cuda_graphs": lambda: self._replayed}
        return ways.get(resolved(engine, self.predictor), lambda: self)()

    @cached_property
    def _in_bfloat16(self) -> WorldModel:
        """Made once, of the weights as they are then."""
        with torch.inference_mode(False):  # gradients pass through what it predicts
            other = copy.copy(self)
            other._modules = {**self._modules, "predictor": rounded(self.predictor)}
        return other

    @cached_property
    def _compiled(self) -> WorldModel:
        return self._in_bfloat16._as_code() if bfloat16_pays(self.predictor) else self._compiled_exactly

    @cached_property
    def _compiled_exactly(self) -> WorldModel:
        return self._as_code()

    def _as_code(self) -> WorldModel:
        other = copy.copy(self)
        other.predict = Compiled(self._predict_one_by_one)  # a compiler sees better what is not written in place
        return other

    def _predict_one_by_one(self, latent: Tensor, actions: Tensor) -> Tensor:
        return one_by_one(self.predictor, self.context(latent), self.blocks(actions))

    @cached_property
    def _replayed(self) -> WorldModel:
        other = copy.copy(self)
        other.predict = Graphs(self.predict)
        return other

    def context(self, latent: Tensor) -> Tensor:
        """What the predictor looks at (B, K, N, D): the last K latents, one step apart, oldest first.

        Made of any number of successive latents (B, T, N, D), or of the newest alone (B, N, D): where the past is
        shorter than K, its oldest latent is repeated, as if everything had been at rest before.
        """
        past = latent.unsqueeze(1) if latent.dim() == 3 else latent[:, -self.architecture.history :]
        missing = self.architecture.history - past.shape[1]
        return torch.cat([past[:, :1].expand(-1, missing, -1, -1), past], dim=1) if missing else past

    def blocks(self, actions: Tensor) -> Tensor:
        """Normalised actions of whole steps: (B, H, A) in contract units → (B, H/k, k·A). Raises ValueError."""
        steps = self.architecture.steps(actions.shape[1])
        return (actions / self.action_scale).unflatten(1, (steps, -1)).flatten(2)

    def propose(self, latent: Tensor, goal: Tensor) -> Tensor:
        """Actions (M, H, A), as they would be sent, that may lead from a latent (N, D) to a goal latent (N, D).

        Neither legal nor compared with each other. There must be a ``proposer``.
        """
        return self.proposer.propose(latent, goal) * self.action_scale

    def distance(self, latent: Tensor, goal: Tensor) -> Tensor:
        """How far latents (..., N, D) are from a goal latent: (...), 1.0 = the median between two random states."""
        return torch.linalg.vector_norm(latent - goal, dim=(-2, -1)) / self.calibration.distance_scale

    def difference(self, latent: Tensor, goal: Tensor) -> Tensor:
        """What lies between latents (..., N, D) and a goal latent: vectors (..., N·D), each as long as the distance."""
        return (latent - goal).flatten(-2) / self.calibration.distance_scale

    def strangeness(self, latent: Tensor) -> Tensor:
        """How far latents (..., N, D) are from what the encoder makes of the states that they tell: a distance (...).

        What was perceived in normal operation is near 0; predictions that go wrong tend to leave what can be perceived.
        """
        state = self.normalise_state(self.readout(latent))
        return self.distance(latent, self.encoder.join(self.encoder.unseen, state))

    @cached_property
    def readout(self) -> StateReadout:
        """What latents say of the state; found when first asked for, so the model must be trained and calibrated."""
        return StateReadout(self)

    def normalise_state(self, state: Tensor) -> Tensor:
        return (state - self.state_mean) / self.state_scale

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.as_tensor(array, device=self.device)


def _fill(network: nn.Module, weights: dict[str, Tensor], file: str) -> None:
    """Give a network its weights. Raises ModelError naming the file where they don't fit."""
    directory.check_weights(file, weights, network.state_dict())
    network.load_state_dict(weights)
