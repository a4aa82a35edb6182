"""stable-worldmodel's side, run in an environment of its own, so it imports nothing of this package.

``python peer.py problem FILE SEED``: write a predictor of LeWM's size with random weights, a start and a goal.
``python peer.py plan FILE ANSWER``: plan, as stable-worldmodel does by default.
``python peer.py judge FILE ACTIONS ANSWER``: what stable-worldmodel's cost function says of action sequences.
"""

from __future__ import annotations

import sys
import time
from types import SimpleNamespace

import torch

# The wheel of torchvision is built for CUDA: without that its operators are missing, and it fails to import.
OPERATORS = torch.library.Library("torchvision", "DEF")
for operator in ("nms", "qnms"):
    OPERATORS.define(f"{operator}(Tensor boxes, Tensor scores, float threshold) -> Tensor")

import numpy as np  # noqa: E402
from gymnasium.spaces import Box  # noqa: E402
from stable_worldmodel.solver import CEMSolver  # noqa: E402
from stable_worldmodel.wm.lewm import LeWM  # noqa: E402
from stable_worldmodel.wm.lewm.module import MLP, Embedder, Predictor  # noqa: E402

WIDTH, ACTION, HORIZON = 192, 10, 5  # an action is a block of five, of two numbers each


def make_model() -> LeWM:
    """LeWM without its encoder: planning begins with latents."""
    predictor = Predictor(num_frames=3, depth=6, heads=16, dim_head=64, mlp_dim=2048, input_dim=WIDTH, hidden_dim=WIDTH)
    project = MLP(WIDTH, 2048, norm_fn=torch.nn.BatchNorm1d)
    model = LeWM(torch.nn.Identity(), predictor, Embedder(ACTION, emb_dim=WIDTH), pred_proj=project)
    return model.eval().requires_grad_(False)


def make_problem(seed: int) -> dict:
    """Weights, and a goal that can be reached: where random actions lead from a random start."""
    torch.manual_seed(seed)
    model = make_model()
    for block in model.predictor.transformer.layers:  # they begin at zero, where actions would do nothing
        torch.nn.init.normal_(block.adaLN_modulation[-1].weight, std=0.05)
        torch.nn.init.normal_(block.adaLN_modulation[-1].bias, std=0.3)
    problem = {"weights": model.state_dict(), "start": torch.randn(WIDTH), "goal": torch.zeros(WIDTH)}
    reached = model.rollout(information(problem, 1), torch.randn(1, 1, HORIZON, ACTION))["predicted_emb"]
    return {**problem, "goal": reached[0, 0, -1].clone()}


def information(problem: dict, candidates: int | None = None) -> dict:
    """What the solver takes; ``candidates`` as it would repeat it."""
    start, goal, nothing = problem["start"].view(1, 1, -1), problem["goal"].view(1, 1, -1), torch.zeros(1, 1, 1)
    info = {"pixels": nothing, "goal": nothing, "emb": start, "goal_emb": goal}
    if candidates is None:
        return info
    return {name: value.unsqueeze(1).expand(1, candidates, *value.shape[1:]) for name, value in info.items()}


def plan(problem: dict, model: LeWM) -> dict:
    """The actions (H, A) that the solver ends with, and the CPU seconds that it took."""
    solver = CEMSolver(model)
    space = Box(-np.inf, np.inf, (1, ACTION), np.float32)
    solver.configure(action_space=space, n_envs=1, config=SimpleNamespace(horizon=HORIZON, action_block=1))
    begin = time.process_time()
    actions = solver.solve(information(problem))["actions"][0]
    return {"actions": actions, "seconds": time.process_time() - begin}


def judge(problem: dict, model: LeWM, actions: torch.Tensor) -> torch.Tensor:
    """The costs (B,) of action sequences (B, H, A)."""
    return model.get_cost(information(problem, len(actions)), actions.unsqueeze(0))[0]


def main(task: str, file: str, *others: str) -> None:
    torch.set_num_threads(1)
    if task == "problem":
        torch.save(make_problem(int(others[0])), file)
        return
    problem, model = torch.load(file), make_model()
    model.load_state_dict(problem["weights"])
    with torch.inference_mode():
        answer = plan(problem, model) if task == "plan" else judge(problem, model, torch.load(others[0]))
    torch.save(answer, others[-1])


if __name__ == "__main__":
    main(*sys.argv[1:])
