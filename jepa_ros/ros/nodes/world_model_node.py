"""The node that sees: every image becomes a latent, a prediction of what comes next, and a verdict on what came."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from torch import Tensor

from jepa_ros.contract import Aligner, Entry, objection, period_means
from jepa_ros.ros.base.diagnostics import Diagnostics, Latency, Stream
from jepa_ros.ros.base.lifecycle import LifecycleNode
from jepa_ros.ros.base.parameters import COMMON, Parameter, value
from jepa_ros.ros.base.running import alone, run
from jepa_ros.ros.base.steady import STALE, Age, SteadyTime
from jepa_ros.ros.wire.debug_image import debug_image
from jepa_ros.ros.wire.images import image_alone, image_decoder
from jepa_ros.ros.wire.messages import latent_message, prediction_message, stamp_ns
from jepa_ros.ros.wire.streams import RELIABLE, class_of, header_ns, listen_numbers, qos_of
from jepa_ros.world_model import Past, Surprise, SurpriseMonitor
from jepa_ros_interfaces import msg, srv

PARAMETERS = (
    *COMMON,
    Parameter("prediction_horizon", 8, "actions that ~/prediction looks ahead", "periods", 1, 64),
    Parameter("rollout_horizon", 128, "actions that ~/rollout takes at most", "periods", 1, 1024),
    Parameter("surprise_p_value", 0.001, "p-values below this are published as anomalous", "", 0.0, 1.0),
    Parameter("drift_p_value", 0.001, "p-values of drift up to this are warned of on /diagnostics", "", 0.0, 1.0),
)
LOST_FRAMES_HINT = (
    "images get lost on the way; start camera and this node with FASTDDS_DEFAULT_PROFILES_FILE "
    "(before Kilted: FASTRTPS_DEFAULT_PROFILES_FILE) set to the package's config/dds/large_images.xml"
)
DRIFT_HINT = "errors have kept to one side for a while: something develops, or the operation is new to the model"


@dataclass(frozen=True)
class Perceived:
    """A latent with what the model looks back to (1, ≤ K, N, D), the state (S,) then, and when it was made (s)."""

    header: Header
    context: Tensor
    state: np.ndarray
    time: float


class WorldModelNode(LifecycleNode):
    """Subscribes to the contract's topics; publishes latents, predictions and surprise for every image.

    One executor thread does all of it: the middleware's short queue is the buffer, and torch has one owner.
    """

    def __init__(self, **options: Any):
        super().__init__("world_model", PARAMETERS, **options)

    def configure(self) -> None:
        self.contract = self.load_contract()
        self.model = self.load_model(self.contract)
        self.aligner = Aligner(self.contract)
        self.past = Past(self.model)
        self.monitor = SurpriseMonitor(self.model, self.past)
        self.decode = image_decoder()
        self.frames, self.latency = Stream(), Latency()
        self.time = SteadyTime(self)
        self.age = Age(self.time)
        self.newest: Perceived | None = None
        self.surprise: Surprise | None = None
        self.perceived_ns = self.resets = 0
        self._announce_results()
        self._listen_to_robot()
        self.serve(srv.EncodeImage, "~/encode_image", self.on_encode_image)
        self.serve(srv.Rollout, "~/rollout", self.on_rollout)
        self.own(Diagnostics(self, self.contract.robot_type, self.report).destroy)

    def activate(self) -> None:
        self.aligner.clear()
        self.get_logger().info(f"world model {self.model.name} sees {', '.join(self.contract.images) or 'no camera'}")

    def _announce_results(self) -> None:
        self.latents = self.announce(msg.LatentState, "~/latent", RELIABLE)
        self.predictions = self.announce(msg.LatentPrediction, "~/prediction", RELIABLE)
        self.surprises = self.announce(msg.Surprise, "~/surprise", RELIABLE)
        self.debug_images = self.announce(Image, "~/debug/image", qos_profile_sensor_data)

    def _listen_to_robot(self) -> None:
        """Subscribe to everything in the contract. The first camera sets the pace, or a timer where there is none."""
        cameras = [entry for entry in self.contract.observations.values() if entry.is_image]
        for entry in cameras:
            self._watch(entry, leads=entry is cameras[0])
        for entry in self.contract.observations.values():
            if not entry.is_image:
                self._follow(entry, qos_profile_sensor_data)
        for entry in self.contract.actions.values():
            self._follow(entry, RELIABLE)
        if not cameras:
            timer = self.create_timer(self.contract.period, self.on_tick)
            self.own(lambda: self.destroy_timer(timer))

    def _watch(self, entry: Entry, leads: bool) -> None:
        def on_image(message: Any, receive_ns: int) -> None:
            begin, stamp = time.perf_counter(), header_ns(message)
            self.aligner.push(entry.key, self.decode(message), receive_ns, stamp)
            if leads:
                self.perceive(stamp, message.header, begin)

        self.listen(class_of(entry), entry.channel.topic, on_image, qos_of(entry))

    def _follow(self, entry: Entry, default: Any) -> None:
        def take(values: np.ndarray, receive_ns: int, stamp: int) -> None:
            self.aligner.push(entry.key, values, receive_ns, stamp)

        listen_numbers(self, entry, take, default)

    def on_tick(self) -> None:
        """A machine without a camera is looked at once per period."""
        now = self.get_clock().now()
        self.perceive(now.nanoseconds, Header(stamp=now.to_msg()), time.perf_counter())

    def perceive(self, stamp: int, header: Header, begin: float) -> None:
        """Encode what is known at this stamp and publish what follows from it, the latent first."""
        if not self._in_order(stamp):
            return
        self.frames.arrive(stamp)
        self.age.renew()
        if not self.active:
            return
        observation = self.aligner.sample(stamp)
        if observation is None:
            self.complaints.add("gap", self.aligner.missing(stamp) or "no observation")
            return
        self.perceived_ns = stamp
        with torch.inference_mode():
            percept = self.model.perceive(observation)
            self.latents.publish(latent_message(percept.latent[0], header, self.model.name))
            self.latency.add(time.perf_counter() - begin)
            self._publish_surprise(self.monitor.observe(stamp, percept, self.aligner.action), header)
            self.newest = Perceived(header, self.past.context(), observation.state, self.time.now())
            self._publish_prediction(self.newest)
        if self.debug_images.get_subscription_count():
            self.debug_images.publish(debug_image(observation, header, self.surprise))

    def _in_order(self, stamp: int) -> bool:
        """Whether this comes after what was perceived last. What is late or repeated is passed over, as in a bag."""
        if self.aligner.counters.resets != self.resets:
            self.resets, self.perceived_ns = self.aligner.counters.resets, 0
        late_ns = self.perceived_ns - stamp
        if late_ns >= 0:
            self.complaints.add("late image", f"its stamp is {late_ns / 1e6:.0f} ms before one that was seen already")
        return late_ns < 0

    def _publish_surprise(self, surprise: Surprise | None, header: Header) -> None:
        self.surprise = surprise
        if surprise is not None:
            verdict = msg.Surprise(header=header, model=self.model.name, error=surprise.error, p_value=surprise.p_value)
            verdict.anomalous = surprise.p_value <= value(self, "surprise_p_value")
            self.surprises.publish(verdict)

    def _publish_prediction(self, now: Perceived) -> None:
        """What happens next if the command in force stays, as far as the limits let it; in whole steps of the model."""
        command, block = self._command(stamp_ns(now.header)), self.model.architecture.action_block
        horizon = math.ceil(value(self, "prediction_horizon") / block) * block
        actions = self.contract.limits.project(np.tile(command, (horizon, 1)), command, now.state)
        self.predictions.publish(self._message(self._predict(now.context, actions, command), actions, now.header))

    def _command(self, stamp: int) -> np.ndarray:
        """The command (A,) in force at a stamp, zeros where there is none."""
        command = self.aligner.action(stamp, stamp)
        return np.zeros(len(self.contract.action_names), np.float32) if command is None else command

    def _predict(self, context: Tensor, actions: np.ndarray, command: np.ndarray) -> Tensor:
        """The latents (H/k, N, D) that come of actions (H, A) which are sent while a command (A,) is in force."""
        means = torch.from_numpy(period_means(self.contract.ramped, actions, command))
        return self.model.predict(context, means.unsqueeze(0).to(context))[0]

    def _message(self, prediction: Tensor, actions: np.ndarray, header: Header) -> msg.LatentPrediction:
        contract, step = self.contract, self.contract.period * self.model.architecture.action_block
        sent = torch.from_numpy(actions)
        return prediction_message(prediction, sent, header, self.model.name, step, contract.action_names)

    def on_encode_image(self, request: srv.EncodeImage.Request, response: srv.EncodeImage.Response) -> Any:
        """The latent of an image alone, as a goal image has it; of several cameras its frame_id names one."""
        try:
            observation = image_alone(self.contract, self.decode(request.image), request.image.header.frame_id)
            with torch.inference_mode():
                latent = self.model.encode(observation)[0]
            response.latent = latent_message(latent, request.image.header, self.model.name)
            response.success = True
        except ValueError as error:
            response.message = str(error)
        return response

    def on_rollout(self, request: srv.Rollout.Request, response: srv.Rollout.Response) -> Any:
        """The future of what is perceived now under any actions, legal or not."""
        try:
            actions, now = self._asked(request.actions), self._present()
        except ValueError as error:
            response.message = str(error)
            return response
        self._answer(actions, now, response)
        return response

    def _asked(self, numbers: Sequence[float]) -> np.ndarray:
        """Actions (H, A) as a message has them. Raises ValueError saying what is allowed.

        There is a most, since nothing is perceived while they are predicted.
        """
        names, block = self.contract.action_names, self.model.architecture.action_block
        longest = value(self, "rollout_horizon")
        if len(numbers) > longest * len(names):
            raise ValueError(
                f"{len(numbers)} numbers for {', '.join(names)}; allowed: {longest} periods at most; "
                "ask for less, or raise the parameter rollout_horizon"
            )
        actions = np.array(numbers, np.float32)
        if not actions.size or actions.size % (block * len(names)) or not np.isfinite(actions).all():
            periods = "each period" if block == 1 else f"each of a multiple of {block} periods"
            raise ValueError(f"{actions.size} numbers; allowed: finite ones, for {periods} {', '.join(names)}")
        return actions.reshape(-1, len(names))

    def _present(self) -> Perceived:
        """What is perceived now. Raises ValueError where the node is inactive or blind, saying what to do."""
        if not self.active:
            raise ValueError("the node is not active and perceives nothing; activate it first")
        oldest = STALE * self.contract.period
        if self.newest is None or self.time.now() - self.newest.time > oldest:
            missing = self.aligner.missing(self.get_clock().now().nanoseconds) or self.complaints.recent()
            raise ValueError(
                f"nothing was perceived in the last {oldest:g} s: {missing or 'no image came'}; "
                "see that all cameras and states of the contract come in and that their clocks agree"
            )
        return self.newest

    @torch.inference_mode()
    def _answer(self, actions: np.ndarray, now: Perceived, response: srv.Rollout.Response) -> None:
        """Fill in what comes of actions (H, A), how far from now that is, and whether they could be sent so."""
        command = self._command(stamp_ns(now.header))
        prediction = self._predict(now.context, actions, command)
        far = ", ".join(f"{distance:.3f}" for distance in self.model.distance(prediction, now.context[0, -1]).tolist())
        verdict = objection(self.contract, actions, command, now.state) or "legal"
        response.success, response.message = True, f"{verdict}; distances from now: {far}"
        response.prediction = self._message(prediction, actions, now.header)

    def report(self) -> tuple[bytes, str, dict[str, str]]:
        """Level, message and values for /diagnostics."""
        age = self.age.seconds()
        drift = None if self.surprise is None else self.surprise.drift
        values = {
            "model": self.model.name,
            "device": str(self.model.device),
            "input age (s)": f"{age:.3f}",
            "input rate (Hz)": f"{self.frames.rate():.1f}",
            "frames received": str(self.frames.received),
            "frames lost": str(self.frames.lost),
            "latency p50 (ms)": f"{self.latency.milliseconds(50):.2f}",
            "latency p95 (ms)": f"{self.latency.milliseconds(95):.2f}",
            "drift p-value": "unknown" if drift is None else f"{drift.p_value:.4f}",
            "last problem": self.complaints.recent() or "none",
        }
        if not self.active:
            return DiagnosticStatus.OK, "inactive", values
        if age > max(1.0, 2 * self.contract.period):
            return DiagnosticStatus.ERROR, "no fresh images", values
        if self.frames.losses() > 0.01:
            self.complaints.add("frames lost", LOST_FRAMES_HINT)
            return DiagnosticStatus.WARN, LOST_FRAMES_HINT, values
        if drift is not None and drift.p_value <= value(self, "drift_p_value"):
            return DiagnosticStatus.WARN, DRIFT_HINT, values
        return DiagnosticStatus.OK, "encoding", values


start = alone(WorldModelNode)


def main(args: Sequence[str] | None = None) -> int:
    """Run the world model until a signal; ``args`` are ROS arguments. Returns the exit status."""
    return run(start, args)
