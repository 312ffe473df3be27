"""Trains the tiny model: a few minutes of dense labels for the encoder alone, then questions and answers.

    python train.py --minutes 110 --dense 15 --easy 0.1 --out runs/a   # from scratch
    python train.py --minutes 60 --resume runs/a/last.pt --out runs/b
    python train.py --edition 2 --minutes 60 --resume checkpoint-fp16.pt --out runs/e

Workers are processes of one thread each that average their gradients. A checkpoint (weights fp32, their running average, the
optimizer's momentum) is written every few minutes and at the end; --resume starts from one, or from a *-fp16.pt in this folder.
"""

import argparse
import json
import os
import pathlib
import random
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F

import batches
import mixes
import tokens
from model import Config, DenseHeads, TinyVlm

# What the dense losses weigh beside the answers; at a third of this the encoder stops learning to read.
DENSE, TIED = 0.4, 0.2


class Muon:
    """Orthogonalised momentum for weight matrices (K. Jordan 2024), its work shared between workers; Adam for the rest."""

    def __init__(self, model, lr):
        self.lr = lr
        named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
        # Convolutions count as matrices [out, in * kernel]; the first one and depthwise ones are too thin for it.
        matrix = [p for n, p in named if (p.ndim == 2 and "embed" not in n and "heads" not in n) or (p.ndim == 4 and p.shape[1] >= 32)]
        chosen = {id(p) for p in matrix}
        rest = [p for _, p in named if id(p) not in chosen]
        groups = {}
        for p in matrix:
            groups.setdefault((p.shape[0], p[0].numel()), []).append(p)
        self.groups = [(ps, torch.zeros(len(ps), *shape)) for shape, ps in groups.items()]
        self.adam = torch.optim.AdamW(rest, lr=lr, betas=(0.9, 0.98), weight_decay=0.0, eps=1e-8)

    @staticmethod
    def orthogonal(g):
        a, b, c = 3.4445, -4.7750, 2.0315
        x = g.bfloat16()
        wide = x.shape[-2] > x.shape[-1]
        x = x.transpose(-1, -2) if wide else x
        x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
        for _ in range(5):
            y = x @ x.transpose(-1, -2)
            x = a * x + (b * y + c * (y @ y)) @ x
        return (x.transpose(-1, -2) if wide else x).float()

    @torch.no_grad()
    def step(self, factor, rank, world):
        lr = self.lr * factor
        for group in self.adam.param_groups:
            group["lr"] = lr
        self.adam.step()
        updates = []
        for ps, momentum in self.groups:
            grads = torch.stack([p.grad.flatten(1) for p in ps])
            momentum.mul_(0.95).add_(grads, alpha=0.05)
            blended = grads.mul(0.05).add_(momentum, alpha=0.95)
            if not blended.any():  # the decoder while only the encoder learns
                updates.append(blended)
                continue
            mine = range(rank, len(ps), world)
            out = torch.zeros_like(blended)
            if len(mine):
                idx = torch.tensor(list(mine))
                out[idx] = self.orthogonal(blended[idx])
            updates.append(out)
        flat = torch.cat([u.flatten() for u in updates])
        if world > 1:
            dist.all_reduce(flat)
        at = 0
        for (ps, _), u in zip(self.groups, updates):
            new = flat[at : at + u.numel()].view_as(u)
            at += u.numel()
            scale = 0.2 * max(u.shape[-2:]) ** 0.5
            if new.any():
                for p, d in zip(ps, new):
                    p.mul_(1 - lr * 0.05).add_(d.view_as(p), alpha=-lr * scale)

    def state(self):
        return {"adam": self.adam.state_dict(), "momentum": [m for _, m in self.groups]}

    def load(self, state):
        self.adam.load_state_dict(state["adam"])
        for (_, mine), saved in zip(self.groups, state["momentum"]):
            mine.copy_(saved)

    def zero(self):
        self.adam.zero_grad(set_to_none=True)
        for ps, _ in self.groups:
            for p in ps:
                p.grad = None


