import re
from pathlib import Path

import pytest

from jepa_ros.contract import Contract
from jepa_ros.contract.message_types import KNOWN
from jepa_ros.contract.schema import Align, Channel, Command, Head, Jepa, Limit, Qos, Source

DOC = (Path(__file__).parents[2] / "doc/contract.md").read_text()
EXAMPLES = [text for text in re.findall(r"```yaml\n(.*?)```", DOC, re.DOTALL) if "robot_type:" in text]


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_examples_load_and_limit_every_action(text):
    limits = Contract.parse(text).limits
    for bound in (limits.low, limits.high, limits.rate):
        assert abs(bound).max() < 10


def test_there_is_an_example_of_each_way_to_command():
    contracts = [Contract.parse(text) for text in EXAMPLES]
    types = {entry.channel.type for contract in contracts for entry in contract.actions.values()}
    assert len(types) == len(EXAMPLES) == 3


@pytest.mark.parametrize("model", [Head, Source, Channel, Qos, Align, Jepa, Limit, Command])
def test_every_key_and_every_word_is_documented(model):
    for name, field in model.model_fields.items():
        assert f"`{name}`" in DOC or f"{name}:" in DOC, name
        for word in re.findall(r"'([a-z_0-9]+)'", str(field.annotation)):
            assert word in DOC, word


def test_every_known_type_that_is_named_exists():
    named = re.findall(r"`((?:std|sensor|geometry|nav|trajectory|control)_msgs/msg/\w+)`", DOC)
    assert named
    assert set(named) <= set(KNOWN)
