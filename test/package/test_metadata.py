"""What the package says about itself, in all the places where it says it."""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import jepa_ros

NAME = re.compile(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==", re.MULTILINE)
ROS_PACKAGE = re.compile(r"_(msgs|srvs|interfaces|bridge|python)$|^(rclpy|launch|launch_ros)$")


def version_in(manifest: Path) -> str:
    return ElementTree.parse(manifest).findtext("version")


def test_every_place_names_the_same_version(repository):
    setup = re.search(r'version="(.+)"', (repository / "setup.py").read_text())[1]
    manifests = [version_in(repository / folder / "package.xml") for folder in (".", "jepa_ros_interfaces")]
    assert {setup, *manifests} == {jepa_ros.__version__}


def imported_by(source: str) -> set[str]:
    """Top-level names of the packages that a Python file imports."""
    nodes = list(ast.walk(ast.parse(source)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("folder", ["jepa_ros", "launch"])
def test_every_ros_package_that_is_imported_is_declared_in_the_manifest(repository, folder):
    manifest = ElementTree.parse(repository / "package.xml").getroot()
    declared = {entry.text for entry in manifest if entry.tag.endswith("depend")}
    imported = set().union(*(imported_by(path.read_text()) for path in (repository / folder).rglob("*.py")))
    ros = {name for name in imported if ROS_PACKAGE.search(name)}
    assert ros
    assert ros <= declared


def test_every_requirement_is_pinned(repository):
    for name in ("runtime", "ros", "development", "constraints"):
        lines = (repository / "requirements" / f"{name}.txt").read_text().splitlines()
        wanted = [line for line in lines if line and not line.startswith("#")]
        assert wanted
        assert [line for line in wanted if not NAME.match(line)] == []


def test_both_actions_have_the_same_error_codes(repository):
    def codes(action: str) -> dict[str, int]:
        text = (repository / f"jepa_ros_interfaces/action/{action}.action").read_text()
        return {name: int(number) for name, number in re.findall(r"^uint16 ([A-Z_]+)=(\d+)", text, re.MULTILINE)}

    assert codes("MoveToGoal") == codes("PlanToGoal")
    assert sorted(codes("MoveToGoal").values()) == [0, *range(9800, 9811)]


def test_every_field_of_every_interface_is_explained(repository):
    files = sorted((repository / "jepa_ros_interfaces").glob("*/*.*"))
    assert len(files) == 11
    for file in files:
        for line in file.read_text().splitlines():
            assert not line or line == "---" or "# " in line, f"{file.name}: '{line}' has no comment"
