"""The lifecycle that all nodes share: hooks instead of transitions, and nothing fails silently."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from typing import Any

import rclpy.lifecycle
import torch
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn
from rclpy.qos import QoSProfile
from rclpy.qos_overriding_options import QoSOverridingOptions

from jepa_ros.contract import Contract, ContractError, StreamError, load_contract
from jepa_ros.ros.base.arrival import arrival_ns
from jepa_ros.ros.base.complaints import Complaints
from jepa_ros.ros.base.models import shared_model
from jepa_ros.ros.base.parameters import Parameter, declare, value
from jepa_ros.ros.base.reading import read, subscribe
from jepa_ros.world_model import ModelError, WorldModel


class Refusal(Exception):
    """The node can't make this transition; the message says why and what to change."""


class LifecycleNode(rclpy.lifecycle.LifecycleNode):
    """A managed node whose subclasses fill in ``configure``, ``activate``, ``deactivate`` and ``release``.

    A hook that raises a refusal (Refusal, ContractError, ModelError) leaves the node where it was, with the reason in
    the log; any other exception is logged with its traceback and sends the node to error processing. What was made
    through ``listen``, ``announce``, ``serve`` and ``own`` during ``configure`` is destroyed on cleanup.
    """

    def __init__(self, name: str, parameters: tuple[Parameter, ...], **options: Any):
        super().__init__(name, **options)
        declare(self, parameters)
        self.complaints = Complaints(self.get_logger())
        self.active = False
        self._owned: list[Callable[[], Any]] = []

    def configure(self) -> None:
        """Load what the node needs and make its entities."""

    def activate(self) -> None:
        """Begin to work."""

    def deactivate(self) -> None:
        """Stop working; the robot is safe when this returns."""

    def release(self) -> None:
        """Forget what ``configure`` made, beyond owned entities."""

    def autostart(self) -> None:
        """Configure and activate where the parameter says so."""
        if value(self, "autostart") and self.trigger_configure() == TransitionCallbackReturn.SUCCESS:
            self.trigger_activate()

    def stop_working(self) -> None:
        """Leave the robot safe, as in deactivation; where nothing works nothing happens."""
        if self.active:
            self.active = False
            self.deactivate()

    def shut_down(self) -> None:
        """Leave the robot safe and free everything, from whichever state."""
        self.stop_working()
        self._free()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        result = self._attempt(self.configure, "configure")
        if result != TransitionCallbackReturn.SUCCESS:
            self._free()
        return result

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        result = self._attempt(self.activate, "activate")
        self.active = result == TransitionCallbackReturn.SUCCESS
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._attempt(self.stop_working, "deactivate")

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._attempt(self._free, "clean up")

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._attempt(self.shut_down, "shut down")

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._attempt(self.shut_down, "recover")

    def listen(
        self, kind: type, topic: str, callback: Callable[[Any, int], None], qos: QoSProfile, **options: Any
    ) -> None:
        """Subscribe with ``callback(message, receive_ns)``.

        A message that can't be used is complained about, and never ends the node.
        """

        def guarded(data: bytes, info: Mapping[str, int]) -> None:
            try:
                callback(read(data, kind), arrival_ns(self, info))
            except StreamError as error:
                self.complaints.add(topic, str(error))
            except Exception as error:
                self.get_logger().error(
                    f"{topic}: unforeseen {type(error).__name__}: {error}", throttle_duration_sec=5.0
                )
                self.complaints.add(topic, f"unforeseen {type(error).__name__}: {error}")

        overrides = QoSOverridingOptions.with_default_policies()
        subscription = subscribe(self, kind, topic, guarded, qos, qos_overriding_options=overrides, **options)
        self.own(lambda: self.destroy_subscription(subscription))

    def announce(self, kind: type, topic: str, qos: QoSProfile) -> Any:
        """A publisher."""
        overrides = QoSOverridingOptions.with_default_policies()
        publisher = self.create_publisher(kind, topic, qos, qos_overriding_options=overrides)
        self.own(lambda: self.destroy_publisher(publisher))
        return publisher

    def serve(self, kind: type, name: str, callback: Callable[[Any, Any], Any], **options: Any) -> None:
        """A service."""
        service = self.create_service(kind, name, callback, **options)
        self.own(lambda: self.destroy_service(service))

    def own(self, destroy: Callable[[], Any]) -> None:
        """Call ``destroy`` on cleanup."""
        self._owned.append(destroy)

    def load_contract(self) -> Contract:
        """The contract that the parameter names. Raises Refusal or ContractError."""
        path = value(self, "contract")
        if not path:
            raise Refusal("the parameter contract is empty; set it to the path of the robot's contract file")
        return load_contract(path)

    def load_model(self, contract: Contract) -> WorldModel:
        """The model that the parameter names, once per process. Raises Refusal where it is another robot's."""
        path = value(self, "model")
        if not path:
            raise Refusal("the parameter model is empty; set it to a model directory or a Hugging Face Hub id")
        torch.set_num_threads(value(self, "threads"))
        model = shared_model(path, value(self, "device"))
        difference = model.contract.difference(contract)
        if difference:
            raise Refusal(
                f"model {path} was not made for the robot of contract {value(self, 'contract')}: {difference}"
            )
        return model

    def _attempt(self, hook: Callable[[], None], what: str) -> TransitionCallbackReturn:
        try:
            hook()
        except (Refusal, ContractError, ModelError) as refusal:
            self.get_logger().error(f"can't {what}: {refusal}")
            return TransitionCallbackReturn.FAILURE
        except Exception:
            self.get_logger().error(f"failed to {what}: {traceback.format_exc()}")
            return TransitionCallbackReturn.ERROR
        return TransitionCallbackReturn.SUCCESS

    def _free(self) -> None:
        while self._owned:
            self._owned.pop()()
        self.release()
        entities = self.default_callback_group.entities  # rclpy keeps a reference to whatever was ever in a group
        entities.difference_update([entity for entity in tuple(entities) if entity() is None])
