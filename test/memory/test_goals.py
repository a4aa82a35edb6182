import pytest
import torch

from jepa_ros.memory import GoalNameError, SavedGoals


def test_a_saved_goal_comes_back_with_its_model(tmp_path):
    latent = torch.randn(1, 16)
    SavedGoals(tmp_path).save("cup", latent, "arm@1")
    back, model = SavedGoals(tmp_path).load("cup")
    assert torch.equal(back, latent)
    assert model == "arm@1"


def test_names_are_listed_in_order_and_replaced_not_doubled(tmp_path):
    goals = SavedGoals(tmp_path / "new" / "folder")
    assert goals.names() == []
    for name in ("b", "a.1", "b"):
        goals.save(name, torch.zeros(1, 2), "m")
    assert goals.names() == ["a.1", "b"]
    assert len(list(goals.folder.iterdir())) == 2


@pytest.mark.parametrize("name", ["", ".hidden", "../up", "a/b", "ä", "x" * 65, "new\nline", "with space"])
def test_names_that_could_do_harm_are_refused(tmp_path, name):
    with pytest.raises(GoalNameError):
        SavedGoals(tmp_path).save(name, torch.zeros(1), "m")
    with pytest.raises(GoalNameError):
        SavedGoals(tmp_path).load(name)
    assert not list(tmp_path.iterdir())


def test_an_unknown_name_is_answered_with_those_there_are(tmp_path):
    goals = SavedGoals(tmp_path)
    goals.save("cup", torch.zeros(1), "m")
    with pytest.raises(GoalNameError, match="saved: cup"):
        goals.load("mug")


def test_a_damaged_file_is_refused_and_others_stay_readable(tmp_path):
    goals = SavedGoals(tmp_path)
    goals.save("good", torch.ones(3), "m")
    goals.save("bad", torch.ones(3), "m")
    path = tmp_path / "bad.safetensors"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(GoalNameError, match="save it again"):
        goals.load("bad")
    assert goals.load("good")[0].sum() == 3
