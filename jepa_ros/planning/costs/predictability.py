"""Stay where the model is right."""

from __future__ import annotations

from torch import Tensor

from jepa_ros.contract import Contract
from jepa_ros.planning.costs.cost import CostError
from jepa_ros.planning.rollout import Rollout


class Predictability:
    """The strangeness of the predicted latents, summed over the horizon.

    A prediction that goes wrong tends to leave what can be perceived: it becomes a latent that the encoder makes of no
    state. On unseen motion, strangeness and the true error over 8 periods agree in rank by 0.63 (planar arm) and 0.74
    (furnished room), by 0.36 in rooms that are new to the model. With a weight of 3, plans in the furnished room err
    by 14 % less and get as far; see ``predictability.*`` in the benchmark. The state must tell most of what is seen.

    Raises CostError for a robot that measures no state.
    """

    def __init__(self, contract: Contract):
        if not contract.state_names:
            raise CostError("predictability: it compares latents with the state, and this robot measures none")

    def __call__(self, rollout: Rollout) -> Tensor:
        block = rollout.actions.shape[1] // rollout.strangeness.shape[1]
        return block * rollout.strangeness.sum(dim=1)
