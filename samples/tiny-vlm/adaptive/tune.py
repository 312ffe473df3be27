"""Tunes the decoder with mixture of depths: p-MoD or gamma-MoD, from the dense model.

    python tune.py pmod --minutes 14 --out ../runs/adaptive/pmod
    python tune.py gamma --minutes 14 --out ../runs/adaptive/gamma

Trains the routers and the decoder's layers; embeddings, last norm and encoder stay. Resumes from --out/last.pt.
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
import packed
import routing


def arank(vlm, records, pictures, rng):
    """Mean rank of each layer's causal attention maps with the diagonal left out (gamma-MoD's ARank), [layers]."""
    sums, n = torch.zeros(len(vlm.layers)), 0
    for r in rng.sample(records, pictures):
        q = decoding.questions([(r, 0)])
        ranks = []

        def hook(i, x, weights, query, key, alive):
            ranks.append(torch.linalg.matrix_rank(weights[0][:, q.real[0]][:, :, q.real[0]].tril(-1)).float().mean())
            return alive

        decoding.forward(vlm, q, after_layer=hook)
        sums, n = sums + torch.stack(ranks) / q.real.sum(), n + 1
    return (sums / n).tolist()


def started(vlm, records, routed, rng):
    """Where gamma-MoD's router starts: words and patches of known things are processed, the ground less; least squares, [D]."""
    b = packed.pack(records, 2, rng)
    prefix, own = packed.start(vlm, b)
    places, own_places = torch.arange(prefix.shape[1])[None], prefix.shape[1] + torch.arange(own.shape[2])[None]
    wanted = torch.full(prefix.shape[:2], 3.0)
    wanted[:, b.visual] = torch.where(torch.stack([r["owner"].flatten() for r in records]) >= 0, 3.0, -1.0)
    inputs, targets = [], []
    for i, module in enumerate(vlm.layers):
        if routed[i]:
            inputs += [module.input_layernorm(prefix).flatten(0, 1), module.input_layernorm(own).flatten(0, 2)]
            targets += [wanted.flatten(), torch.full((own.shape[0] * own.shape[1] * own.shape[2],), 3.0)]
        prefix, own = packed.layer(module, prefix, own, places, own_places, lambda z: packed.angles(vlm, z))
        prefix, own = module.feed_forward(prefix), module.feed_forward(own)
    x, y = torch.cat(inputs), torch.cat(targets)
    return torch.linalg.solve(x.T @ x + 0.01 * len(x) * torch.eye(x.shape[1]), x.T @ y)


def check(vlm, router, method, heldout, settings):
    def answer(q):
        if method == "pmod":
            route = routing.pmod_route(router, q, settings["ratios"])
        else:
            route = routing.gamma_route(router, q, settings["routed"], settings["threshold"], settings["decode"])
        logits, counts = routing.alone(vlm, q, route)
        return decoding.hits(q, logits), {"share": counts.mean(1) / len(q.slots)}

    return {f: (r["accuracy"], r["share"]) for f, r in decoding.evaluate(heldout, answer).items()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("method", choices=["pmod", "gamma"])
    p.add_argument("--minutes", type=float, default=14)
    p.add_argument("--lr", type=float, default=2e-4)
    p.add_argument("--router-lr", type=float, default=2e-3)
    p.add_argument("--aux", type=float, default=0.01, help="gamma-MoD: weight of the router loss, summed over layers")
    p.add_argument("--layers", help="gamma-MoD: routed layers; without it ARank chooses")
    p.add_argument("--tiles", type=int, default=8, help="tiles a step, at most")
    p.add_argument("--questions", type=int, default=8)
    p.add_argument("--data", default=str(features.HERE.parent / "runs/adaptive"))
    p.add_argument("--checkpoint", default=str(features.HERE.parent / "checkpoint-fp16.pt"))
    p.add_argument("--out", required=True)
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
    log = open(out / "log.jsonl", "a")
    say = lambda row: print(json.dumps(row), file=log, flush=True)  # noqa: E731
    layers = len(vlm.layers)
    if args.method == "pmod":
        settings = {"ratios": routing.pmod_ratios(layers)}
        router = routing.PModRouters(layers, vlm.c.hidden)
    else:
        router = routing.GammaRouter(vlm.c.hidden)
        with torch.no_grad():
            ranks = arank(vlm, records, 50, random.Random(args.seed))
        if args.layers:
            routed = [str(i) in args.layers.split(",") for i in range(layers)]
        else:
            # The last layer stays, as in the authors' choice: its output is the answer's.
            routed = [r < 0.9 * max(ranks) and i + 1 < layers for i, r in enumerate(ranks)]
        settings = {"routed": routed, "threshold": 0.5, "decode": 0.5, "arank": [round(r, 4) for r in ranks]}
        with torch.no_grad():
            router.weight[1] = started(vlm, rng.sample([r for r in records if r["layout"] == (1, 0, 0)], 32), routed, rng)
    if (out / "last.pt").exists():
        state = torch.load(out / "last.pt", weights_only=False)
        vlm.load_state_dict({k: v.float() for k, v in state["model"].items()}, strict=False)
        router.load_state_dict({k: v.float() for k, v in state["router"].items()})
        settings = state["settings"]
    say({"settings": settings})
    vlm.layers.requires_grad_(True)
    optimizer = torch.optim.AdamW([{"params": list(vlm.layers.parameters()), "rate": args.lr}, {"params": list(router.parameters()), "rate": args.router_lr}],
                                  lr=args.lr, betas=(0.9, 0.98), weight_decay=0.0)  # fmt: skip
    parameters = [*vlm.layers.parameters(), *router.parameters()]

    def save():
        state = {"model": {k: v.half() for k, v in vlm.state_dict().items() if k.startswith("layers.")}, "router": {k: v.clone() for k, v in router.state_dict().items()}, "settings": settings}
        torch.save(state, out / "last.tmp")
        (out / "last.tmp").replace(out / "last.pt")

    begun, step, sums, saved, progress, todo = time.time(), 0, [0.0, 0.0, 0.0], 0, 0.0, []
    while progress < 1:
        if not todo:
            todo = packed.batches_of(records, args.tiles, rng)
        b = packed.pack(todo.pop(), args.questions, rng)
        progress = (time.time() - begun) / 60 / args.minutes
        factor = min(1, (step + 1) / 50) * (1 if progress < 0.5 else max(0.03, 2 * (1 - progress)))
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * factor
        aux, share = torch.zeros(()), 0.0
        if args.method == "pmod":
            own = routing.pmod(vlm, router, b, settings["ratios"])
        else:
            own, aux, share = routing.gamma(vlm, router, b, settings["routed"], True)
        answer = nn.functional.cross_entropy(packed.logits(vlm, own, b), b.target)
        loss = answer + args.aux * aux
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        step += 1
        sums = [a + v for a, v in zip(sums, (answer.item(), float(aux), share))]
        if step % 25 == 0:
            say({"step": step, "minutes": round((time.time() - begun) / 60, 2), "answer": round(sums[0] / 25, 4), "router": round(sums[1] / 25, 4), "share": round(sums[2] / 25, 4)})
            sums = [0.0, 0.0, 0.0]
        if int((time.time() - begun) / 180) > saved:
            saved = int((time.time() - begun) / 180)
            save()
    save()
    with torch.no_grad():
        say({"step": step, "minutes": round((time.time() - begun) / 60, 2), "held out": check(vlm, router, args.method, heldout, settings)})


if __name__ == "__main__":
    main()