NO_WORD = -100


def word_ids():
    """For kind, colour, row, column and size: the word of each dense label, or NO_WORD."""
    word = tokens.word
    rows, columns = [NO_WORD], [NO_WORD]
    for place in range(9):
        r, c = divmod(place, 3)
        rows.append(word("center") if place == 4 else NO_WORD if r == 1 else word("top" if r == 0 else "bottom"))
        columns.append(NO_WORD if c == 1 else word("left" if c == 0 else "right"))
    return [
        torch.tensor(ids)
        for ids in (
            [NO_WORD] + [word(k) for k in batches.DENSE_KINDS],
            [NO_WORD] + [word(c) for c in batches.COLORS],
            rows,
            columns,
            [NO_WORD, word("small"), word("large")],
        )
    ]


def tied_loss(model, tokens_on, labels, words):
    """The projected tokens [R, D] of shapes, letters and bars must predict the words for what they show, through the tied embedding."""
    named = model.logits(tokens_on).float()
    shape = (labels[:, 0] >= 1) & (labels[:, 0] <= len(batches.scenes.KINDS))
    nowhere = torch.full_like(labels[:, 3], 0)
    targets = [words[0][labels[:, 0]], words[1][labels[:, 1]]]
    place = torch.where(shape, labels[:, 3], nowhere)
    targets += [words[2][place], words[3][place], words[4][labels[:, 2]]]
    total, terms = torch.zeros(()), 0
    for target, weight in zip(targets, (1.0, 1.0, 0.5, 0.5, 0.5)):
        if (target != NO_WORD).any():
            total = total + weight * F.cross_entropy(named, target, ignore_index=NO_WORD)
            terms += weight
    return total / terms


def gather(x, kept):
    """Rows `kept` [B, M] of x [B, N, D]."""
    return x.gather(1, kept[..., None].expand(-1, -1, x.shape[-1]))


def encoded(model, b):
    """Visual tokens of all tiles [R, D] behind each other, their dense labels [R, 7]; on request the layers process the kept groups alone."""
    pixels, labels, kept = b["pixels"].float() / 127.5 - 1, b["labels"], b["kept"]
    if kept is None:
        return model.vision(pixels)[0].flatten(0, 1), labels.flatten(0, 1)
    if not b["before"]:
        return gather(model.vision(pixels)[0], kept).flatten(0, 1), gather(labels, kept).flatten(0, 1)
    x = model.vision.patches(pixels)
    if len(kept) == len(x):
        return model.vision.encode(gather(x, with_cls(kept)))[0].flatten(0, 1), gather(labels, kept).flatten(0, 1)
    x, labels = x.view(b["size"], -1, *x.shape[1:]), labels.view(b["size"], -1, *labels.shape[1:])
    crops = model.vision.encode(gather(x[:, :-1].flatten(0, 1), with_cls(kept)))[0]
    whole = model.vision.encode(x[:, -1])[0]
    crop_labels = gather(labels[:, :-1].flatten(0, 1), kept)
    join = lambda c, g: torch.cat([c.reshape(b["size"], -1, c.shape[-1]), g], 1).flatten(0, 1)  # noqa: E731
    return join(crops, whole), join(crop_labels, labels[:, -1])


def with_cls(kept):
    """Rows of CLS and of the kept groups behind it."""
    return torch.cat([torch.zeros_like(kept[:, :1]), kept + 1], 1)


def losses(model, heads, b, words, joint):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        flat, labels = encoded(model, b)
        on = labels[:, 0] > 0
        dense = heads(flat, labels, torch.where(on, 1.0, 0.25))
        tied = tied_loss(model, flat[on], labels[on], words)
        if not joint:
            return dense + 0.3 * tied, dense, tied, torch.zeros(())
        hidden = model(flat.view(b["size"], -1, flat.shape[-1]), b["prefix"], b["slots"], b["ids"])
        logits = model.logits(hidden.flatten(0, 1)[b["where"]]).float()
    answer = F.cross_entropy(logits, b["target"])
    return answer + DENSE * dense + TIED * tied, dense, tied, answer


