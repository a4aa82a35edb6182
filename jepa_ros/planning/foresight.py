"""Where the robot is by now: what was seen a while ago, rolled forward under the commands that were sent since."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from jepa_ros.world_model import WorldModel

#: Gives the mean command (A,) between two times (ns), None where none was in force for some part of it.
Commands = Callable[[int, int], "np.ndarray | None"]

#: Seconds beyond which an image's stamp says more of its clock than of its age.
FARTHEST = 1.0


def delay(seen_ns: int, now_ns: int) -> float:
    """Seconds since an image's stamp; 0 where that is not of the last second, and so of another clock."""
    passed = (now_ns - seen_ns) * 1e-9
    return passed if 0 < passed <= FARTHEST else 0.0


@torch.inference_mode()
def look_ahead(model: WorldModel, context: Tensor, seen_ns: int, now_ns: int, commands: Commands) -> Tensor:
    """The context (1, K, N, D) of now, foreseen from one that was perceived at an earlier stamp.

    Whole steps of the model are predicted one after the other; of the last, which time has cut short, a share is gone.
    A robot that nobody commanded has stayed. A stamp that is not of the last second is taken for that of another clock:
    nothing is foreseen then.
    """
    context = model.context(context)
    step_ns = round(model.architecture.action_block * model.contract.period * 1e9)
    if not delay(seen_ns, now_ns):
        return context
    for begin_ns in range(seen_ns, now_ns, step_ns):
        end_ns = min(begin_ns + step_ns, now_ns)
        actions = _means(begin_ns, end_ns, model.architecture.action_block, commands)
        if actions is None:
            continue
        after = model.predict(context, torch.from_numpy(actions).to(context).unsqueeze(0))
        later = torch.cat([context[:, 1:], after], dim=1)
        context = torch.lerp(context, later, (end_ns - begin_ns) / step_ns)
    return context


def _means(begin_ns: int, end_ns: int, count: int, commands: Commands) -> np.ndarray | None:
    """The mean commands (count, A) of equal parts of an interval; None where one is not known."""
    stamps = [begin_ns + (end_ns - begin_ns) * part // count for part in range(count + 1)]
    means = [commands(*interval) for interval in zip(stamps, stamps[1:])]
    return None if any(mean is None for mean in means) else np.stack(means).astype(np.float32)
