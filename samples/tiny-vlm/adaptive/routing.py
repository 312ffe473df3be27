"""Mixture of depths in PyTorch: decoder layers that some visual tokens skip, with many questions behind one picture (packed.py).

Routers see what a layer is given. The visual tokens come before the question, so in training one choice serves all questions.
"""

import math

import torch
from torch import nn

import decoding
import packed
from model import rotary


def pmod_ratios(layers):
    """Shifted cosine (p-MoD): share of visual tokens that each layer processes; above 0.85 all, never less than 0.15."""
    out = []
    for i in range(layers):
        r = math.cos(math.pi * i / (layers - 1)) / 2 + 0.5
        out.append(1.0 if r > 0.85 else max(0.15, r))
    return out


class PModRouters(nn.Module):
    """A linear router for each layer, zero at the start; TanhNorm."""

    def __init__(self, layers, d):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(layers, d))
        self.bias = nn.Parameter(torch.zeros(layers))

    def forward(self, layer, x):
        return 0.2 * torch.tanh(self.logits(layer, x)) + 1

    def logits(self, layer, x):
        return x @ self.weight[layer] + self.bias[layer]


def rows(x, index):
    return x.gather(1, index[..., None].expand(-1, -1, x.shape[-1]))


def pmod(vlm, routers, b, ratios):
    """Hidden states of the questions, [B, K, L, D], and the share of visual rows that layers processed."""
    prefix, own = packed.start(vlm, b)
    n, p, _ = prefix.shape
    visual, other = b.visual.nonzero()[:, 0], (~b.visual).nonzero()[:, 0]
    own_places = p + torch.arange(own.shape[2])[None]
    angles = lambda z: packed.angles(vlm, z)  # noqa: E731
    for i, module in enumerate(vlm.layers):
        if ratios[i] == 1:
            prefix, own = packed.layer(module, prefix, own, torch.arange(p)[None], own_places, angles)
            prefix, own = module.feed_forward(prefix), module.feed_forward(own)
            continue
        weight = routers(i, prefix[:, visual])
        count = int(torch.tensor(len(visual), dtype=torch.float32) * torch.tensor(ratios[i], dtype=torch.float32))
        best = weight.topk(count, 1).indices
        keep = torch.cat([other.expand(n, -1), visual[best]], 1).sort(1).values
        every = torch.ones(n, p).index_copy(1, visual, weight)
        kept, own = packed.layer(module, rows(prefix, keep), own, keep, own_places, angles)
        kept = kept + every.gather(1, keep)[..., None] * (module.feed_forward(kept) - kept)
        own = module.feed_forward(own)
        prefix = (every[..., None] * prefix).scatter(1, keep[..., None].expand(-1, -1, prefix.shape[-1]), kept)
    return own


class GammaRouter(nn.Module):
    """One router for all layers, text and visual tokens: probability that a token is processed."""

    def __init__(self, d):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2, d))

    def forward(self, module, x):
        return (module.input_layernorm(x) @ self.weight.T).softmax(-1)[..., 1]


