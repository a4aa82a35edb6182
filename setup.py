"""Build rules for colcon (ament_python): the Python package, its executables, and the files it shares."""

from pathlib import Path

from setuptools import find_packages, setup

NAME = "jepa_ros"


def shared_files():
    """The files of the shared folders, by the folder under share/ that they are installed to."""
    files = [path for top in ("config", "launch", "models") for path in Path(top).rglob("*") if path.is_file()]
    folders = sorted({path.parent for path in files if path.parent.name != "__pycache__"})
    return [(f"share/{NAME}/{folder}", [str(path) for path in files if path.parent == folder]) for folder in folders]


setup(
    name=NAME,
    version="0.1.0",
    description="JEPA world models for ROS 2 robots",
    license="Apache-2.0",
    maintainer="jepa_ros maintainers",
    maintainer_email="maintainers@example.org",
    packages=find_packages(include=[NAME, f"{NAME}.*"]),
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        *shared_files(),
    ],
    install_requires=["setuptools"],
    zip_safe=True,
    entry_points={
        "console_scripts": [
            "world_model = jepa_ros.ros.nodes.world_model_node:main",
            "planner = jepa_ros.ros.nodes.planner_node:main",
            "simulator = jepa_ros.ros.nodes.simulator_node:main",
            "container = jepa_ros.ros.nodes.container:main",
            "jepa_ros = jepa_ros.cli:main",
        ]
    },
)
