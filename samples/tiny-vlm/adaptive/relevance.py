"""Trains the relevance head: how much each visual token matters for a question, known before the decoder runs.

    python relevance.py --minutes 5 --out ../runs/adaptive/relevance

Supervised twice: by where the dense decoder's answer looks (teacher.py), and by the boxes of the things asked about. Resumes from
--out/last.pt when that is there. The language model and the encoder stay as they are.
"""

import argparse
import json
import pathlib
import random
import time

import torch
import torch.nn.functional as F
from torch import nn

import decoding
import features
from decoding import tokens

HEADS, SIZE = 8, 32


class RelevanceHead(nn.Module):
    """Word embeddings [T, D] and visual tokens [N, D] -> a logit for each visual token, [N]."""

    def __init__(self, d, heads=HEADS, size=SIZE):
        super().__init__()
        self.heads, self.size = heads, size
        inner = heads * size
        self.word_norm = nn.LayerNorm(d)
        self.neighbours = nn.Conv1d(d, inner, 3, padding=1)
        self.pooling = nn.Linear(inner, heads)
        self.query = nn.Linear(inner, inner)
        self.token_norm = nn.LayerNorm(d)
        self.key = nn.Linear(d, inner)
        self.saliency = nn.Linear(d, 24)
        self.mix = nn.Linear(heads + 24, 48)
        self.out = nn.Linear(48, 1)

    def queries(self, words, real):
        """A query for each head, [B, heads, size]: words [B, T, D] with their neighbours, pooled by attention over real ones."""
        x = self.word_norm(words) * real[..., None]
        u = F.gelu(self.neighbours(x.transpose(1, 2)).transpose(1, 2))
        weights = (self.pooling(u) + torch.where(real, 0.0, -1e9)[..., None]).softmax(1)
        values = self.query(u).view(*u.shape[:2], self.heads, self.size)
        return (weights[..., None] * values).sum(1)

    def forward(self, words, visual, real):
        y = self.token_norm(visual)
        keys = self.key(y).view(*y.shape[:2], self.heads, self.size)
        dots = torch.einsum("bhs,bnhs->bnh", self.queries(words, real), keys) * self.size**-0.5
        return self.out(F.gelu(self.mix(torch.cat([dots, self.saliency(y)], -1))))[..., 0]


def asked(vlm, questions):
    """Embeddings of the questions' words [B, T, D] and which are real [B, T]."""
    ids = [tokens.encode(q) for q in questions]
    out = torch.zeros(len(ids), max(len(i) for i in ids), dtype=torch.long)
    real = torch.zeros_like(out, dtype=torch.bool)
    for b, i in enumerate(ids):
        out[b, : len(i)] = torch.tensor(i)
        real[b, : len(i)] = True
    return vlm.embed(out), real


def scores(head, vlm, q):
    """Logits [B, V] for a batch of decoding.Questions."""
    words, real = asked(vlm, [r["qa"][k][0] for r, k in q.entries])
    return head(words, q.features, real)


def top(logits, keep):
    count = max(1, int(keep * logits.shape[1]))
    return torch.zeros_like(logits).scatter(1, logits.topk(count, 1).indices, 1.0)


def targets(records, rows):
    """Where the answer looks [B, V], and the patches of the things asked about [B, V] (none: all zero)."""
    looks = torch.stack([r["looks"].float() for r in rows])
    boxes = torch.zeros_like(looks)
    for b, r in enumerate(rows):
        record = records[r["record"]]
        owner = record["owner"].flatten()
        for i in record["qa"][r["question"]][3]:
            boxes[b] += owner == i
    return looks, boxes


def check(head, vlm, heldout, keep, families):
    def answer(q):
        return decoding.hits(q, decoding.forward(vlm, q, kept=top(scores(head, vlm, q), keep))), {}

    return {f: r["accuracy"] for f, r in decoding.evaluate([r for r in heldout if r["family"] in families], answer).items()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--minutes", type=float, default=5)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--data", default=str(features.HERE.parent / "runs/adaptive"))
    p.add_argument("--checkpoint", default=str(features.HERE.parent / "checkpoint-fp16.pt"))
    p.add_argument("--out", default=str(features.HERE.parent / "runs/adaptive/relevance"))
    p.add_argument("--boxes", type=float, default=0.4, help="share of the target that boxes make up, where there are any")
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    data, out = pathlib.Path(args.data), pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    vlm = features.load(args.checkpoint)
    records = torch.load(data / "train.pt", weights_only=False)
    rows = torch.load(data / "teacher.pt", weights_only=False)["rows"]
    heldout = [r for i, r in enumerate(torch.load(data / "heldout.pt", weights_only=False)) if i % 3 == 0 and r["layout"] == (1, 0, 0)]
    head = RelevanceHead(vlm.c.hidden)
    if (out / "last.pt").exists():
        head.load_state_dict({k: v.float() for k, v in torch.load(out / "last.pt").items()})
    optimizer = torch.optim.AdamW(head.parameters(), lr=args.lr, weight_decay=0.01)
    by_size = {}
    for r in rows:
        by_size.setdefault(len(r["looks"]), []).append(r)
    begun, step, sums, progress = time.time(), 0, [0.0, 0.0, 0.0], 0.0
    with open(out / "log.jsonl", "a") as log:
        while progress < 1:
            progress = (time.time() - begun) / 60 / args.minutes
            for group in optimizer.param_groups:
                group["lr"] = args.lr * min(1, (step + 1) / 50) * max(0.02, 1 - progress)
            size = rng.choices(list(by_size), [len(v) for v in by_size.values()])[0]
            chosen = rng.sample(by_size[size], min(len(by_size[size]), max(8, 64 * 144 // size)))
            looks, boxes = targets(records, chosen)
            words, real = asked(vlm, [records[r["record"]]["qa"][r["question"]][0] for r in chosen])
            visual = torch.stack([records[r["record"]]["features"].float().flatten(0, 1) for r in chosen])
            logits = head(words, visual, real)
            there = boxes.sum(1, keepdim=True)
            target = torch.where(there > 0, (1 - args.boxes) * looks + args.boxes * boxes / there.clamp(min=1), looks)
            spread = -(target * logits.log_softmax(1)).sum(1).mean()
            inside = F.binary_cross_entropy_with_logits(logits, boxes.clamp(max=1), reduction="none")
            loss = spread + 0.3 * inside[there[:, 0] > 0].mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(head.parameters(), 1.0)
            optimizer.step()
            step += 1
            mass = (looks * top(logits.detach(), 0.125)).sum(1).mean() / (looks * top(looks, 0.125)).sum(1).mean()
            sums = [a + b for a, b in zip(sums, (spread.item(), inside.mean().item(), mass.item()))]
            if step % 50 == 0:
                row = {"step": step, "minutes": round((time.time() - begun) / 60, 2), "spread": round(sums[0] / 50, 4), "inside": round(sums[1] / 50, 4), "mass": round(sums[2] / 50, 4)}
                print(json.dumps(row), file=log, flush=True)
                sums = [0.0, 0.0, 0.0]
            if step % 500 == 0:
                torch.save(head.state_dict(), out / "last.pt")
        head.eval()
        score = {str(k): check(head, vlm, heldout, k, ("shapes", "text", "charts", "easy-vqa")) for k in (0.125,)}
        print(json.dumps({"step": step, "minutes": round((time.time() - begun) / 60, 2), "held out": score}), file=log, flush=True)
        torch.save(head.state_dict(), out / "last.pt")


if __name__ == "__main__":
    main()
