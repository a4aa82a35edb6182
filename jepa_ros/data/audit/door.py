"""Refuse recordings that do not fit, before any of the long work begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from jepa_ros.contract import Contract
from jepa_ros.data.audit.checks import check
from jepa_ros.data.audit.survey import survey
from jepa_ros.data.bags.bag import Bag, BagError, read_bag
from jepa_ros.data.bags.excerpts import Excerpts
from jepa_ros.data.lerobot.place import is_dataset

MANY = 3000  # messages of one topic; recordings with fewer are read whole
PERIODS = 10  # that an excerpt lasts, and at least a second
EVERY = 20  # of so many stretches of this length one is read


def insist_on_fit(
    recordings: Sequence[Path], contract: Contract, namespace: str = "", warn: Callable[[str], None] | None = None
) -> None:
    """Look into bags here and there, and refuse those that no model could be trained on.

    Args:
        recordings: see `find_recordings`; datasets are matched with the contract when they are opened.
        contract: what they should fit.
        namespace: the robot's, where a bag has several.
        warn: called with a sentence for everything else that looks wrong.

    Raises:
        BagError: a bag does not fit; names topic, time, what was found and what would be right.
    """
    refused: list[str] = []
    for path in recordings:
        if is_dataset(path):
            continue
        with read_bag(path) as bag:
            findings = check(survey(bag, contract, namespace, _excerpts(bag, contract)))
        for finding in findings:
            if finding.severity == "error":
                refused.append(f"{path}: {finding}")
            elif warn is not None:
                warn(f"{path}: {finding}")
    if refused:
        raise BagError("; ".join(refused))


def _excerpts(bag: Bag, contract: Contract) -> Excerpts | None:
    if max(topic.count for topic in bag.topics.values()) < MANY:
        return None
    length_ns = round(max(1.0, PERIODS * contract.period) * 1e9)
    return Excerpts(length_ns, EVERY * length_ns)
