"""Wrong files: what the person who wrote it is told."""

import random

import pytest

from jepa_ros.contract import Contract, ContractError, load_contract

ANCHORS = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9) if i else '1'}]\n" for i in range(9))

MERGES = "m0: &m0 {a: 1, b: 2}\n" + "".join(
    f"m{i}: &m{i} {{<<: [{', '.join([f'*m{i - 1}'] * 9)}]}}\n" for i in range(1, 12)
)

# name: (text in the planar arm's contract, what stands there instead, words of the message)
EDITS = {
    "a list as key": ("robot_type:", "? [1, 2]\n: 3\nrobot_type:", "", "text as key"),
    "tabs": ("fps: 10 ", "\tfps: 10 ", "", "broken YAML"),
    "an open bracket": ("[64, 64]", "[64, 64", "", "broken YAML"),
    "an unknown alias": ("[64, 64]", "*size", "", "broken YAML"),
    "a python object": ("robot_type: planar_arm", "robot_type: !!python/name:os.system", "", "broken YAML"),
    "a date": ("robot_type: planar_arm", "robot_type: 2026-01-01", "robot_type", "allowed: text"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_wrong_file_is_refused_with_line_key_and_what_is_allowed(edit, refused, arm_text):
    old, new, _, words = edit
    error = refused(old, new)
    assert words in str(error), str(error)
    where = arm_text[: arm_text.index(old)].count("\n") + 1
    assert abs(error.line - where) <= 6, str(error)


FILES = {
    "empty": (b"", "an empty file"),
    "only comments": (b"# nothing\n", "an empty file"),
    "blank": (b"\n\n  \n", "an empty file"),
    "a list": (b"- 1\n- 2\n", "a list"),
    "a word": (b"planar_arm", "text 'planar_arm'"),
    "a number": (b"3", "found 3"),
    "not text": (b"robot_type: arm\nfps: \xff\xfe\n", "not UTF-8"),
    "zeros": (b"robot_type: arm\0\0\0", "broken YAML"),
    "an image": (b"\x89PNG\r\n\x1a\n" + bytes(64), "not UTF-8"),
    "two documents": (b"robot_type: a\n---\nrobot_type: b\n", "broken YAML"),
    "too large": (b"# " + b"x" * 300_000, "256 KiB"),
    "an alias bomb": (ANCHORS.encode(), "too many nested or repeated values"),
    "an alias of itself": (b"robot_type: &a [*a]\n", "too many nested or repeated values"),
    "endless nesting": (b"a: " + b"[" * 1_500, "nested without end"),
    "deep nesting": (b"a: " + b"[" * 40 + b"]" * 40, "too many nested"),
    "an impossible date": (b"robot_type: 2026-13-45\n", "which YAML cannot read"),
    "a tag that lies": (b"fps: !!int ten\n", "which YAML cannot read"),
    "an endless number": (b"fps: " + b"9" * 5000, "which YAML cannot read"),
    "merges of merges": (MERGES.encode(), "found nothing"),
    "a merge of a number": (b"a: {<<: 3}\n", "broken YAML"),
}


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_a_file_that_is_no_contract_is_refused(file, tmp_path):
    content, words = file
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    with pytest.raises(ContractError, match=r"bad\.yaml:") as caught:
        load_contract(path)
    assert words in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ContractError, match=r"none\.yaml:0: found no readable file"):
        load_contract(tmp_path / "none.yaml")


def test_the_line_of_bytes_that_are_not_utf8_is_named(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_bytes(b"robot_type: arm\nfps: \xff\n")
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    assert caught.value.line == 2


def test_the_first_of_several_mistakes_is_reported(arm_text):
    text = arm_text.replace("robot_type: planar_arm", "robot_type: 7").replace("fps: 10 ", "fps: 0")
    with pytest.raises(ContractError, match="robot_type: found 7"):
        Contract.parse(text)


def test_random_damage_to_a_file_ends_in_a_contract_or_in_a_refusal(arm_text):
    rng = random.Random(0)
    words = ["~", "[]", "{}", "!!int a", "&a", "*a", "<<", "- ", "? ", "|", "1e999", "9" * 5000, "%", "\0", "é"]
    refused = 0
    for _ in range(200):
        first = rng.randrange(len(arm_text))
        last = first + rng.choice([0, 0, 1, 2, 5, 20])
        try:
            Contract.parse(arm_text[:first] + rng.choice(["", *words]) + arm_text[last:])
        except ContractError:
            refused += 1
    assert refused > 50
