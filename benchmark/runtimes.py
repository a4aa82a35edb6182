"""Rollouts by ONNX Runtime and OpenVINO, which this package does without: what that costs is measured."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, nn

from benchmark.kept import once
from benchmark.peers import run

NEEDS = ("onnxruntime==1.32.0", "openvino==2026.4.1", "onnx==1.23.2", "onnxscript==0.7.2")
Function = Callable[[Tensor, Tensor], Tensor]


class _Rollout(nn.Module):
    """A function of a context and actions, as exporters take it: with the network whose weights it uses."""

    def __init__(self, function: Function, network: nn.Module):
        super().__init__()
        self.function, self.network = function, network

    def forward(self, context: Tensor, actions: Tensor) -> Tensor:
        return self.function(context, actions)


def by_onnx_runtime(function: Function, network: nn.Module, arguments: tuple[Tensor, Tensor]) -> Function:
    """A function of tensors of these shapes, in float32, on one thread. Raises NoPeer where it can't be had."""
    _install()
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    with TemporaryDirectory() as folder, torch.no_grad():
        file = Path(folder) / "rollout.onnx"
        torch.onnx.export(_Rollout(function, network).eval(), arguments, dynamo=True, verbose=False).save(file)
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]
    return lambda *values: torch.from_numpy(session.run(None, dict(zip(names, map(Tensor.numpy, values))))[0])


def by_openvino(function: Function, network: nn.Module, arguments: tuple[Tensor, Tensor], precision: str) -> Function:
    """The same by OpenVINO, in a precision ("f32", "bf16"). Raises NoPeer where it can't be had."""
    _install()
    import openvino

    with torch.no_grad():
        graph = openvino.convert_model(torch.export.export(_Rollout(function, network), arguments))
    options = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": precision}
    request = openvino.Core().compile_model(graph, "CPU", options).create_infer_request()
    return lambda *values: torch.from_numpy(
        request.infer([value.numpy() for value in values], share_inputs=True, share_outputs=True)[0]
    )


@cache
def _install() -> None:
    """Put both where Python looks last, so that nothing of the package's own is replaced; a minute the first time."""
    sys.path.append(str(once("runtimes_" + "_".join(NEEDS), _fill)))


def _fill(folder: Path) -> None:
    run(sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, *NEEDS)
