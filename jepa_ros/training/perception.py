"""See windows of frames as a robot would: under changing light, now without images, now without the state."""

from __future__ import annotations

import torch
from torch import Tensor

from jepa_ros.training.augmentation import jitter
from jepa_ros.training.losses import Sequences
from jepa_ros.training.recipe import Recipe
from jepa_ros.training.windows import Windows
from jepa_ros.world_model import WorldModel


def perceive(model: WorldModel, windows: Windows, recipe: Recipe) -> Sequences:
    """Encode every frame twice, with different senses, and roll the predictor out from the first."""
    state = model.normalise_state(windows.state)
    seen = _see(model, windows.images, recipe.jitter)
    context, target = (_join(model, seen, state, recipe) for _ in range(2))
    predicted = model.predict(context[:, 0].unsqueeze(1), windows.actions).squeeze(2)
    return Sequences(context, target, predicted, windows.actions / model.action_scale, state, windows.images)


def _see(model: WorldModel, images: dict[str, Tensor], strength: float) -> Tensor | None:
    """Features (B, T, width) of the images under random light; None for a machine without a camera."""
    if not images:
        return None
    lit = {camera: jitter(image, strength) for camera, image in images.items()}
    shape = next(iter(lit.values())).shape[:2]
    features = model.encoder.see({camera: image.flatten(0, 1) for camera, image in lit.items()})
    return features.unflatten(0, shape)


def _join(model: WorldModel, seen: Tensor | None, state: Tensor, recipe: Recipe) -> Tensor:
    """Latents (B, T, D) of whole sequences, some of them without their images, others without their state."""
    encoder = model.encoder
    if seen is None:
        return encoder.join(encoder.unseen, state).squeeze(-2)
    lot = torch.rand(len(state), 1, 1, device=state.device)
    felt = torch.where(lot < recipe.unfelt, torch.nan, state)
    seen = torch.where(lot > 1 - recipe.unseen, encoder.unseen, seen)
    return encoder.join(seen, felt).squeeze(-2)
