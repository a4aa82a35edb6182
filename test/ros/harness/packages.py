"""Packages of users' own, really installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "1.0"

[project.entry-points."jepa_ros.costs"]
{cost} = "{name}:{symbol}"

[tool.setuptools]
py-modules = ["{name}"]
"""


def install_cost(folder: Path, name: str, cost: str, symbol: str, code: str) -> Path:
    """Write a package of one module that brings a cost along, and have pip install it.

    Returns the directory to put on a process's PYTHONPATH. Nothing is fetched from anywhere.
    """
    source, site = folder / "source", folder / "site"
    source.mkdir()
    (source / "pyproject.toml").write_text(PROJECT.format(name=name, cost=cost, symbol=symbol))
    (source / f"{name}.py").write_text(code)
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *offline, "--target", str(site), str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return site
