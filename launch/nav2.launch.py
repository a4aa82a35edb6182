"""World model and planner beside Nav2: Nav2 drives the far part of long routes, the planner the last metres by image.

ros2 launch jepa_ros nav2.launch.py contract:=my_robot.yaml model:=models/my_robot map:=my_map.yaml
"""

import tempfile
from pathlib import Path

import yaml
from ament_index_python.packages import PackageNotFoundError, get_package_share_directory
from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, GroupAction, IncludeLaunchDescription, OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch_ros.actions import SetParameter, SetRemap

from jepa_ros.contract import load_contract
from jepa_ros.ros.navigation.parameters import HEAD, for_robot, overlaid, velocity_topics

SHARE = Path(__file__).resolve().parent.parent
ARGUMENTS = (
    DeclareLaunchArgument("contract", description="path of the robot's contract file"),
    DeclareLaunchArgument("model", description="model directory, or Hugging Face Hub id"),
    DeclareLaunchArgument("namespace", default_value="", description="namespace of the robot and its nodes"),
    DeclareLaunchArgument("params_file", default_value="", description="parameter file of world_model and planner"),
    DeclareLaunchArgument("map", default_value="", description="map file for Nav2's localisation"),
    DeclareLaunchArgument(
        "slam", default_value="False", choices=["True", "False"], description="make the map while driving instead"
    ),
    DeclareLaunchArgument("frame", default_value="map", description="frame in which routes are remembered"),
    DeclareLaunchArgument(
        "nav2_params_file", default_value="", description="the robot's parameter file for Nav2; empty: Nav2's own"
    ),
    DeclareLaunchArgument(
        "nav2_overlay",
        default_value=str(SHARE / "config/params/nav2.yaml"),
        description="parameters that are laid over those of nav2_params_file",
    ),
    DeclareLaunchArgument(
        "use_sim_time", default_value="false", choices=["true", "false"], description="take the time from /clock"
    ),
)


def start_both(context: LaunchContext) -> list[GroupAction]:
    arguments = context.launch_configurations
    contract = load_contract(arguments["contract"])
    jepa = {name: arguments[name] for name in ("contract", "model", "namespace", "params_file", "use_sim_time")}
    robot = GroupAction(
        [
            SetParameter("hand_over.topic", "goal_pose"),
            SetParameter("pose.frame", arguments["frame"]),
            *(SetRemap(topic, HEAD) for topic in velocity_topics(contract)),
            _included(SHARE / "launch/jepa.launch.py", jepa),
        ]
    )
    bringup = nav2_bringup()
    files = [
        Path(arguments["nav2_params_file"] or bringup / "params/nav2_params.yaml"),
        Path(arguments["nav2_overlay"]),
    ]
    under, over = (yaml.safe_load(file.read_text()) for file in files)
    parameters = for_robot(overlaid(under, over), contract, arguments["namespace"])
    nav2 = {name: arguments[name] for name in ("namespace", "map", "slam", "use_sim_time")}
    nav2 |= {"use_namespace": str(bool(arguments["namespace"])), "params_file": _written(parameters)}
    return [robot, GroupAction([_included(bringup / "launch/bringup_launch.py", nav2)])]


def nav2_bringup() -> Path:
    """Where Nav2's launch files are."""
    try:
        return Path(get_package_share_directory("nav2_bringup"))
    except PackageNotFoundError as error:
        raise RuntimeError(
            "nav2_bringup is not installed: sudo apt install ros-$ROS_DISTRO-nav2-bringup, or jepa.launch.py alone"
        ) from error


def _included(file: Path, arguments: dict[str, str]) -> IncludeLaunchDescription:
    return IncludeLaunchDescription(PythonLaunchDescriptionSource(str(file)), launch_arguments=arguments.items())


def _written(parameters: dict) -> str:
    """The path of a file with these parameters, for as long as the processes that read it live."""
    with tempfile.NamedTemporaryFile("w", prefix="nav2_", suffix=".yaml", delete=False) as file:
        yaml.safe_dump(parameters, file)
    return file.name


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription([*ARGUMENTS, OpaqueFunction(function=start_both)])