@torch.no_grad()
def evaluate(model, checks, count, rank, world):
    """Exact match by check on seeds of their own, teacher-forced: all answer tokens are the most likely ones, as in greedy decoding.

    Of the earlier answers of a conversation only the tokens that are trained count.
    """
    result = {}
    for name, (kind, form, later) in checks.items():
        right = total = 0
        rng = random.Random(f"validation/{name}/{rank}")
        for number in range(count):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(number)
                b = batches.batch(kind, rng, form)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                flat, _ = encoded(model, b)
                hidden = model(flat.view(b["size"], -1, flat.shape[-1]), b["prefix"], b["slots"], b["ids"])
                hit = model.logits(hidden.flatten(0, 1)[b["where"]]).argmax(-1) == b["target"]
            ok = torch.ones(len(b["turn"])).scatter_reduce(0, b["answer"], hit.float(), "amin")
            ok = ok[b["turn"] > 0] if later else ok
            right += ok.sum().item()
            total += len(ok)
        result[name] = (right, total)
    flat = torch.tensor([x for v in result.values() for x in v])
    if world > 1:
        dist.all_reduce(flat)
    return {k: round(100 * (flat[2 * i] / flat[2 * i + 1]).item(), 1) for i, k in enumerate(result)}


def save(path, model, average, heads, optimizer, step):
    path = pathlib.Path(path)
    state = {"model": model.state_dict(), "average": average, "heads": heads.state_dict(), "optimizer": optimizer.state(), "step": step}
    tmp = path.with_suffix(".tmp")
    torch.save(state, tmp)
    tmp.replace(path)


