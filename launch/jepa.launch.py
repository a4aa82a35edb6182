"""World model and planner for a robot.

ros2 launch jepa_ros jepa.launch.py contract:=my_robot.yaml model:=models/my_robot namespace:=my_robot
"""

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from jepa_ros.ros.base.transport import transport

ARGUMENTS = (
    DeclareLaunchArgument("contract", default_value="", description="path of the robot's contract file"),
    DeclareLaunchArgument("model", default_value="", description="model directory, or Hugging Face Hub id"),
    DeclareLaunchArgument("namespace", default_value="", description="namespace of the robot and its nodes"),
    DeclareLaunchArgument(
        "params_file", default_value="", description="parameter file of the nodes, with /** as its key"
    ),
    DeclareLaunchArgument(
        "composed",
        default_value="false",
        choices=["true", "false"],
        description="run both nodes in one process, with one copy of the model",
    ),
    DeclareLaunchArgument(
        "autostart",
        default_value="true",
        choices=["true", "false"],
        description="configure and activate the nodes; false leaves it to a lifecycle manager",
    ),
    DeclareLaunchArgument(
        "use_sim_time",
        default_value="false",
        choices=["true", "false"],
        description="take the time from /clock",
    ),
    DeclareLaunchArgument(
        "log_level",
        default_value="info",
        choices=["debug", "info", "warn", "error", "fatal"],
        description="least severe log messages to show",
    ),
)


def start_nodes(context: LaunchContext) -> list[Node]:
    """One process per node, or one for both."""
    arguments = context.launch_configurations
    # A path that is not given here is left to the parameter file.
    paths = {name: arguments[name] for name in ("contract", "model") if arguments[name]}
    switches = {name: arguments[name] == "true" for name in ("autostart", "use_sim_time")}
    parameters = {name: ParameterValue(path, value_type=str) for name, path in paths.items()} | switches
    files = [arguments["params_file"]] if arguments["params_file"] else []
    executables = ["container"] if arguments["composed"] == "true" else ["world_model", "planner"]
    return [
        Node(
            package="jepa_ros",
            executable=executable,
            namespace=arguments["namespace"],
            parameters=[*files, parameters],
            ros_arguments=["--log-level", arguments["log_level"]],
            output="screen",
            emulate_tty=True,
        )
        for executable in executables
    ]


def generate_launch_description() -> LaunchDescription:
    # Where the robot's camera is started elsewhere, it needs this setting too.
    return LaunchDescription(
        [
            *ARGUMENTS,
            *(SetEnvironmentVariable(name, content) for name, content in transport().items()),
            OpaqueFunction(function=start_nodes),
        ]
    )
