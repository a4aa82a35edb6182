import json
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from jepa_ros.contract import Observation
from jepa_ros.paths import shipped
from jepa_ros.world_model import ModelError, WorldModel


@pytest.fixture
def saved(model, tmp_path: Path) -> Path:
    model.save_pretrained(tmp_path / "arm", "# card")
    return tmp_path / "arm"


def test_a_saved_model_comes_back_equal(model, saved, episodes):
    back = WorldModel.from_pretrained(saved)
    observation = Observation(0, {k: v[0] for k, v in episodes[0].images.items()}, episodes[0].state[0])
    torch.testing.assert_close(back.encode(observation), model.encode(observation), rtol=0, atol=0)
    assert back.calibration == model.calibration
    assert back.contract.text == model.contract.text


def test_a_directory_holds_what_the_design_says_and_nothing_else(saved):
    assert {path.name for path in saved.iterdir()} == {
        "config.json",
        "model.safetensors",
        "contract.yaml",
        "calibration.json",
        "README.md",
        "proposal.safetensors",
    }
    assert not [path for path in saved.parent.iterdir() if path != saved]


def test_the_name_changes_with_the_weights_and_only_with_them(model, saved, tmp_path):
    first = WorldModel.from_pretrained(saved).name
    assert WorldModel.from_pretrained(saved).name == first
    weights = load_file(saved / "model.safetensors")
    weights["encoder.unseen"] += 1
    save_file(weights, saved / "model.safetensors")
    assert WorldModel.from_pretrained(saved).name != first
    assert first.startswith("arm@")


@pytest.fixture
def with_proposal(proposing, tmp_path: Path) -> Path:
    proposing.save_pretrained(tmp_path / "arm", "# card")
    return tmp_path / "arm"


def test_a_proposal_lies_beside_the_weights_and_comes_back_equal(proposing, with_proposal):
    back = WorldModel.from_pretrained(with_proposal)
    here, there = torch.randn(2, 1, proposing.architecture.latent_size)
    assert torch.equal(back.propose(here, there), proposing.propose(here, there))
    assert sum(path.stat().st_size for path in with_proposal.iterdir()) < 3e6


def test_neither_the_weights_nor_the_name_change_with_a_proposal(with_proposal):
    name, weights = (
        WorldModel.from_pretrained(with_proposal).name,
        shipped("models/planar_arm/model.safetensors").read_bytes(),
    )
    assert (with_proposal / "model.safetensors").read_bytes() == weights
    (with_proposal / "proposal.safetensors").unlink()
    without = WorldModel.from_pretrained(with_proposal)
    assert (without.name, without.proposer) == (name, None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda w: w.pop("network.0.bias"), "network.0.bias: found nothing"),
        (lambda w: w.update({"network.4.bias": torch.zeros(3)}), r"network.4.bias: found .*; allowed"),
        (lambda w: w["network.0.bias"].fill_(float("nan")), "not finite"),
    ],
)
def test_a_proposal_that_does_not_fit_is_refused(with_proposal, change, reason):
    spoil_weights(with_proposal / "proposal.safetensors", change)
    with pytest.raises(ModelError, match=r"proposal\.safetensors: .*" + reason):
        WorldModel.from_pretrained(with_proposal)


def test_a_truncated_proposal_is_refused_by_its_name(with_proposal):
    content = (with_proposal / "proposal.safetensors").read_bytes()
    (with_proposal / "proposal.safetensors").write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match=r"proposal\.safetensors"):
        WorldModel.from_pretrained(with_proposal)


def test_saving_again_replaces_the_older_model(model, saved):
    model.save_pretrained(saved, "# newer card")
    assert (saved / "README.md").read_text() == "# newer card"
    assert [path.name for path in saved.parent.iterdir()] == ["arm"]


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "contract.yaml", "calibration.json"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.95])
def test_a_truncated_file_is_refused_by_its_name(saved, name, share):
    content = (saved / name).read_bytes()
    (saved / name).write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ModelError, match=name):
        WorldModel.from_pretrained(saved)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "contract.yaml", "calibration.json"])
def test_a_missing_file_is_named(saved, name):
    (saved / name).unlink()
    with pytest.raises(ModelError, match=name):
        WorldModel.from_pretrained(saved)


def test_a_pickle_in_place_of_the_weights_is_never_executed(saved, tmp_path):
    class Bomb:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "exploded",))

    (saved / "model.safetensors").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(ModelError, match=r"model\.safetensors"):
        WorldModel.from_pretrained(saved)
    assert not (tmp_path / "exploded").exists()


def spoil_weights(file, change):
    weights = load_file(file)
    change(weights)
    save_file(weights, file)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda w: w.pop("encoder.unseen"), "found nothing"),
        (lambda w: w.update({"extra": torch.zeros(1)}), "allowed nothing"),
        (lambda w: w.update({"encoder.unseen": torch.zeros(3)}), r"encoder\.unseen: found"),
        (lambda w: w.update({"encoder.unseen": w["encoder.unseen"].half()}), "float16"),
        (lambda w: w["encoder.unseen"].fill_(float("nan")), "not finite"),
    ],
)
def test_weights_that_do_not_fit_are_refused(saved, change, reason):
    spoil_weights(saved / "model.safetensors", change)
    with pytest.raises(ModelError, match=reason):
        WorldModel.from_pretrained(saved)


def spoil_json(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("config.json", lambda c: c.update(format="another"), "allowed 'jepa_ros world model, version 1'"),
        ("config.json", lambda c: c["architecture"].update(latent_size=-1), "latent_size"),
        ("config.json", lambda c: c["architecture"].update(state_size=5), "don't belong together"),
        ("config.json", lambda c: c["architecture"].update(surprise=1), "surprise"),
        ("calibration.json", lambda c: c.update(tolerance=0), "tolerance"),
        ("calibration.json", lambda c: c.update(distance_scale=float("nan")), "distance_scale"),
        ("calibration.json", lambda c: c.update(surprise_errors=[2.0, 1.0]), "ascend"),
        ("calibration.json", lambda c: c.update(state_mean=[0.0]), "state_mean"),
    ],
)
def test_numbers_that_can_not_be_are_refused_with_the_key(saved, name, change, reason):
    spoil_json(saved / name, change)
    with pytest.raises(ModelError, match=reason):
        WorldModel.from_pretrained(saved)


@pytest.mark.parametrize("path", ["/no/such/model", "./nothing", "plain"])
def test_a_path_without_a_model_is_refused(path):
    with pytest.raises(ModelError, match="no such model directory"):
        WorldModel.from_pretrained(path)


def test_a_file_is_no_model(saved):
    with pytest.raises(ModelError, match="is a file"):
        WorldModel.from_pretrained(saved / "config.json")
