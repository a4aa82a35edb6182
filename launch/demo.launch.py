"""The demo on a machine with ROS 2: a simulated arm, its world model and planner, and a client that sends goal images.

ros2 launch jepa_ros demo.launch.py
"""

from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, ExecuteProcess, IncludeLaunchDescription, Shutdown
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import ExecutableInPackage

SHARE = Path(__file__).resolve().parent.parent
CONTRACT = str(SHARE / "config/contracts/planar_arm.yaml")
MODEL = str(SHARE / "models/planar_arm")


def generate_launch_description() -> LaunchDescription:
    arguments = [
        DeclareLaunchArgument(
            "composed",
            default_value="false",
            choices=["true", "false"],
            description="run world model and planner in one process, with one copy of the model",
        ),
        DeclareLaunchArgument("seed", default_value="0", description="seed of the pose in which the arm starts"),
    ]
    robot = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(SHARE / "launch/jepa.launch.py")),
        launch_arguments={
            "contract": CONTRACT,
            "model": MODEL,
            "composed": LaunchConfiguration("composed"),
        }.items(),
    )
    seed = ParameterValue(LaunchConfiguration("seed"), value_type=int)
    simulator = Node(
        package="jepa_ros",
        executable="simulator",
        parameters=[{"contract": CONTRACT, "seed": seed}],
        output="screen",
        emulate_tty=True,
    )
    client = ExecuteProcess(
        name="demo",
        cmd=[ExecutableInPackage(executable="jepa_ros", package="jepa_ros"), "demo", "--client"],
        output="screen",
        emulate_tty=False,  # a line that moves would be torn apart by launch's prefixes and the nodes' logs
        on_exit=Shutdown(reason="the demo has ended"),
    )
    # The robot comes first: it sets the transport for all that follow.
    return LaunchDescription([*arguments, robot, simulator, client])
