"""Which entries of the state can be foreseen at all."""

from __future__ import annotations

from jepa_ros.world_model import WorldModel

#: Share of a value's variance that latents must tell for it to be foreseen by them.
LEAST_TOLD = 0.5


def told_states(model: WorldModel) -> tuple[str, ...]:
    """The names of the entries that predictions tell: commands say where they lead, or latents do; see ``readout``."""
    contract = model.contract
    if not contract.state_names:
        return ()
    moved = contract.limits.position_index.tolist()
    by_latents = model.readout.told.tolist()
    names = enumerate(contract.state_names)
    return tuple(name for entry, name in names if entry in moved or by_latents[entry] >= LEAST_TOLD)
