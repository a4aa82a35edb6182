"""All searches, by the names that goals and parameters use."""

from __future__ import annotations

from jepa_ros.planning.as_proposed import AsProposed
from jepa_ros.planning.cross_entropy import CrossEntropy
from jepa_ros.planning.gauss_newton import GaussNewton
from jepa_ros.planning.gradient import GradientDescent
from jepa_ros.planning.icem import ImprovedCrossEntropy
from jepa_ros.planning.mppi import PathIntegral
from jepa_ros.planning.optimiser import Optimiser
from jepa_ros.planning.random_shooting import RandomShooting

OPTIMISERS: dict[str, type[Optimiser]] = {
    "gauss_newton": GaussNewton,
    "cem": CrossEntropy,
    "icem": ImprovedCrossEntropy,
    "mppi": PathIntegral,
    "gradient": GradientDescent,
    "random": RandomShooting,
    "proposal": AsProposed,
}
