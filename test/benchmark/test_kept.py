"""What was made is kept, until what it is made of changes."""

from pathlib import Path

import pytest

from benchmark import kept


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small copy of what models are made of."""
    for name in ("jepa_ros/data/episodes.py", "jepa_ros/ros/node.py", "config/contracts/planar_arm.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("before")
    monkeypatch.setattr(kept, "ROOT", tmp_path)
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "build")
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "times"),
    [("jepa_ros/data/episodes.py", 2), ("config/contracts/planar_arm.yaml", 2), ("jepa_ros/ros/node.py", 1)],
)
def test_it_is_made_anew_where_what_it_is_made_of_changes(package: Path, changed, times):
    made = []
    for content in ("before", "after"):
        (package / changed).write_text(content)
        folder = kept.kept("model", made.append, package / "config/contracts/planar_arm.yaml")
    assert len(made) == times
    assert folder.is_dir()


def test_what_failed_is_not_taken_for_whole(package: Path):
    with pytest.raises(ZeroDivisionError):
        kept.kept("model", lambda folder: 1 / 0)
    made = []
    kept.kept("model", made.append)
    assert len(made) == 1
