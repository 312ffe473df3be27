"""One picture and many questions behind it in one pass, where the visual tokens do not depend on the question.

Shapes: B pictures, P prefix tokens, K questions of L tokens each. Every question sees the prefix and itself only.
"""

from dataclasses import dataclass

import torch

import decoding
from decoding import tokens
from model import rotary


@dataclass
class Packed:
    """A batch of one layout: prefix ids [P], question ids [B, K, L]; where, target as in decoding.Questions, over B * K * L."""

    prefix: torch.Tensor
    features: torch.Tensor
    ids: torch.Tensor
    length: torch.Tensor  # [B, K]: tokens up to where the answer begins to be predicted, this one included
    where: torch.Tensor
    target: torch.Tensor
    numbers: list  # [B][K]: which question of the record

    @property
    def visual(self):
        return self.prefix == decoding.IMAGE


def pack(records, most, rng, tokens_a_tile=144):
    """At most `most` questions of each record; a record with fewer repeats them."""
    chosen = []
    for r in records:
        numbers = list(range(len(r["qa"])))
        rng.shuffle(numbers)
        chosen.append((numbers * (most // len(numbers) + 1))[:most])
    pairs = [[tokens.pair(*r["qa"][k][:2]) for k in ks] for r, ks in zip(records, chosen)]
    longest = (max(len(p) for row in pairs for p, _ in row) + 3) // 4 * 4
    ids = torch.zeros(len(records), most, longest, dtype=torch.long)
    length = torch.zeros(len(records), most, dtype=torch.long)
    where, target = [], []
    for b, row in enumerate(pairs):
        for k, (seq, start) in enumerate(row):
            ids[b, k, : len(seq)] = torch.tensor(seq)
            length[b, k] = start + 1
            for p in range(start, len(seq) - 1):
                where.append((b * most + k) * longest + p)
                target.append(seq[p + 1])
    prefix = torch.tensor(tokens.prefix(*records[0]["layout"], tokens_a_tile))
    features = torch.stack([r["features"].float().flatten(0, 1) for r in records])
    return Packed(prefix, features, ids, length, torch.tensor(where), torch.tensor(target), chosen)


def start(vlm, b):
    """Embeddings of prefix [B, P, D] and questions [B, K, L, D]."""
    prefix = vlm.embed(b.prefix).expand(len(b.ids), -1, -1)
    prefix = prefix.index_copy(1, b.visual.nonzero()[:, 0], b.features.to(prefix.dtype))
    return prefix, vlm.embed(b.ids)


def angles(vlm, places):
    return rotary(places, vlm.c.head_dim, vlm.c.rope_theta)


def layer(module, prefix, own, prefix_places, own_places, angles_of, weights_too=False, alive=None):
    """One layer's residual after attention, for prefix [B, P, D] and questions [B, K, L, D]; places [B or 1, P] and [B or 1, L].

    No token attends to tokens that are not alive [B, P]. With weights_too, also how much each token of a question attends to each of the prefix, mean over heads: [B, K, L, P].
    """
    bs, p, d = prefix.shape
    _, k, l, _ = own.shape
    c = module.c
    kv, groups, h = c.kv_heads, c.heads // c.kv_heads, c.head_dim
    qp, kp, vp = module.qkv(prefix, *angles_of(prefix_places))
    cos, sin = angles_of(own_places)
    cos, sin = (z.repeat(1, k, 1) for z in (cos, sin))
    qt, kt, vt = module.qkv(own.reshape(bs, k * l, d), cos, sin)
    kp = kp.transpose(1, 2).reshape(bs * kv, p, h)
    vp = vp.transpose(1, 2).reshape(bs * kv, p, h)
    qp = qp.view(bs, p, kv, groups, h).permute(0, 2, 3, 1, 4).reshape(bs * kv, groups * p, h)
    scores = (torch.bmm(qp, kp.transpose(1, 2)) * h**-0.5).view(bs * kv, groups, p, p) + decoding.causal(p).to(qp.dtype)
    if alive is not None:
        hidden = torch.where(alive, 0.0, -1e9).repeat_interleave(kv, 0)
        scores = scores + hidden[:, None, None]
    out = torch.bmm(scores.softmax(-1).view(bs * kv, groups * p, p), vp)
    out = out.view(bs, kv, groups, p, h).permute(0, 3, 1, 2, 4).reshape(bs, p, d)
    qt = qt.view(bs, k * l, kv, groups, h).permute(0, 2, 1, 3, 4).reshape(bs * kv, k * l * groups, h)
    kt = kt.view(bs, k, l, kv, h).permute(0, 3, 1, 2, 4).reshape(bs * kv * k, l, h)
    vt = vt.view(bs, k, l, kv, h).permute(0, 3, 1, 2, 4).reshape(bs * kv * k, l, h)
    to_prefix = torch.bmm(qt, kp.transpose(1, 2)) * h**-0.5
    if alive is not None:
        to_prefix = to_prefix + hidden[:, None]
    to_own = torch.bmm(qt.reshape(-1, l * groups, h), kt.transpose(1, 2)) * h**-0.5
    to_own = (to_own.view(-1, l, groups, l) + decoding.causal(l).to(qt.dtype)[:, None]).view(bs * kv, k * l * groups, l)
    weights = torch.cat([to_prefix, to_own], -1).softmax(-1)
    said = torch.bmm(weights[..., :p], vp) + torch.bmm(weights[..., p:].reshape(-1, l * groups, l), vt).view(bs * kv, k * l * groups, h)
    said = said.view(bs, kv, k * l, groups, h).permute(0, 2, 1, 3, 4).reshape(bs, k, l, d)
    prefix, own = prefix + module.o_proj(out), own + module.o_proj(said)
    if not weights_too:
        return prefix, own
    seen = weights[..., :p].view(bs, kv, k, l, groups, p).mean((1, 4))
    return prefix, own, seen


def dense(vlm, b):
    """Hidden states of the questions without any pruning, [B, K, L, D]."""
    prefix, own = start(vlm, b)
    places = torch.arange(prefix.shape[1])[None]
    own_places = prefix.shape[1] + torch.arange(own.shape[2])[None]
    for module in vlm.layers:
        prefix, own = layer(module, prefix, own, places, own_places, lambda z: angles(vlm, z))
        prefix, own = module.feed_forward(prefix), module.feed_forward(own)
    return own


def logits(vlm, own, b):
    return vlm.logits(own.flatten(0, 2)[b.where]).float()


def questions_right(b, out):
    """Whether every answer token is the most likely one, [B, K]."""
    right = (out.argmax(-1) == b.target).float()
    at = b.where // b.ids.shape[2]
    return torch.ones(b.ids.shape[0] * b.ids.shape[1]).scatter_reduce(0, at, right, "amin").bool().view(b.ids.shape[:2])


def batches_of(records, tiles, rng):
    """Shuffled batches of records of one layout, at most `tiles` tiles each."""
    by_layout = {}
    for r in records:
        by_layout.setdefault(r["layout"], []).append(r)
    out = []
    for rows in by_layout.values():
        rows = list(rows)
        rng.shuffle(rows)
        n = max(1, tiles // len(rows[0]["features"]))
        out += [rows[i : i + n] for i in range(0, len(rows), n)]
    rng.shuffle(out)
    return out
