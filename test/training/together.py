"""Trains briefly, alone or as one of torchrun's processes, and keeps what came out: losses, latents' rank, weights."""

import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from jepa_ros.contract import load_contract
from jepa_ros.data.episodes import Episode
from jepa_ros.training import Recipe, Trainer, joined
from jepa_ros.world_model import Architecture, Calibration, WorldModel

ROOT = Path(__file__).resolve().parents[2]


def episode(frames=60):
    random = np.random.default_rng(0)
    return Episode(
        images={"observation.images.top": random.integers(0, 255, (frames, 64, 64, 3), np.uint8)},
        state=random.normal(size=(frames, 2)).astype(np.float32),
        actions=random.normal(size=(frames - 1, 2)).astype(np.float32),
        stamps_ns=np.arange(frames) * 10**8,
        stride=1,
    )


def train(collapse, group):
    contract, data, seen = load_contract(ROOT / "config/contracts/planar_arm.yaml"), episode(), []
    torch.manual_seed(0)
    architecture = Architecture(images=dict(contract.images), state_size=2, action_size=2)
    model = WorldModel(architecture, contract, Calibration.of_data(data.state, data.actions), "x")
    recipe = Recipe(steps=15, batch=16, collapse=collapse, weights={"sigreg": 0.01 if collapse == "sigreg" else 0})
    Trainer(model, [data], recipe, group=group).run(seen.append, every=1)
    curves = {name: [now.figures()[name] for now in seen] for name in seen[0].figures() if name not in ("data_wait",)}
    return {name: torch.tensor(curve) for name, curve in curves.items()}, dict(model.state_dict())


def train_all(folder):
    torch.set_num_threads(1)
    with joined("cpu") as (group, _):
        for collapse in ("sigreg", "vicreg", "ema"):
            curves, weights = train(collapse, group)
            save_file(curves, folder / f"{collapse}.{group.size}.{group.rank}.curves")
            save_file(weights, folder / f"{collapse}.{group.size}.{group.rank}.weights")


if __name__ == "__main__":
    train_all(Path(sys.argv[1]))