def gamma(vlm, router, b, routed, capacity, threshold, in_place):
    """Hidden states [B, K, L, D], router loss, probabilities of the visual tokens [layers, B, V].

    Layers process the visual tokens above the threshold, as the runtime does, and all text. The router loss wants the share
    `capacity` of a picture's tokens, the best, and all text. Routed layers count positions again unless in_place.
    """
    prefix, own = packed.start(vlm, b)
    n, p, d = prefix.shape
    angles = lambda z: packed.angles(vlm, z)  # noqa: E731
    aux, seen = 0.0, []
    count = math.ceil(capacity * int(b.visual.sum()))
    for i, module in enumerate(vlm.layers):
        if not routed[i]:
            places = p + torch.arange(own.shape[2])[None]
            prefix, own = packed.layer(module, prefix, own, torch.arange(p)[None], places, angles)
            prefix, own = module.feed_forward(prefix), module.feed_forward(own)
            continue
        before, behind = router(module, prefix), router(module, own)
        if i + 1 == len(vlm.layers):  # Text in the layer that gives the logits is processed as without a router.
            before, behind = torch.where(b.visual, before, 1.0), torch.ones_like(behind)
        alive = (before > threshold) | ~b.visual
        # The loss is the router's alone, and text counts as much as the picture: a word that is skipped costs the answer.
        told, said = (router(module, z.detach()).clamp(1e-6, 1 - 1e-6) for z in (prefix, own))
        picture = told[:, b.visual]
        wanted = torch.zeros_like(picture).scatter(1, picture.topk(count, 1).indices, 1.0)
        nll = -(wanted * picture.log() + (1 - wanted) * (1 - picture).log())
        aux = aux + nll.mean() - (told[:, ~b.visual].log().mean() + said.log().mean()) / 2
        counts = alive.sum(1, keepdim=True)
        # Those that are processed come first, in their order; pictures with fewer of them are filled up, and what fills is masked.
        keep = (~alive).long().sort(dim=1, stable=True).indices[:, : int(counts.max())]
        there = alive.gather(1, keep)
        places = keep if in_place else decoding.positions(there)
        own_places = (p if in_place else counts) + torch.arange(own.shape[2])[None]
        attended, own = packed.layer(module, rows(prefix, keep), own, places, own_places, angles, alive=there)
        processed = attended + before.gather(1, keep)[..., None] * (module.feed_forward(attended) - attended)
        prefix = prefix.scatter(1, keep[..., None].expand(-1, -1, d), torch.where(there[..., None], processed, rows(prefix, keep)))
        own = own + behind[..., None] * (module.feed_forward(own) - own)
        seen.append(picture.detach())
    return own, aux, torch.stack(seen)


@torch.no_grad()
def alone(vlm, q, route):
    """One question a sequence, as the runtime does it; logits [rows of where] and visual rows processed a layer, [B, layers].

    route(i, module, x) -> processed [B, S], weight [B, S] of the MLP's part and of rows that pass by, renumber.
    """
    x = decoding.embed(vlm, q)
    n, s, _ = x.shape
    mask, counts = decoding.causal(s), []
    original = torch.arange(s).expand(n, -1)
    for i, module in enumerate(vlm.layers):
        processed, weight, renumber = route(i, module, x)
        places = decoding.positions(processed) if renumber else original
        cos, sin = rotary(places, vlm.c.head_dim, vlm.c.rope_theta)
        bias = mask + torch.where(processed, 0.0, -1e9)[:, None, None]
        a = x + decoding.attention(module, x, cos, sin, bias)[0]
        out = a + weight[..., None] * (module.feed_forward(a) - a)
        x = torch.where(processed[..., None], out, x * weight[..., None])
        counts.append((processed & q.visual).sum(1).float())
    return vlm.logits(x.flatten(0, 1)[q.where]), torch.stack(counts, 1)


def pmod_route(routers, q, ratios):
    def route(i, module, x):
        everything, ones = torch.ones_like(q.real), torch.ones(q.real.shape)
        if ratios[i] == 1:
            return everything, ones, False
        slots = q.slots
        weight = routers(i, x[:, slots])
        count = int(torch.tensor(len(slots), dtype=torch.float32) * torch.tensor(ratios[i], dtype=torch.float32))
        # By the logits, as their tanh saturates; ties, which untrained routers are full of, go to the earlier token.
        best = routers.logits(i, x[:, slots]).sort(dim=1, descending=True, stable=True).indices[:, :count]
        chosen = torch.zeros_like(weight, dtype=torch.bool).scatter(1, best, True)
        return everything.index_copy(1, slots, chosen), ones.index_copy(1, slots, weight), False

    return route


def gamma_route(router, q, settings):
    """Tokens of the answer come one by one and have their own threshold."""
    answer = torch.zeros(q.ids.numel(), dtype=torch.bool)
    answer[q.where] = True
    answer = answer.view(q.ids.shape)
    first = answer & (answer.long().cumsum(1) == 1)
    answer = answer & ~first

    def route(i, module, x):
        renumber = not settings["in_place"]
        if not settings["routed"][i]:
            return torch.ones_like(q.real), torch.ones(q.real.shape), renumber
        p = router(module, x)
        if i + 1 == len(settings["routed"]):
            p = torch.where(q.visual, p, 1.0)
        processed = torch.where(answer, p >= settings["decode"], p > settings["threshold"])
        return processed, torch.where(processed, p, 1.0), renumber

    return route
