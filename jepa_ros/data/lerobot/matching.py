"""Which of a dataset's features and numbers a contract's entries mean: by name, whatever their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jepa_ros.contract import Contract, Entry
from jepa_ros.contract.errors import listed
from jepa_ros.contract.selectors import joint_quantity
from jepa_ros.data.lerobot.information import DatasetError, Feature, Information

#: How LeRobot's own drivers name the numbers of a motor.
MOTOR = {"position": "pos", "velocity": "vel", "effort": "effort"}


@dataclass(frozen=True)
class Part:
    """What an entry of the contract takes from a feature.

    Attributes:
        feature: its name.
        places: where the entry's numbers stand in a row, in the entry's order; () for a picture.
    """

    feature: str
    places: tuple[int, ...] = ()


class Match:
    """The parts of a dataset that a contract reads.

    Attributes:
        parts: key of the contract's entry to what it takes.
        notes: what was taken for what without a name that says so.

    Raises:
        DatasetError: something of the contract is not there; names all of it, and what the dataset has.
    """

    def __init__(self, contract: Contract, information: Information, where: str) -> None:
        self.parts: dict[str, Part] = {}
        self.notes: list[str] = []
        self._features, self._missing = information.features, []
        for feature, entries in _by_feature(contract).items():
            self._take(feature, entries)
        if self._missing:
            contents = "; ".join(f"{name} ({what})" for name, what in information.contents.items())
            raise DatasetError(f"{where} lacks {'; '.join(self._missing)}. It has {contents}")
        if round(information.fps / contract.fps) < 1:
            slower = f"{information.fps:g} rows per second, fewer than the {contract.fps} ticks of the contract"
            raise DatasetError(f"{where} has {slower}; set the contract's fps to what the dataset has, or a part of it")

    def _take(self, name: str, entries: dict[str, Entry]) -> None:
        feature, wants_picture = self._features.get(name), any(entry.is_image for entry in entries.values())
        if feature is None:
            self._missing.append(f"the feature {name}")
        elif feature.is_picture != wants_picture:
            self._missing.append(f"{'pictures' if wants_picture else 'numbers'} under {name}")
        elif feature.is_depth:
            self._missing.append(f"pictures under {name}, which is depth")
        elif wants_picture:
            self.parts.update({key: Part(name) for key in entries})
        elif feature.labels is None:
            self._take_in_order(name, feature, entries)
        else:
            self._take_by_name(name, feature.labels, entries)

    def _take_in_order(self, name: str, feature: Feature, entries: dict[str, Entry]) -> None:
        """Numbers without names are the contract's if there are just as many."""
        wanted = [selector for entry in entries.values() for selector in entry.select]
        if len(wanted) != feature.size:
            self._missing.append(f"names under {name}, to find {listed(wanted)} among {feature.size} numbers")
            return
        first = 0
        for key, entry in entries.items():
            self.parts[key] = Part(name, tuple(range(first, first + len(entry.select))))
            first += len(entry.select)
        if feature.size > 1:
            self.notes.append(f"{name} has no names; its {feature.size} numbers are taken for {listed(wanted)}")

    def _take_by_name(self, name: str, labels: Sequence[str], entries: dict[str, Entry]) -> None:
        for key, entry in entries.items():
            found = [_place(labels, entry, selector) for selector in entry.select]
            absent = [selector for selector, place in zip(entry.select, found) if place is None]
            if absent:
                self._missing.append(f"{listed(absent)} under {name}")
                continue
            self.parts[key] = Part(name, tuple(found))
            strange = [labels[at] for selector, at in zip(entry.select, found) if not labels[at].endswith(selector)]
            if strange:
                self.notes.append(
                    f"{name}: {listed(strange)} taken for {listed(entry.select)}, in the contract's units"
                )


def _by_feature(contract: Contract) -> dict[str, dict[str, Entry]]:
    """The contract's entries under the key that they share in the file."""
    features: dict[str, dict[str, Entry]] = {}
    for key, entry in (*contract.observations.items(), *contract.actions.items()):
        features.setdefault(key.partition("[")[0], {})[key] = entry
    return features


def _place(labels: Sequence[str], entry: Entry, selector: str) -> int | None:
    """Where the selector's number stands; None where no name fits, or several do equally well."""
    for names in _spellings(labels, entry, selector):
        found = [labels.index(name) for name in names if name in labels]
        if len(found) == 1:
            return found[0]
    return None


def _spellings(labels: Sequence[str], entry: Entry, selector: str) -> Iterator[list[str]]:
    """Names that mean the selector, the best first."""
    yield [selector]
    # Rosetta puts a part of the topic before the selectors of a key with several topics
    topic = f".{entry.channel.topic.strip('/').replace('/', '.')}."
    yield [name for name in labels if name.endswith(f".{selector}") and f".{name.removesuffix(selector)}" in topic]
    quantity, joint = joint_quantity(entry.message_type, selector)
    if quantity:
        yield [f"{quantity}.{joint}"]
        yield [f"{joint}.{MOTOR[quantity]}"] if quantity in MOTOR else []
        yield [joint] if quantity == "position" else []
    if selector == "data":
        yield list(labels) if len(labels) == 1 else []
