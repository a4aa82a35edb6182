"""What keeps latents from collapsing into one point, where any prediction would be perfect. Chosen by name.

Statistics are those of the global batch: of the parts of all processes together, not of each part.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from jepa_ros.training.group import ALONE, Group
from jepa_ros.training.losses import Sequences


class SIGReg(nn.Module):
    """Sketched isotropic Gaussian regularisation: random projections of the latents must look like N(0, 1).

    The Epps-Pulley statistic of each projection, by the trapezoid rule over ``knots`` points of the characteristic
    function on [0, 3]. Source: Balestriero and LeCun, LeJEPA (arXiv 2511.08544).
    """

    def __init__(self, projections: int = 128, knots: int = 17, group: Group = ALONE):
        super().__init__()
        self.projections, self.group = projections, group
        points = torch.linspace(0.0, 3.0, knots)[1:]  # at 0, every characteristic function is 1
        gaussian = torch.exp(-(points**2) / 2)
        widths = torch.full_like(points, 3.0 / (knots - 1))
        widths[-1] /= 2
        self.register_buffer("points", points, persistent=False)
        self.register_buffer("gaussian", gaussian.unsqueeze(-1), persistent=False)
        self.register_buffer("weights", 2 * widths * gaussian, persistent=False)

    def forward(self, batch: Sequences) -> Tensor:
        latents = batch.context.flatten(0, -2)
        directions = torch.randn(latents.shape[1], self.projections).to(latents)
        values = latents @ functional.normalize(directions, dim=0)
        count = len(values) * self.group.size
        real, imaginary = self.group.sum(_CharacteristicFunction.apply(values, self.points)) / count
        gap = (real - self.gaussian) ** 2 + imaginary**2
        return (self.weights @ gap).mean() * count


class _CharacteristicFunction(torch.autograd.Function):
    """Sums over K of the cosine and the sine of point × value: values (K, P), points t, 2 t, … (Q,) → (2, Q, P).

    The cosine of every next point follows from the one before by the addition theorem, and the gradient from both:
    autograd would compute the K × P × Q cosines and sines twice.
    """

    @staticmethod
    def forward(context: Any, values: Tensor, points: Tensor) -> Tensor:
        cosines, sines = (values.new_empty(len(points), *values.shape) for _ in range(2))
        angle = values * points[0]
        torch.cos(angle, out=cosines[0])
        torch.sin(angle, out=sines[0])
        for k in range(1, len(points)):
            torch.mul(cosines[k - 1], cosines[0], out=cosines[k]).addcmul_(sines[k - 1], sines[0], value=-1)
            torch.mul(sines[k - 1], cosines[0], out=sines[k]).addcmul_(cosines[k - 1], sines[0])
        context.save_for_backward(cosines, sines, points)
        return torch.stack([cosines.sum(1), sines.sum(1)])

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        cosines, sines, points = context.saved_tensors
        real, imaginary = gradient * points[:, None]
        result = torch.zeros_like(cosines[0])
        for k in range(len(points)):
            result.addcmul_(cosines[k], imaginary[k]).addcmul_(sines[k], real[k], value=-1)
        return result, None


class Variance(nn.Module):
    """Every component of the latents must have a standard deviation of at least 1 over the batch.

    Source: the variance term of VICReg, Bardes, Ponce and LeCun (arXiv 2105.04906), eq. 1.
    """

    def __init__(self, group: Group = ALONE):
        super().__init__()
        self.group = group

    def forward(self, batch: Sequences) -> Tensor:
        deviation = torch.sqrt(covariance(batch.context, self.group).diagonal() + 1e-4)
        return functional.relu(1 - deviation).mean()


class Covariance(nn.Module):
    """No component of the latents may be guessed, linearly, from another.

    Source: the covariance term of VICReg, Bardes, Ponce and LeCun (arXiv 2105.04906), eq. 4.
    """

    def __init__(self, group: Group = ALONE):
        super().__init__()
        self.group = group

    def forward(self, batch: Sequences) -> Tensor:
        matrix = covariance(batch.context, self.group)
        return (matrix - torch.diag(matrix.diagonal())).pow(2).sum() / len(matrix)


class Teacher(nn.Module):
    """A slowly moving copy of the encoder, whose latents are the targets; no gradient flows through it.

    Its weights are an exponential moving average of the encoder's. Source: BYOL (arXiv 2006.07733), as in I-JEPA
    (arXiv 2301.08243).
    """

    def __init__(self, encoder: nn.Module, momentum: float):
        super().__init__()
        self.encoder, self.momentum = copy.deepcopy(encoder).requires_grad_(False), momentum

    @torch.no_grad()
    def follow(self, encoder: nn.Module) -> None:
        """Move a little towards the encoder as it is now."""
        torch._foreach_lerp_(list(self.encoder.parameters()), list(encoder.parameters()), 1 - self.momentum)


def covariance(latents: Tensor, group: Group = ALONE) -> Tensor:
    """The covariance (D, D) of latents (..., D) over the global batch; gradients flow through it."""
    rows = latents.flatten(0, -2)
    count = len(rows) * group.size
    centred = rows - group.sum(rows.sum(0)) / count
    return group.sum(centred.T @ centred) / (count - 1)
