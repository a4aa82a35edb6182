import pytest
import torch
from torch import nn

from jepa_ros.training.collapse import Covariance, SIGReg, Teacher, Variance, covariance
from jepa_ros.training.losses import Sequences


def sequences(latents):
    count, frames = latents.shape[:2]
    nothing = torch.zeros(count, frames, 0)
    return Sequences(latents, latents, latents[:, 1:], nothing[:, 1:], nothing, {})


def descend(latents, *terms):
    latents = latents.clone().requires_grad_()
    optimiser = torch.optim.Adam([latents], lr=0.05)
    for _ in range(100):
        optimiser.zero_grad()
        sum(term(sequences(latents)) for term in terms).backward()
        optimiser.step()
    return latents.detach()


def test_sigreg_prefers_a_gaussian_to_collapse_to_a_line_and_to_two_clusters():
    torch.manual_seed(0)
    gaussian = torch.randn(512, 1, 8)
    others = {
        "collapsed": torch.zeros(512, 1, 8),
        "line": torch.randn(512, 1, 1) * torch.ones(8),
        "clusters": torch.sign(torch.randn(512, 1, 8)) * 3,
    }
    best = SIGReg()(sequences(gaussian))
    assert best < 2
    for latents in others.values():
        assert SIGReg()(sequences(latents)) > 5 * best


@pytest.mark.parametrize("terms", [(SIGReg(),), (Variance(), Covariance())], ids=["sigreg", "vicreg"])
def test_collapsed_latents_are_pulled_apart_in_every_direction(terms):
    torch.manual_seed(0)
    apart = descend(0.01 * torch.randn(256, 1, 1) * torch.ones(8) + 0.001 * torch.randn(256, 1, 8), *terms)
    assert apart.std(0).mean() == pytest.approx(1.0, abs=0.5)
    assert torch.linalg.eigvalsh(covariance(apart)).min() > 0.1


def epps_pulley(latents, directions, knots=17):
    """The statistic as the paper writes it, cosine by cosine."""
    points = torch.linspace(0, 3, knots, dtype=latents.dtype)
    gaussian = torch.exp(-(points**2) / 2)
    angles = (latents @ directions).unsqueeze(-1) * points
    gap = (angles.cos().mean(0) - gaussian) ** 2 + angles.sin().mean(0) ** 2
    return 2 * torch.trapezoid(gap * gaussian, points).mean() * len(latents)


def test_sigreg_and_its_gradient_are_those_of_the_epps_pulley_statistic():
    latents = torch.randn(40, 3, 8, dtype=torch.float64).requires_grad_()
    torch.manual_seed(7)
    found = SIGReg().double()(sequences(latents))
    torch.manual_seed(7)
    directions = nn.functional.normalize(torch.randn(8, 128), dim=0).double()
    expected = epps_pulley(latents.flatten(0, -2), directions)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=0)
    gradients = [torch.autograd.grad(value, latents)[0] for value in (found, expected)]
    torch.testing.assert_close(*gradients, rtol=1e-4, atol=1e-9)


def test_the_variance_term_asks_for_a_deviation_of_one_and_no_more():
    torch.manual_seed(0)
    latents = torch.randn(4000, 1, 4)
    assert Variance()(sequences(0.25 * latents)) == pytest.approx(0.75, abs=0.02)
    assert Variance()(sequences(2 * latents)) == 0


def test_the_covariance_term_counts_what_components_share():
    torch.manual_seed(0)
    alone, shared = torch.randn(4000, 1, 4), torch.randn(4000, 1, 1) * torch.ones(4)
    assert Covariance()(sequences(alone)) == pytest.approx(0.0, abs=0.01)
    assert Covariance()(sequences(shared)) == pytest.approx(3.0, abs=0.2)


@pytest.mark.parametrize("term", [SIGReg, Variance, Covariance])
def test_tokens_count_like_so_many_latents(term):
    pooled = torch.randn(6, 5 * 9, 8)
    values = []
    for latents in (pooled, pooled.unflatten(1, (5, 9))):
        torch.manual_seed(0)
        values.append(term()(sequences(latents)))
    torch.testing.assert_close(*values)


def test_a_teacher_follows_slowly_and_learns_nothing_by_itself():
    student = nn.Linear(3, 3)
    teacher = Teacher(student, 0.9)
    before = student.weight.detach().clone()
    with torch.no_grad():
        student.weight.add_(1.0)
    teacher.follow(student)
    torch.testing.assert_close(teacher.encoder.weight, before + 0.1)
    assert not any(parameter.requires_grad for parameter in teacher.parameters())
