"""The node that acts: serves goals, and is the only one that commands the robot."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.callback_groups import ReentrantCallbackGroup
from std_srvs.srv import Trigger

from jepa_ros.memory import GoalNameError, SavedGoals
from jepa_ros.ros.base.beside import beside
from jepa_ros.ros.base.diagnostics import Diagnostics
from jepa_ros.ros.base.lifecycle import LifecycleNode, Refusal
from jepa_ros.ros.base.parameters import COMMON, Parameter, value
from jepa_ros.ros.base.running import alone, run
from jepa_ros.ros.goals import searches
from jepa_ros.ros.goals.commander import Commander
from jepa_ros.ros.goals.display import Display
from jepa_ros.ros.goals.explore import ExploreAction
from jepa_ros.ros.goals.goal_action import Robot
from jepa_ros.ros.goals.goal_reader import GoalError, GoalReader
from jepa_ros.ros.goals.inputs import Inputs
from jepa_ros.ros.goals.motion import Wheel
from jepa_ros.ros.goals.move_to_goal import MoveToGoalAction
from jepa_ros.ros.goals.plan_to_goal import PlanToGoalAction
from jepa_ros.ros.goals.remedies import ACTIVATE
from jepa_ros.ros.memory import places
from jepa_ros.ros.navigation import stack, velocity_chain
from jepa_ros.ros.wire.images import image_decoder
from jepa_ros_interfaces.srv import ListGoals, SaveGoal

PARAMETERS = (
    *COMMON,
    *places.PARAMETERS,
    *stack.PARAMETERS,
    *searches.PARAMETERS,
    Parameter(
        "time_budget",
        0.5,
        "time that plan_to_goal searches for, where the goal does not say",
        "s",
        0.001,
        60.0,
    ),
    Parameter("timeout", 60.0, "longest motion of move_to_goal, where the goal does not say", "s", 0.1, 3600.0),
    Parameter("dwell", 0.3, "how long the goal must stay within tolerance to count as reached", "s", 0.0, 10.0),
    Parameter(
        "stuck_after", 3.0, "time without progress after which a motion tries again, then is STUCK", "s", 0.5, 600.0
    ),
    Parameter(
        "surprised_after",
        0.5,
        "time of unbroken surprise after which a motion tries again, then is SURPRISED",
        "s",
        0.1,
        60.0,
    ),
    Parameter(
        "input_timeout",
        1.0,
        "time without observations after which a goal ends with NO_OBSERVATION",
        "s",
        0.1,
        60.0,
    ),
)


class PlannerNode(LifecycleNode):
    """Serves plan_to_goal, move_to_goal and explore, keeps goals by name, and sends the contract's commands."""

    def __init__(self, **options: Any):
        super().__init__("planner", PARAMETERS + searches.installed_parameters(), **options)

    def configure(self) -> None:
        self.contract = self.load_contract()
        self.model = self.load_model(self.contract)
        self.check_search()
        self.check_velocity_chain()
        memory = Path(value(self, "memory")).expanduser() / self.get_namespace().strip("/")
        self.saved = SavedGoals(memory / "goals")
        self.places = places.Places(self, self.model, self.contract, memory)
        self.inputs = Inputs(self, self.model, self.contract, self.places)
        self.commander = Commander(self, self.contract, self.announce)
        decode = image_decoder()
        reader = GoalReader(self.model, self.contract, decode, self.saved)
        display = Display(self, self.contract, self.inputs, self.places, decode)
        self.stack = stack.NavigationStack(self) if value(self, "hand_over.topic") else None
        robot = Robot(
            self, self.contract, self.model, self.inputs, self.commander, reader, display, self.places, self.stack
        )
        wheel = Wheel(robot)
        self.move, self.explore = MoveToGoalAction(robot, wheel), ExploreAction(robot, wheel)
        self.plan = PlanToGoalAction(robot)
        for action in (self.move, self.explore, self.plan):
            self.own(action.destroy)
        self.serve(SaveGoal, "~/save_goal", self.on_save_goal)
        self.serve(ListGoals, "~/list_goals", self.on_list_goals)
        self.serve(Trigger, "~/stop", self.on_stop, callback_group=ReentrantCallbackGroup())
        self.own(Diagnostics(self, self.contract.robot_type, self.report).destroy)

    def check_search(self) -> None:
        """Raise Refusal where the parameters make no planner, rather than refuse every goal later."""
        try:
            searches.make_planner(self, self.model, self.contract.limits)
        except GoalError as error:
            raise Refusal(str(error)) from error

    def check_velocity_chain(self) -> None:
        """Raise Refusal where the robot's commands would go past what keeps it from collisions, as far as is known."""
        objection = velocity_chain.objection(self, self.contract)
        if objection is not None:
            raise Refusal(objection)

    def activate(self) -> None:
        self.check_velocity_chain()
        self.get_logger().info(f"planner with model {self.model.name} is ready for goals")

    def deactivate(self) -> None:
        for action in (self.move, self.plan):
            action.stop("the planner was deactivated", ACTIVATE)
        self.commander.settle()

    def on_save_goal(self, request: SaveGoal.Request, response: SaveGoal.Response) -> SaveGoal.Response:
        """Keep what the robot perceives now as a goal."""
        snapshot = self.inputs.snapshot()
        if snapshot is None or snapshot.age > value(self, "input_timeout"):
            response.message = f"no fresh observation: {self.inputs.missing(value(self, 'input_timeout'))}"
            return response
        try:
            self.saved.save(request.name, snapshot.latent[0].cpu(), self.model.name)
            response.success, response.message = True, f"saved in {self.saved.folder}"
        except (GoalNameError, OSError) as error:
            response.message = str(error)
        return response

    def on_list_goals(self, request: ListGoals.Request, response: ListGoals.Response) -> ListGoals.Response:
        response.names = self.saved.names(self.model.name)
        return response

    async def on_stop(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        """End the motion, if any, with the safety command."""
        ran = await beside(self, partial(self.move.stop, "stopped by the stop service"))
        response.success, response.message = True, "stopped" if ran else "nothing was moving"
        return response

    def report(self) -> tuple[bytes, str, dict[str, str]]:
        """Level, message and values for /diagnostics."""
        snapshot = self.inputs.snapshot()
        values = {
            "model": self.model.name,
            "device": str(self.model.device),
            "input age (s)": f"{snapshot.age:.3f}" if snapshot else "nothing yet",
            "input rate (Hz)": f"{self.inputs.latents.rate():.1f}",
            "latents lost": str(self.inputs.latents.lost),
            "replan p50 (ms)": f"{self.move.latency.milliseconds(50):.2f}",
            "replan p95 (ms)": f"{self.move.latency.milliseconds(95):.2f}",
            "command jitter p50 (ms)": f"{self.commander.jitter.milliseconds(50):.2f}",
            "command jitter p99 (ms)": f"{self.commander.jitter.milliseconds(99):.2f}",
            "commands sent": str(self.commander.sent),
            **self.places.report(),
            "hand-over": "off" if self.stack is None else self.stack.missing() or "ready",
            "last result": self.move.last_result,
            "last problem": self.complaints.recent() or "none",
        }
        if not self.active:
            return DiagnosticStatus.OK, "inactive", values
        if snapshot is None or snapshot.age > value(self, "input_timeout"):
            return DiagnosticStatus.WARN, "no fresh observation", values
        return DiagnosticStatus.OK, "moving" if self.move.turns.busy() else "ready", values


start = alone(PlannerNode)


def main(args: Sequence[str] | None = None) -> int:
    """Run the planner until a signal; ``args`` are ROS arguments. Returns the exit status."""
    return run(start, args)
