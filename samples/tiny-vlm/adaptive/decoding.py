"""The decoder, one question a sequence, with masks in place of dropped rows: what every method here is trained and checked with.

Shapes: B questions, S tokens (prompt, answer, padding), V visual tokens. A masked column has no weight and no token attends to
a masked row, so the figures are those of a decoder that really drops the rows; Java tests compare them.
"""

import random
import sys
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from features import HERE

sys.path.insert(0, str(HERE.parent))

import tokens  # noqa: E402
from model import rotary, rotate  # noqa: E402

IMAGE = tokens.id_of("<image>")
END = tokens.id_of("<end_of_utterance>")


@dataclass
class Questions:
    """A batch of one layout. ids [B, S]; visual [B, S] and text [B, S] (prompt after the picture) are masks; real [B, S] is not padding."""

    ids: torch.Tensor
    features: torch.Tensor  # [B, V, D]
    visual: torch.Tensor
    text: torch.Tensor
    real: torch.Tensor
    where: torch.Tensor  # places in B * S whose next token belongs to the answer
    target: torch.Tensor
    entries: list  # (record, index of the question)

    @property
    def slots(self):
        """Places of the visual tokens, the same in every question, [V]."""
        return self.visual[0].nonzero()[:, 0]


def questions(entries, tokens_a_tile=144):
    """entries: (record, index of its question), all of one layout."""
    prefix = list(tokens.prefix(*entries[0][0]["layout"], tokens_a_tile))
    rows, starts = [], []
    for record, k in entries:
        ids, start = tokens.pair(*record["qa"][k][:2])
        rows.append(prefix + ids[:-1])
        starts.append(len(prefix) + start)
    longest = (max(len(r) for r in rows) + 3) // 4 * 4
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    real, text = torch.zeros_like(ids, dtype=torch.bool), torch.zeros_like(ids, dtype=torch.bool)
    last = max(i for i, t in enumerate(prefix) if t == IMAGE)
    where, target = [], []
    for b, ((record, k), row, start) in enumerate(zip(entries, rows, starts)):
        ids[b, : len(row)] = torch.tensor(row)
        real[b, : len(row)] = True
        text[b, last + 1 : start + 1] = True
        answer = tokens.pair(*record["qa"][k][:2])[0][start - len(prefix) + 1 :]
        where += [b * longest + start + i for i in range(len(answer))]
        target += answer
    features = torch.stack([r["features"].float().flatten(0, 1) for r, _ in entries])
    return Questions(ids, features, ids == IMAGE, text, real, torch.tensor(where), torch.tensor(target), entries)


def embed(vlm, q):
    x = vlm.embed(q.ids)
    return x.masked_scatter(q.visual[..., None], q.features.to(x.dtype))


def causal(s):
    return torch.full((s, s), float("-inf")).triu(1)


def attention(layer, x, cos, sin, bias):
    """Attention output [B, S, D], weights [B, H, S, S], rotated q and k [B, H or kvHeads, S, d]."""
    b, s, d = x.shape
    q, k, v = (z.transpose(1, 2) for z in layer.qkv(x, cos, sin))
    groups = q.shape[1] // k.shape[1]
    keys, values = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
    weights = (q @ keys.transpose(-1, -2) * q.shape[-1] ** -0.5 + bias).softmax(-1)
    return layer.o_proj((weights @ values).transpose(1, 2).reshape(b, s, d)), weights, q, k


def positions(alive):
    """Contiguous position ids of the rows that are there, [B, S]."""
    return (alive.long().cumsum(1) - 1).clamp(min=0)


def forward(vlm, q, kept=None, after_layer=None, in_place=False):
    """Logits [rows of where, vocabulary].

    kept [B, V]: visual tokens that enter the decoder at all; positions then count those alone, as the runtime writes shorter prompts,
    unless in_place.
    after_layer(layer, x, weights, q, k, alive) -> alive [B, S]: rows that deeper layers see, at their old positions.
    """
    x = embed(vlm, q)
    alive = torch.ones_like(q.real)
    if kept is not None:
        alive = alive.masked_scatter(q.visual, kept.bool())
    cos, sin = rotary(positions(torch.ones_like(alive) if in_place else alive), vlm.c.head_dim, vlm.c.rope_theta)
    mask = causal(x.shape[1])
    for i, layer in enumerate(vlm.layers):
        bias = mask + torch.where(alive, 0.0, -1e9)[:, None, None]
        a, weights, query, key = attention(layer, x, cos, sin, bias)
        x = layer.feed_forward(x + a)
        if after_layer is not None:
            alive = after_layer(i, x, weights, query, key, alive)
    return vlm.logits(x.flatten(0, 1)[q.where])


def hits(q, logits):
    """Whether every token of the answer is the most likely one, [B]: what greedy decoding would answer right."""
    right = (logits.argmax(-1) == q.target).float()
    b = q.where // q.ids.shape[1]
    return torch.ones(len(q.ids)).scatter_reduce(0, b, right, "amin").bool()


def loss(q, logits):
    return F.cross_entropy(logits.float(), q.target)


def grouped(records, size, seed=None):
    """Batches of at most `size` questions of one layout; a big layout gets fewer. Shuffled when there is a seed."""
    by_layout = {}
    for r in records:
        by_layout.setdefault(r["layout"], []).extend((r, k) for k in range(len(r["qa"])))
    out = []
    rng = random.Random(seed)
    for layout, entries in by_layout.items():
        if seed is not None:
            rng.shuffle(entries)
        n = max(1, size // max(1, len(entries[0][0]["features"])))
        out += [entries[i : i + n] for i in range(0, len(entries), n)]
    if seed is not None:
        rng.shuffle(out)
    return out


@torch.no_grad()
def evaluate(records, answer, size=24):
    """Accuracy and what else is counted, per family. answer(q) -> hits [B] and a dict of figures [B]."""
    sums = {}
    for entries in grouped(records, size):
        q = questions(entries)
        right, figures = answer(q)
        for b, (record, _) in enumerate(entries):
            s = sums.setdefault(record["family"], {"n": 0, "accuracy": 0.0})
            s["n"] += 1
            s["accuracy"] += float(right[b])
            for name, value in figures.items():
                s[name] = s.get(name, 0.0) + float(value[b])
    return {f: {k: (v if k == "n" else round(v / s["n"], 4)) for k, v in s.items()} for f, s in sorted(sums.items())}
