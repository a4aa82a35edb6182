"""See windows of frames as a robot would: under changing light, now without images, now without the state."""

from __future__ import annotations

import torch
from torch import Tensor

from jepa_ros.training.augmentation import jitter
from jepa_ros.training.chance import Chance
from jepa_ros.training.losses import Sequences
from jepa_ros.training.recipe import Recipe
from jepa_ros.training.windows import Windows
from jepa_ros.world_model import WorldModel
from jepa_ros.world_model.encoder import Encoder


def perceive(
    model: WorldModel, windows: Windows, recipe: Recipe, chance: Chance, teacher: Encoder | None = None
) -> Sequences:
    """Encode every frame twice, with different senses, and roll the predictor out from the first ones.

    Targets are the ``teacher``'s, where there is one, and no gradient flows through them then.
    """
    history, block = model.architecture.history, model.architecture.action_block
    state = model.normalise_state(windows.state)
    lit = {camera: jitter(image, recipe.jitter, chance) for camera, image in windows.images.items()}
    seen = _see(model.encoder, lit)
    context = _join(model.encoder, seen, state, recipe, chance)
    if teacher is None:
        target = _join(model.encoder, seen, state, recipe, chance)
    else:
        with torch.no_grad():
            target = _join(teacher, _see(teacher, lit), state, recipe, chance)
    predicted = model.predict(context[:, :history], windows.actions[:, (history - 1) * block :])
    latents = (latent.flatten(2) for latent in (context, target, predicted))
    return Sequences(*latents, model.blocks(windows.actions), state, windows.images)


def _see(encoder: Encoder, images: dict[str, Tensor]) -> Tensor | None:
    """Features (B, T, N, width) of the images; None for a machine without a camera."""
    if not images:
        return None
    shape = next(iter(images.values())).shape[:2]
    features = encoder.see({camera: image.flatten(0, 1) for camera, image in images.items()})
    return features.unflatten(0, shape)


def _join(encoder: Encoder, seen: Tensor | None, state: Tensor, recipe: Recipe, chance: Chance) -> Tensor:
    """Latents (B, T, N, D) of whole sequences, some of them without their images, others without their state.

    In float32 whatever the precision, so that small steps are not lost when predictions are added up.
    """
    if seen is None:
        return encoder.join(encoder.unseen, state).float()
    lot = chance.uniform(len(state), 1, 1).to(state.device)
    felt = torch.where(lot < recipe.unfelt, torch.nan, state)
    seen = torch.where(lot.unsqueeze(-1) > 1 - recipe.unseen, encoder.unseen, seen)
    return encoder.join(seen, felt).float()
