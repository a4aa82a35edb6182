"""LeWM's predictor with its own weights, rolled out so that nothing is computed twice.

Source: Maes et al., "LeWorldModel" (2026): a causal transformer over the last three latents, conditioned on actions by
AdaLN-zero. While the window grows, the keys and values of earlier latents stay as they are; once it slides, the places
in it change, and with them everything. Only the newest token is asked for what comes next, so the last block computes
no other. What the actions do to the blocks does not depend on latents, and is computed once for the whole horizon.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

HEADS = 16
Past = tuple[Tensor, Tensor]  # keys and values


class Attention(nn.Module):
    """Causal attention over tokens that keeps keys and values for those to come."""

    def __init__(self, width: int, inside: int):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.to_q = nn.Linear(width, inside, bias=False)
        self.to_kv = nn.Linear(width, 2 * inside, bias=False)
        self.to_out = nn.Sequential(nn.Linear(inside, width))

    def forward(self, tokens: Tensor, past: Past | None, asked: int) -> tuple[Tensor, Past]:
        """What the last ``asked`` of tokens (B, N, width) see (B, asked, width), and all keys and values up to them.

        The first of all tokens sees only itself, whatever it asks for.
        """
        inner = self.norm(tokens)
        key, value = self.to_kv(inner).unflatten(-1, (2, HEADS, -1)).unbind(2)
        if past is not None:
            key, value = torch.cat([past[0], key], dim=1), torch.cat([past[1], value], dim=1)
        count = key.shape[1]
        begin = max(count - asked, 1)
        seen = [value[:, 0].flatten(1)] if asked == count else []
        if begin < count:
            queries = self.to_q(inner[:, begin - count :]).unflatten(-1, (HEADS, -1))
            seen += [
                _attend(queries[:, place - begin, None], key[:, : place + 1], value[:, : place + 1])
                for place in range(begin, count)
            ]
        return self.to_out(torch.stack(seen, dim=1)), (key, value)


def _attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """What one query (B, 1, heads, size) sees of keys and values (B, T, heads, size): (B, heads · size).

    With three of them, plain products take half the time of attention that is made for many.
    """
    scores = (query * key).sum(-1, dtype=torch.float32) / query.shape[-1] ** 0.5
    shares = scores.softmax(dim=1).to(value.dtype)
    return (shares.unsqueeze(-1) * value).sum(dim=1).flatten(1)


class Block(nn.Module):
    """A transformer's block under a condition."""

    def __init__(self, width: int, inside: int, hidden: int):
        super().__init__()
        self.attn = Attention(width, inside)
        network = (nn.LayerNorm(width), nn.Linear(width, hidden), nn.GELU(), nn.Identity(), nn.Linear(hidden, width))
        self.mlp = nn.ModuleDict({"net": nn.Sequential(*network)})
        self.norm = nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, 6 * width))

    def forward(self, tokens: Tensor, modulation: Tensor, past: Past | None, asked: int) -> tuple[Tensor, Past]:
        shift, scale, gate, then_shift, then_scale, then_gate = modulation.chunk(6, dim=-1)
        seen, kept = self.attn(torch.addcmul(shift, self.norm(tokens), scale), past, asked)
        tokens = torch.addcmul(tokens[:, -asked:], gate[:, -asked:], seen)
        inner = torch.addcmul(then_shift[:, -asked:], self.norm(tokens), then_scale[:, -asked:])
        return torch.addcmul(tokens, then_gate[:, -asked:], self.mlp["net"](inner)), kept

    def modulation(self, condition: Tensor) -> Tensor:
        """What a condition (B, H, width) does to the block: shifts, scales and gates (B, H, 6 × width)."""
        found = self.adaLN_modulation(condition).unflatten(-1, (6, -1))
        found[..., [1, 4], :] += 1.0  # scales are told by how much they differ from 1
        return found.flatten(-2)


class Lewm(nn.Module):
    """The predictor of a LeWM with these weights: ``LeWM.rollout`` of stable-worldmodel, from a single latent."""

    def __init__(self, weights: dict[str, Tensor]):
        super().__init__()
        places = weights["predictor.pos_embedding"]
        self.frames, width = places.shape[1:]
        hidden, depth = len(weights["pred_proj.net.0.weight"]), 1 + max(map(_layer, weights))
        inside = weights["predictor.transformer.layers.0.attn.to_out.0.weight"].shape[1]
        inner = len(weights["predictor.transformer.layers.0.mlp.net.1.weight"])
        smoothed, actions = weights["action_encoder.patch_embed.weight"].shape[:2]
        self.predictor = nn.Module()
        self.predictor.pos_embedding = nn.Parameter(places)
        self.predictor.transformer = nn.Module()
        self.predictor.transformer.layers = nn.ModuleList(Block(width, inside, inner) for _ in range(depth))
        self.predictor.transformer.norm = nn.LayerNorm(width)
        self.action_encoder = nn.Module()
        self.action_encoder.patch_embed = nn.Conv1d(actions, smoothed, 1)
        embedded = len(weights["action_encoder.embed.0.weight"])
        self.action_encoder.embed = nn.Sequential(nn.Linear(smoothed, embedded), nn.SiLU(), nn.Linear(embedded, width))
        project = (nn.Linear(width, hidden), nn.BatchNorm1d(hidden), nn.GELU(), nn.Linear(hidden, width))
        self.pred_proj = nn.ModuleDict({"net": nn.Sequential(*project)})
        self.load_state_dict(_apart(weights))
        self.eval().requires_grad_(False)

    def forward(self, latent: Tensor, actions: Tensor) -> Tensor:
        """A latent (B, D) and the actions (B, H, A) from there on → the latents after each of them (B, H, D)."""
        conditions = self._conditions(actions)
        latents = [latent]
        past: list[Past | None] = [None] * len(conditions)
        for step in range(actions.shape[1]):
            first = max(0, step + 1 - self.frames)
            grows = first == 0
            begin = step if grows else first
            tokens = torch.stack(latents[begin:], dim=1) + self.predictor.pos_embedding[:, begin - first : step + 1]
            kept = past if grows else [None] * len(conditions)
            for index, block in enumerate(self.predictor.transformer.layers):
                asked = 1 if index + 1 == len(conditions) else tokens.shape[1]
                tokens, past[index] = block(tokens, conditions[index][:, begin : step + 1], kept[index], asked)
            latents.append(self.pred_proj["net"](self.predictor.transformer.norm(tokens[:, -1])))
        return torch.stack(latents[1:], dim=1)

    def _conditions(self, actions: Tensor) -> list[Tensor]:
        """What every action does to every block: (B, H, 6 × width) each."""
        smoothed = self.action_encoder.patch_embed(actions.transpose(1, 2)).transpose(1, 2)
        embedded = self.action_encoder.embed(smoothed)
        return [block.modulation(embedded) for block in self.predictor.transformer.layers]


def _apart(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights with those of queries apart from those of keys and values, which more tokens are asked for."""
    found = {}
    for name, weight in weights.items():
        if name.endswith("attn.to_qkv.weight"):
            queries, others = weight.split([len(weight) // 3, 2 * len(weight) // 3])
            found |= {name.replace("qkv", "q"): queries, name.replace("qkv", "kv"): others}
        else:
            found[name] = weight
    return found


def _layer(name: str) -> int:
    return int(name.split(".")[3]) if name.startswith("predictor.transformer.layers.") else 0
