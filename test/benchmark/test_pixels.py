"""The baseline differs from the world model in what a prediction is compared with, and in nothing else."""

import torch

from benchmark.logs import explore
from benchmark.pixels import Decoder, Reconstruction, pixel_terms
from jepa_ros.simulation.simulators import Simulator
from jepa_ros.training import Recipe, Trainer
from jepa_ros.training.losses import Sequences
from jepa_ros.training.terms import usual_terms
from jepa_ros.world_model import WorldModel


def test_a_decoder_makes_pictures_of_the_cameras_size(model):
    (size,) = model.architecture.images.values()
    assert Decoder(size, model.architecture)(torch.zeros(2, model.architecture.latent_size)).shape == (2, *size, 3)


def test_one_term_differs(model):
    usual, pixels = (terms(model, Recipe()) for terms in (usual_terms, pixel_terms))
    assert {name: type(term) for name, term in pixels.items()} == {
        **{name: type(term) for name, term in usual.items()},
        "prediction": Reconstruction,
    }


def test_present_and_predicted_latents_are_both_compared_with_their_frames(model):
    term = Reconstruction(model.architecture)
    context = torch.randn(2, 3, model.architecture.latent_size, requires_grad=True)
    predicted = torch.randn(2, 2, model.architecture.latent_size, requires_grad=True)
    images = {key: torch.zeros(2, 3, *size, 3, dtype=torch.uint8) for key, size in model.architecture.images.items()}
    term(Sequences(context, context, predicted, torch.empty(0), torch.empty(0), images)).backward()
    for latents in (context, predicted):
        assert latents.grad.abs().sum(-1).gt(0).all()


def test_it_learns_to_reconstruct(model, contract):
    torch.manual_seed(0)
    fresh = WorldModel(model.architecture, contract, model.calibration, "fresh")
    errors = []
    trainer = Trainer(
        fresh, [explore(Simulator(contract).anywhere(1), 10.0, 1)], Recipe(steps=40, batch=8), pixel_terms
    )
    trainer.run(lambda now: errors.append(now.terms["prediction"]), every=5)
    assert errors[-1] < 0.5 * errors[0]