def worker(rank, world, args):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(args.port))
    torch.set_num_threads(1)
    if world > 1:
        dist.init_process_group("gloo", rank=rank, world_size=world)
    torch.manual_seed(args.seed)
    model, heads = TinyVlm(Config()), DenseHeads(Config())
    if args.resume:
        state = torch.load(args.resume, map_location="cpu")
        weights = state["model"] if "model" in state else state
        model.load_state_dict({k: v.float() for k, v in weights.items()})
        if "heads" in state:
            heads.load_state_dict({k: v.float() for k, v in state["heads"].items()})
    both = torch.nn.ModuleDict({"model": model, "heads": heads})
    optimizer = Muon(both, args.lr)
    warm = 100
    if args.resume and "optimizer" in state:
        optimizer.load(state["optimizer"])
        warm = 10
    torch._dynamo.config.cache_size_limit = 64
    for layer in [] if args.eager else [*model.layers, *model.vision.layers]:
        layer.compile(dynamic=False)
    words = word_ids()
    average = {k: v.clone() for k, v in model.state_dict().items()}
    if args.resume and "average" in state:
        average = {k: v.float().clone() for k, v in state["average"].items()}
    mix = mixes.EDITIONS[args.edition]
    out = pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    log = open(out / "log.jsonl", "a") if rank == 0 else None
    parameters = [p for p in both.parameters()]
    rng = random.Random(f"{args.seed}/{rank}/{time.time() if args.resume else 0}")
    start, step, sums, seen = time.time(), 0, {}, 0
    progress = before = 0.0
    dense_end = args.dense / args.minutes
    while progress < 1.0:
        joint = progress >= dense_end
        shared = random.Random(f"{args.seed}/{step}/{bool(args.resume)}")
        kind, form = mix.draw(shared, joint, 2 if progress < args.easy and not args.resume else 5)
        b = batches.batch(kind, rng, form)
        loss, dense, tied, answer = losses(model, heads, b, words, joint)
        optimizer.zero()
        loss.backward()
        grads = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
        flat = torch.cat([g.flatten() for g in grads] + [torch.tensor([(time.time() - start) / 60 / args.minutes])])
        if world > 1:
            dist.all_reduce(flat)
            flat /= world
        norm = flat[:-1].norm()
        flat[:-1] *= min(1.0, 1.0 / (norm.item() + 1e-6))
        at = 0
        for p, g in zip(parameters, grads):
            p.grad = flat[at : at + g.numel()].view_as(p).clone()
            at += g.numel()
        progress = flat[-1].item()
        factor = min(1.0, (step + 1) / warm) * (1.0 if progress < args.decay else max(0.02, (1 - progress) / (1 - args.decay)))
        optimizer.step(factor, rank, world)
        step += 1
        seen += len(b["pixels"]) * world
        horizon = min(args.average, 1 - 1 / (1 + step / 10))
        for k, v in model.state_dict().items():
            average[k].lerp_(v, 1 - horizon)
        for name, value in (("dense", dense), ("tied", tied), (f"answer/{kind}", answer), *(((f"answer/{name}", answer),) if (name := mixes.name(form)) else ())):
            s, n = sums.get(name, (0.0, 0))
            sums[name] = (s + value.item(), n + 1)
        if rank == 0 and step % 50 == 0:
            row = {"step": step, "minutes": round((time.time() - start) / 60, 2), "tiles": seen, "lr": round(args.lr * factor, 6), "norm": round(norm.item(), 2)}
            row |= {k: round(s / n, 3) for k, (s, n) in sorted(sums.items())}
            print(json.dumps(row), file=log, flush=True)
            sums = {}
        # Every worker must take the same branch, so the shared progress decides.
        now = progress * args.minutes
        if joint and int(now / args.every) != int(before / args.every):
            kept = {k: v.clone() for k, v in model.state_dict().items()}
            model.load_state_dict(average)
            with torch.compiler.set_stance("force_eager"):
                score = evaluate(model, mix.checks, args.checks, rank, world)
            model.load_state_dict(kept)
            if rank == 0:
                print(json.dumps({"step": step, "minutes": round((time.time() - start) / 60, 2), "validation": score}), file=log, flush=True)
        if rank == 0 and int(now / args.save) != int(before / args.save):
            save(out / "last.pt", model, average, heads, optimizer, step)
        before = now
    model.load_state_dict(average)
    with torch.compiler.set_stance("force_eager"):
        score = evaluate(model, mix.checks, 3 * args.checks, rank, world)
    if rank == 0:
        print(json.dumps({"step": step, "minutes": round((time.time() - start) / 60, 2), "validation": score, "end": True}), file=log, flush=True)
        save(out / "last.pt", model, average, heads, optimizer, step)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--minutes", type=float, default=105)
    p.add_argument("--dense", type=float, default=0, help="minutes in which the encoder alone learns, first")
    p.add_argument("--easy", type=float, default=0.12, help="share of the time with at most two objects")
    p.add_argument("--decay", type=float, default=0.75, help="share of the time after which the rate falls")
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--average", type=float, default=0.998)
    p.add_argument("--every", type=float, default=8, help="minutes between validation checks")
    p.add_argument("--save", type=float, default=4, help="minutes between checkpoints")
    p.add_argument("--eager", action="store_true", help="compile nothing: a faster start, slower steps")
    p.add_argument("--checks", type=int, default=3, help="batches of each validation check")
    p.add_argument("--edition", type=int, default=1, choices=sorted(mixes.EDITIONS), help="what the batches hold")
    p.add_argument("--workers", type=int, default=2)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--port", type=int, default=29517)
    p.add_argument("--resume")
    p.add_argument("--out", default="runs/a")
    args = p.parse_args()
    if args.workers == 1:
        worker(0, 1, args)
    else:
        mp.spawn(worker, (args.workers, args), nprocs=args.workers)


if __name__ == "__main__":
    main()
