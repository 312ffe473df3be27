"""Trains ATP modules: thresholds that each picture and question find for themselves, after three decoder layers.

    python atp.py --minutes 14 --out ../runs/adaptive/atp

Redundancy and spatial scores, soft masks, the answers' loss with the depth and the target loss (ATP-LLaVA, our reading). The language
model stays as it is unless --tune gives its layers a rate. Resumes from --out/last.pt.
"""

import argparse
import json
import pathlib
import random
import time

import torch
from torch import nn

import decoding
import features
from model import rotary

TILE = 144
GRID = 12


def spatial_scores(coarsest):
    """1 - 3 R for every place of a tile, R the share of the sparsest grid that holds it, [TILE]."""
    out = torch.zeros(TILE)
    for i in range(TILE):
        stride = coarsest
        while (i // GRID) % stride or (i % GRID) % stride:
            stride -= 1
        out[i] = 1 - 3 * (-(-GRID // stride)) ** 2 / TILE
    return out


def scaled(x, alive):
    """From 0 at the smallest to 1 at the largest of what is there, [B, V]; 0 elsewhere."""
    low = x.masked_fill(~alive, float("inf")).amin(1, keepdim=True)
    high = x.masked_fill(~alive, -float("inf")).amax(1, keepdim=True)
    return torch.where(alive, (x - low) / (high - low).clamp(min=1e-12), 0.0)


def ranked(x, alive):
    """From 0 for the smallest to 1 for the largest of what is there, in even steps, [B, V]; of equal ones the first is more."""
    order = x.masked_fill(~alive, -float("inf")).sort(dim=1, descending=True, stable=True).indices
    place = torch.zeros_like(x).scatter(1, order, torch.arange(x.shape[1], dtype=x.dtype).expand(len(x), -1))
    last = alive.sum(1, keepdim=True) - 1
    return torch.where(alive, (last - place) / last.clamp(min=1), 0.0)


READINGS = {"plain": lambda x, alive: torch.where(alive, x, 0.0), "scaled": scaled, "ranked": ranked}


def raw_scores(q, weights, query, key, share):
    """Self logits and cross attention of the visual tokens, [B, V] both; share [B, V] says how much each still counts as a query."""
    slots = q.slots
    mean = (query[:, :, slots] * share[:, None, :, None]).sum(2) / share.sum(1)[:, None, None]
    keys = key[:, :, slots].repeat_interleave(query.shape[1] // key.shape[1], 1)
    own = (mean[:, :, None] * keys).sum(-1).mean(1) * query.shape[-1] ** -0.5
    cross = (weights[..., slots] * q.text[:, None, :, None]).sum(2).mean(1) / q.text.sum(1, keepdim=True)
    return own, cross


class AtpModules(nn.Module):
    """A module for each of several layers: z = W [self; cross] + b of a tile; two thresholds, sigmoid(w z + b)."""

    def __init__(self, layers, reading="scaled", width=16, coarsest=4):
        super().__init__()
        self.layers, self.reading, self.coarsest = layers, reading, coarsest
        self.embed = nn.ModuleDict({str(i): nn.Linear(2 * TILE, width) for i in layers})
        self.redundancy = nn.ModuleDict({str(i): nn.Linear(width, 1) for i in layers})
        self.spatial = nn.ModuleDict({str(i): nn.Linear(width, 1) for i in layers})
        for i in layers:
            nn.init.normal_(self.embed[str(i)].weight, std=0.05)
            nn.init.normal_(self.redundancy[str(i)].weight, std=0.1)
            nn.init.normal_(self.spatial[str(i)].weight, std=0.1)
            nn.init.constant_(self.redundancy[str(i)].bias, 0.4 if reading == "ranked" else -0.6)
            nn.init.constant_(self.spatial[str(i)].bias, 0.0)

    def forward(self, layer, own, cross, alive):
        """Redundancy [B, V], spatial [B, V] scores and the thresholds of each tile, [B, V] both."""
        own, cross = (READINGS[self.reading](x, alive) for x in (own, cross))
        b, v = own.shape
        tiles = torch.cat([own.view(b, -1, TILE), cross.view(b, -1, TILE)], -1)
        z = self.embed[str(layer)](tiles)
        r, s = (getattr(self, n)[str(layer)](z).sigmoid().expand(-1, -1, TILE).reshape(b, v) for n in ("redundancy", "spatial"))
        return (own + cross) / 2, spatial_scores(self.coarsest).repeat(v // TILE).expand(b, -1), r, s


def soft(vlm, modules, q, temperature):
    """Logits and the soft masks after each module, [B, V] each: columns are weighed, nothing is dropped."""
    x = decoding.embed(vlm, q)
    slots = q.slots
    m = torch.ones(len(q.ids), len(slots))
    cos, sin = rotary(torch.arange(x.shape[1])[None], vlm.c.head_dim, vlm.c.rope_theta)
    mask, eye, masks, bias = decoding.causal(x.shape[1]), torch.eye(x.shape[1]), [], None
    for i, layer in enumerate(vlm.layers):
        if bias is None:
            bias = mask
        a, weights, query, key = decoding.attention(layer, x, cos, sin, bias)
        x = layer.feed_forward(x + a)
        if i in modules.layers:
            own, cross = raw_scores(q, weights, query, key, m)
            r, s, tr, ts = modules(i, own, cross, m > 0.5)
            m = m * torch.maximum(((r - tr) * temperature).sigmoid(), ((s - ts) * temperature).sigmoid())
            masks.append(m)
            column = torch.zeros(q.ids.shape).index_copy(1, slots, (m + 1e-6).log())
            bias = mask + column[:, None, None] * (1 - eye)
    return vlm.logits(x.flatten(0, 1)[q.where]), masks


@torch.no_grad()
def hard(vlm, modules, q):
    """Logits, tokens kept after each module [B, modules], share of visual rows over all layers [B], thresholds, kept masks."""
    slots = q.slots
    kept, thresholds, rows, masks = [], [], [], []

    def hook(i, x, weights, query, key, alive):
        now = alive[:, slots]
        rows.append(now.float().mean(1))
        if i not in modules.layers:
            return alive
        own, cross = raw_scores(q, weights, query, key, now.float())
        r, s, tr, ts = modules(i, own, cross, now)
        margin = torch.maximum(r - tr, s - ts).masked_fill(~now, -float("inf"))
        stay = margin > 0
        best = r.masked_fill(~now, -float("inf")).argmax(1)
        none = ~stay.any(1)
        stay[none, best[none]] = True
        kept.append(stay.sum(1).float())
        thresholds.append(torch.stack([tr[:, 0], ts[:, 0]], 1))
        masks.append(stay)
        return alive.index_copy(1, slots, stay)

    logits = decoding.forward(vlm, q, after_layer=hook)
    return logits, torch.stack(kept, 1), torch.stack(rows, 1).mean(1), torch.stack(thresholds, 1), masks


def check(vlm, modules, heldout):
    def answer(q):
        logits, kept, share, thresholds, _ = hard(vlm, modules, q)
        figures = {"share": share, "kept": kept.mean(1) / len(q.slots)}
        return decoding.hits(q, logits), figures

    return {f: (r["accuracy"], r["kept"], r["share"]) for f, r in decoding.evaluate(heldout, answer).items()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--minutes", type=float, default=14)
    p.add_argument("--layers", default="1,3,5", help="modules follow these layers, counted from 0")
    p.add_argument("--reading", choices=list(READINGS), default="scaled", help="ranked is here to be compared; packages hold the others")
    p.add_argument("--target", type=float, default=0.25, help="target share of tokens, mean over modules")
    p.add_argument("--lr", type=float, default=1e-2)
    p.add_argument("--tune", type=float, default=0.0, help="rate of the decoder's layers")
    p.add_argument("--depth-weight", type=float, default=0.05)
    p.add_argument("--target-weight", type=float, default=0.02, help="per token of a tile")
    p.add_argument("--temperature", default="10,60", help="of the soft masks, at the start and at the end")
    p.add_argument("--tiles", type=int, default=16)
    p.add_argument("--data", default=str(features.HERE.parent / "runs/adaptive"))
    p.add_argument("--checkpoint", default=str(features.HERE.parent / "checkpoint-fp16.pt"))
    p.add_argument("--out", default=str(features.HERE.parent / "runs/adaptive/atp"))
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    data, out = pathlib.Path(args.data), pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    vlm = features.load(args.checkpoint)
    records = torch.load(data / "train.pt", weights_only=False)
    heldout = [r for i, r in enumerate(torch.load(data / "heldout.pt", weights_only=False)) if i % 3 == 1 and r["layout"] == (1, 0, 0)]
    cold, hot = (float(t) for t in args.temperature.split(","))
    layers = [int(i) for i in args.layers.split(",")]
    modules = AtpModules(layers, args.reading)
    if (out / "last.pt").exists():
        state = torch.load(out / "last.pt", weights_only=False)
        modules.load_state_dict({k: v.float() for k, v in state["modules"].items()})
        vlm.load_state_dict({k: v.float() for k, v in state.get("model", {}).items()}, strict=False)
    groups = [{"params": list(modules.parameters()), "rate": args.lr}]
    if args.tune:
        vlm.layers.requires_grad_(True)
        groups.append({"params": list(vlm.layers.parameters()), "rate": args.tune})
    optimizer = torch.optim.AdamW(groups, lr=args.lr, betas=(0.9, 0.98), weight_decay=0.0)
    log = open(out / "log.jsonl", "a")
    say = lambda row: print(json.dumps(row), file=log, flush=True)  # noqa: E731

    def save():
        state = {"modules": {k: v.clone() for k, v in modules.state_dict().items()}, "layers": layers, "reading": args.reading}
        if args.tune:
            state["model"] = {k: v.half() for k, v in vlm.state_dict().items() if k.startswith("layers.")}
        torch.save(state, out / "last.tmp")
        (out / "last.tmp").replace(out / "last.pt")

    # One question a picture and a pass: what is kept depends on the question.
    begun, step, sums, saved, progress, todo = time.time(), 0, [0.0] * 4, 0, 0.0, []
    while progress < 1:
        if not todo:
            once = [{**r, "qa": [rng.choice(r["qa"])]} for r in records]
            todo = decoding.grouped(once, args.tiles, rng.random())
        q = decoding.questions(todo.pop())
        progress = (time.time() - begun) / 60 / args.minutes
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * min(1, (step + 1) / 30) * (1 if progress < 0.6 else max(0.05, 2.5 * (1 - progress)))
        temperature = cold + (hot - cold) * progress
        logits, masks = soft(vlm, modules, q, temperature)
        shares = torch.stack([m.mean() for m in masks])
        depth = (shares * torch.tensor([i + 1.0 for i in layers])).sum()
        target = (shares.mean() - args.target).abs() * TILE
        answer = decoding.loss(q, logits)
        loss = answer + args.depth_weight * depth + args.target_weight * target
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([p for g in groups for p in g["params"]], 1.0)
        optimizer.step()
        step += 1
        sums = [a + v.item() for a, v in zip(sums, (answer, depth, target, shares.mean()))]
        if step % 20 == 0:
            say({"step": step, "minutes": round((time.time() - begun) / 60, 2), **{n: round(s / 20, 4) for n, s in zip(("answer", "depth", "target", "share"), sums)}, "shares": [round(v, 3) for v in shares.tolist()]})
            sums = [0.0] * 4
        if int((time.time() - begun) / 180) > saved:
            saved = int((time.time() - begun) / 180)
            save()
    save()
    say({"step": step, "minutes": round((time.time() - begun) / 60, 2), "held out": check(vlm, modules, heldout)})


if __name__ == "__main__":
    main()
