"""The arm with a second camera at its gripper, and a model that keeps apart what the two of them see."""

from __future__ import annotations

import numpy as np

from harness.robot import HeldArm
from jepa_ros.contract import Contract, Observation
from jepa_ros.data.episodes import Episode
from jepa_ros.data.exploration.explorer import Explorer
from jepa_ros.simulation.arm_drawing import draw_arm
from jepa_ros.simulation.body import Sensor, image_fields
from jepa_ros.simulation.stepped import SteppedRobot
from jepa_ros.training import Recipe, make_model
from jepa_ros.world_model import Design, WorldModel

GRIPPER = "gripper/image_raw"
SIZE = (96, 128)  # px, both cameras: small pictures leave a busy machine the time to train and to keep the period
LOGS = 150.0  # simulated seconds
STRIDE = 3  # frames of the cameras in a period
RECIPE = Recipe(steps=500, batch=32, design=Design(latent="tokens", encoder_width=128))
"""A token for each camera, since their pictures are small."""


class TwoEyedArm(HeldArm):
    """Beside the camera above there is one on the upper arm that looks at the gripper: it tells the elbow, no more."""

    def sensors(self) -> tuple[Sensor, ...]:
        joints, top = super().sensors()
        return (
            joints,
            top._replace(read=lambda now_ns: image_fields(self.image(SIZE), now_ns)),
            top._replace(topic=GRIPPER, read=lambda now_ns: image_fields(gripper_view(self.position[1]), now_ns)),
        )


def gripper_view(elbow: float) -> np.ndarray:
    """What the camera on the upper arm sees (H, W, 3), with the elbow at an angle in rad."""
    return draw_arm(np.array([0.0, elbow]), SIZE)


def top_view(position: tuple[float, float]) -> np.ndarray:
    """What the camera above sees (H, W, 3), with the joints at these angles in rad."""
    return draw_arm(np.array(position), SIZE)


def learn_with_two_eyes(contract: Contract) -> WorldModel:
    """A model of tokens, trained on a few minutes of the arm's exploring."""
    return make_model(contract, [_explored(contract)], RECIPE, "two_eyes").model.eval().requires_grad_(False)


def _explored(contract: Contract) -> Episode:
    """What the arm sees and is told while it explores, in stepped time."""
    robot, explorer = SteppedRobot(contract, TwoEyedArm(seed=1)), Explorer(contract, seed=1)
    frames: list[Observation] = []
    actions: list[np.ndarray | None] = []
    _wander(robot, explorer, robot.advance()[-1].state)
    for _ in range(round(LOGS / contract.period)):
        for frame in robot.advance():
            frames.append(frame)
            if len(frames) > STRIDE:
                actions.append(robot.command_between(frames[-1 - STRIDE].stamp_ns, frame.stamp_ns))
        _wander(robot, explorer, frames[-1].state)
    return Episode(
        images={camera: np.stack([frame.images[camera] for frame in frames]) for camera in contract.images},
        state=np.stack([frame.state for frame in frames]),
        actions=np.array(actions, np.float32),
        stamps_ns=np.array([frame.stamp_ns for frame in frames]),
        stride=STRIDE,
    )


def _wander(robot: SteppedRobot, explorer: Explorer, state: np.ndarray) -> None:
    robot.act(explorer.command(state, robot.motion(state).command), state)
