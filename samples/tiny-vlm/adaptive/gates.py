"""Trains DyVTE's exit gates: after which layer the text has taken up what it needs, so that all visual tokens may leave.

    python gates.py --minutes 5 --stay 5 --out ../runs/adaptive/gates

The language model stays as it is. A gate learns from teacher.py whether the answer stays when the visual tokens leave after its layer.
"""

import argparse
import json
import pathlib
import time

import torch
import torch.nn.functional as F
from torch import nn

import decoding
import features

WIDTH = 128


class Gates(nn.Module):
    """A gate for each of several layers: W2 gelu(W1 f), logits of staying and of leaving."""

    def __init__(self, layers, d):
        super().__init__()
        self.layers = layers
        self.hidden = nn.ParameterDict({str(i): nn.init.xavier_uniform_(torch.empty(WIDTH, 2 * d)) for i in layers})
        self.output = nn.ParameterDict({str(i): nn.init.xavier_uniform_(torch.empty(2, WIDTH)) for i in layers})

    def forward(self, layer, f, dropout=0.0):
        h = F.gelu(F.dropout(f, dropout) @ self.hidden[str(layer)].T)
        return F.dropout(h, dropout) @ self.output[str(layer)].T


@torch.no_grad()
def leave(vlm, gates, q, after=None):
    """Logits when gates decide, and the layer after which the visual tokens left [B]; after: a fixed layer for all instead."""
    gone = torch.full((len(q.ids),), len(vlm.layers) - 1)
    last = q.text.long().cumsum(1).argmax(1)
    before = q.text.clone()
    before[torch.arange(len(last)), last] = False

    def hook(i, x, weights, query, key, alive):
        if i == len(vlm.layers) - 1:
            return alive
        if after is not None:
            out = torch.full((len(q.ids),), i == after)
        elif i in gates.layers:
            mean = (x * before[..., None]).sum(1) / before.sum(1, keepdim=True)
            logits = gates(i, torch.cat([mean, x[torch.arange(len(last)), last]], -1))
            out = (logits[:, 0] < logits[:, 1]) & (gone == len(vlm.layers) - 1)
        else:
            return alive
        gone[out] = i
        return alive & ~(q.visual & out[:, None])

    logits = decoding.forward(vlm, q, after_layer=hook)
    return logits, gone


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--minutes", type=float, default=1.5)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--margin", type=float, default=0.03, help="how much the answer's loss may rise (nats) where the visual tokens may leave")
    p.add_argument("--stay", type=float, default=2.0, help="weight of examples in which they must stay")
    p.add_argument("--dropout", type=float, default=0.2, help="in training, of what a gate reads and of its hidden units")
    p.add_argument("--data", default=str(features.HERE.parent / "runs/adaptive"))
    p.add_argument("--checkpoint", default=str(features.HERE.parent / "checkpoint-fp16.pt"))
    p.add_argument("--out", default=str(features.HERE.parent / "runs/adaptive/gates"))
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    data, out = pathlib.Path(args.data), pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    vlm = features.load(args.checkpoint)
    seen = torch.load(data / "teacher.pt", weights_only=False)
    rows, first = seen["rows"], seen["first_exit"]
    layers = list(range(first, first + len(rows[0]["agree"])))
    known = torch.stack([r["known"] for r in rows]).float()
    agree = torch.stack([r["agree"] for r in rows]).float()
    worse = torch.stack([r["worse"] for r in rows]).float()
    may = ((agree > 0.99) & (worse < args.margin)).long()
    # Whole pictures are left out, as questions of one picture are alike.
    left_out = torch.tensor([r["record"] % 10 == 0 for r in rows])
    gates = Gates(layers, vlm.c.hidden)
    if (out / "last.pt").exists():
        gates.load_state_dict({k: v.float() for k, v in torch.load(out / "last.pt").items()})
    optimizer = torch.optim.AdamW(gates.parameters(), lr=args.lr, weight_decay=0.05)
    learn = (~left_out).nonzero()[:, 0]
    weight = torch.tensor([args.stay, 1.0])
    begun, step, progress, total, best = time.time(), 0, 0.0, 0.0, (9e9, None)
    log = open(out / "log.jsonl", "a")
    while progress < 1:
        progress = (time.time() - begun) / 60 / args.minutes
        for group in optimizer.param_groups:
            group["lr"] = args.lr * max(0.02, 1 - progress)
        chosen = learn[torch.randint(len(learn), (256,))]
        loss = sum(F.cross_entropy(gates(i, known[chosen, i], args.dropout), may[chosen, i - first], weight) for i in layers) / len(layers)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        total += loss.item()
        if step % 50 == 0:
            with torch.no_grad():
                logits = [gates(i, known[left_out, i]) for i in layers]
                check = sum(F.cross_entropy(x, may[left_out, i - first], weight) for i, x in zip(layers, logits)).item() / len(layers)
                right = [round(float((x.argmax(1) == may[left_out, i - first]).float().mean()), 3) for i, x in zip(layers, logits)]
            if check < best[0]:
                best = (check, {k: v.clone() for k, v in gates.state_dict().items()})
            print(json.dumps({"step": step, "minutes": round((time.time() - begun) / 60, 2), "loss": round(total / 50, 4), "left out": round(check, 4), "right": right}), file=log, flush=True)
            total = 0.0
            if step > 400 and check > 1.15 * best[0]:
                break
    gates.load_state_dict(best[1])
    torch.save(gates.state_dict(), out / "last.pt")
    heldout = [r for i, r in enumerate(torch.load(data / "heldout.pt", weights_only=False)) if i % 3 == 1 and r["layout"] == (1, 0, 0)]

    def answer(q):
        logits, gone = leave(vlm, gates, q)
        return decoding.hits(q, logits), {"share": (gone + 1) / len(vlm.layers)}

    score = {f: (r["accuracy"], r["share"]) for f, r in decoding.evaluate(heldout, answer).items()}
    print(json.dumps({"step": step, "may leave": [round(v, 3) for v in may.float().mean(0).tolist()], "held out": score}), file=log, flush=True)


if __name__ == "__main__":
    main()
