"""Trains the tiny model: a few minutes of dense labels for the encoder alone, then questions and answers.

    python train.py --minutes 110 --dense 15 --easy 0.1 --out runs/a   # from scratch
    python train.py --minutes 60 --resume runs/a/last.pt --out runs/b

Workers are processes of one thread each that average their gradients. A checkpoint (weights fp32 and their running average) is
written every few minutes and at the end; --resume starts from one, or from checkpoint-fp16.pt in this folder.
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
import tokens
from model import Config, DenseHeads, TinyVlm

WEIGHTS = {"shapes": 0.50, "easy": 0.02, "text": 0.20, "charts": 0.09, "clips": 0.12, "wide": 0.03, "large": 0.04}
# While only the encoder learns: what it finds hardest most often.
DENSE_WEIGHTS = {"shapes": 0.25, "easy": 0.02, "text": 0.5, "charts": 0.18, "clips": 0.05}
# What the dense losses weigh beside the answers; at a third of this the encoder stops learning to read.
DENSE, TIED = 0.4, 0.2
# The dropped variants are few, as every prompt length is compiled once.
KEEPS = [144, 144, 144, 72]


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


def losses(model, heads, b, words, joint):
    pixels = b["pixels"].float() / 127.5 - 1
    with torch.autocast("cpu", dtype=torch.bfloat16):
        visual, _, _ = model.vision(pixels)
        flat, labels = visual.flatten(0, 1), b["labels"].flatten(0, 1)
        on = labels[:, 0] > 0
        dense = heads(flat, labels, torch.where(on, 1.0, 0.25))
        tied = tied_loss(model, flat[on], labels[on], words)
        if not joint:
            return dense + 0.3 * tied, dense, tied, torch.zeros(())
        v = visual.reshape(b["size"], -1, visual.shape[-1])
        if b["kept"] is not None:
            v = v.gather(1, b["kept"][..., None].expand(-1, -1, v.shape[-1]))
        hidden = model(v, b["prefix"], b["slots"], b["ids"])
        logits = model.logits(hidden.flatten(0, 1)[b["where"]]).float()
    answer = F.cross_entropy(logits, b["target"])
    return answer + DENSE * dense + TIED * tied, dense, tied, answer


@torch.no_grad()
def evaluate(model, count, rank, world):
    """Exact match per family on held-out seeds, teacher-forced: all answer tokens are the most likely ones, so equal to greedy decoding."""
    result = {}
    for kind in ("easy", "shapes", "text", "charts", "clips", "large"):
        right = total = 0
        rng = random.Random(f"held-out/{kind}/{rank}")
        for _ in range(count):
            b = batches.batch(kind, rng, length=18)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                visual, _, _ = model.vision(b["pixels"].float() / 127.5 - 1)
                hidden = model(visual.reshape(b["size"], -1, visual.shape[-1]), b["prefix"], b["slots"], b["ids"])
                hit = model.logits(hidden.flatten(0, 1)[b["where"]]).argmax(-1) == b["target"]
            pair = torch.div(b["where"], b["ids"].shape[-1], rounding_mode="floor")
            ok = torch.ones(int(pair.max()) + 1).scatter_reduce(0, pair, hit.float(), "amin")
            right += ok.sum().item()
            total += len(ok)
        result[kind] = (right, total)
    flat = torch.tensor([x for v in result.values() for x in v])
    if world > 1:
        dist.all_reduce(flat)
    return {k: round(100 * (flat[2 * i] / flat[2 * i + 1]).item(), 1) for i, k in enumerate(result)}


def save(path, model, average, heads, step):
    path = pathlib.Path(path)
    state = {"model": model.state_dict(), "average": average, "heads": heads.state_dict(), "step": step}
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
    torch._dynamo.config.cache_size_limit = 64
    for layers in (model.layers, model.vision.layers):
        for layer in layers:
            layer.compile(dynamic=False)
    words = word_ids()
    average = {k: v.clone() for k, v in model.state_dict().items()}
    out = pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    log = open(out / "log.jsonl", "a") if rank == 0 else None
    parameters = [p for p in both.parameters()]
    rng = random.Random(f"{args.seed}/{rank}/{time.time() if args.resume else 0}")
    start, step, last_save, last_eval, sums, seen = time.time(), 0, time.time(), time.time(), {}, 0
    progress = 0.0
    dense_end = args.dense / args.minutes
    while progress < 1.0:
        joint = progress >= dense_end
        shared = random.Random(f"{args.seed}/{step}/{bool(args.resume)}")
        mix = WEIGHTS if joint else DENSE_WEIGHTS
        kind = shared.choices(list(mix), list(mix.values()))[0]
        keep = shared.choice(KEEPS) if joint and kind in ("shapes", "text", "charts") else batches.TOKENS
        most = 2 if progress < args.easy and not args.resume else 5
        b = batches.batch(kind, rng, most=most, keep=keep, length=18 if joint else None)
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
        factor = min(1.0, (step + 1) / 100) * (1.0 if progress < args.decay else max(0.02, (1 - progress) / (1 - args.decay)))
        optimizer.step(factor, rank, world)
        step += 1
        seen += len(b["pixels"]) * world
        horizon = min(args.average, 1 - 1 / (1 + step / 10))
        for k, v in model.state_dict().items():
            average[k].lerp_(v, 1 - horizon)
        for name, value in (("dense", dense), ("tied", tied), (f"answer/{kind}", answer)):
            s, n = sums.get(name, (0.0, 0))
            sums[name] = (s + value.item(), n + 1)
        if rank == 0 and step % 50 == 0:
            row = {"step": step, "minutes": round((time.time() - start) / 60, 2), "tiles": seen, "lr": round(args.lr * factor, 6), "norm": round(norm.item(), 2)}
            row |= {k: round(s / n, 3) for k, (s, n) in sorted(sums.items())}
            print(json.dumps(row), file=log, flush=True)
            sums = {}
        # Every worker must take the same branch, so the shared progress decides.
        if int(progress * args.minutes / args.every) != int(last_eval):
            last_eval = int(progress * args.minutes / args.every)
            if joint:
                kept = {k: v.clone() for k, v in model.state_dict().items()}
                model.load_state_dict(average)
                with torch.compiler.set_stance("force_eager"):
                    score = evaluate(model, 3, rank, world)
                model.load_state_dict(kept)
                if rank == 0:
                    print(json.dumps({"step": step, "minutes": round((time.time() - start) / 60, 2), "held out": score}), file=log, flush=True)
            if rank == 0:
                save(out / "last.pt", model, average, heads, step)
    model.load_state_dict(average)
    with torch.compiler.set_stance("force_eager"):
        score = evaluate(model, 10, rank, world)
    if rank == 0:
        print(json.dumps({"step": step, "minutes": round((time.time() - start) / 60, 2), "held out": score, "end": True}), file=log, flush=True)
        save(out / "last.pt", model, average, heads, step)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--minutes", type=float, default=105)
    p.add_argument("--dense", type=float, default=0, help="minutes in which the encoder alone learns, first")
    p.add_argument("--easy", type=float, default=0.12, help="share of the time with at most two objects")
    p.add_argument("--decay", type=float, default=0.75, help="share of the time after which the rate falls")
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--average", type=float, default=0.998)
    p.add_argument("--every", type=float, default=8, help="minutes between held-out checks")
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
