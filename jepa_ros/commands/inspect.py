"""``inspect``: what a contract, a bag or a model holds, and whether they fit together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro


def inspect(path: Annotated[Path, tyro.conf.Positional], contract: Path | None = None) -> int:
    """Say what a contract, a bag or a model directory holds, and whether it fits a contract.

    Args:
        path: a contract file, a bag or a model directory.
        contract: the contract that it should fit; a bag's or a model's own by default.
    """
    from jepa_ros.commands.show.inspection import inspection
    from jepa_ros.commands.show.terminal import console

    console.print(inspection(path, contract))
    return 0
