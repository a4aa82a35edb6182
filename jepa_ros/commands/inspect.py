"""``inspect``: what a contract, a recording or a model holds, and whether they fit together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro


def inspect(
    path: Annotated[Path, tyro.conf.Positional],
    contract: Path | None = None,
    namespace: str = "",
    picture: Path | None = None,
) -> int:
    """Say what a contract, a recording or a model directory holds, and whether it fits a contract.

    The exit status is 1 where a bag has an error that training would refuse.

    Args:
        path: a contract file, a bag, a LeRobot dataset (v3.0), a folder of them, or a model directory.
        contract: the contract that it should fit; a bag's or a model's own by default.
        namespace: the robot's, where a bag holds several robots.
        picture: file (PNG) that the audit of a bag is drawn into.
    """
    from jepa_ros.commands.show.audit import audit_table
    from jepa_ros.commands.show.inspection import audits, datasets, inspection, is_recording
    from jepa_ros.commands.show.terminal import console
    from jepa_ros.data.audit import save_picture

    if not is_recording(path):
        console.print(inspection(path, contract))
        return 0
    found = audits(path, contract, namespace)
    if picture is not None and len(found) != 1:
        raise ValueError(f"--picture draws one bag; {path} holds {len(found)}")
    for dataset in datasets(path, contract):
        console.print(dataset)
    for audit in found:
        console.print(audit_table(audit))
    if picture is not None:
        console.print(f"picture: {save_picture(found[0], picture)}", soft_wrap=True)
    return 0 if all(audit.fits for audit in found) else 1
