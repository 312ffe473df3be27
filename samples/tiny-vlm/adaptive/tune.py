"""Tunes the decoder with mixture of depths: p-MoD or gamma-MoD, from the dense model.

    python tune.py pmod --minutes 14 --out ../runs/adaptive/pmod
    python tune.py gamma --minutes 14 --out ../runs/adaptive/gamma

Trains the routers and the decoder's layers that route; the others, embeddings, last norm and encoder stay. The dense decoder's
answers are what is learned, beside the true ones. Resumes from --out/last.pt, where it stopped.
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


def looked(records, rows):
    """Mean attention of the answers about a picture to its visual tokens, by the record's number."""
    sums = {}
    for row in rows:
        sums.setdefault(row["record"], []).append(row["looks"].float())
    for i, record in enumerate(records):
        record["number"] = i
    return {number: torch.stack(each).mean(0) for number, each in sums.items()}


def started(vlm, records, looks, routed, rng, steps=80, margin=4.0):
    """Where gamma-MoD's router starts: the half of a picture's tokens that answers look at most are processed, and all text, [D].

    Logistic regression on what the dense decoder gives its layers; looks is the attention of answers, by the record's number, [V].
    Text that a router skips costs far more than a visual token, so it is to lie above the threshold by a margin.
    """
    seen, wanted, texts = [], [], []
    for chosen in packed.batches_of(rng.sample([r for r in records if r["number"] in looks], 96), 8, rng):
        b = packed.pack(chosen, 4, rng)
        attention = torch.stack([looks[r["number"]] for r in chosen])
        better = (attention > attention.median(1, keepdim=True).values).float()
        prefix, own = packed.start(vlm, b)
        places, own_places = torch.arange(prefix.shape[1])[None], prefix.shape[1] + torch.arange(own.shape[2])[None]
        real = torch.arange(own.shape[2]) <= b.length[..., None] + 2
        for i, module in enumerate(vlm.layers):
            if routed[i]:
                normed = module.input_layernorm(prefix)
                seen.append(normed[:, b.visual].flatten(0, 1))
                wanted.append(better.flatten())
                texts += [normed[:, ~b.visual].flatten(0, 1), module.input_layernorm(own)[real]]
            prefix, own = packed.layer(module, prefix, own, places, own_places, lambda z: packed.angles(vlm, z))
            prefix, own = module.feed_forward(prefix), module.feed_forward(own)
    seen, wanted, texts = torch.cat(seen), torch.cat(wanted), torch.cat(texts)
    weight = torch.zeros(seen.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([weight], max_iter=steps, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        with torch.enable_grad():
            value = nn.functional.binary_cross_entropy_with_logits(seen @ weight, wanted)
            value = value + 4 * nn.functional.softplus(margin - texts @ weight).mean() + 1e-5 * weight.square().sum()
            value.backward()
        return value

    optimizer.step(loss)
    return weight.detach()


@torch.no_grad()
def settled(vlm, router, batches, settings, capacity, rounds=5):
    """Threshold above which the target share of the pictures' tokens lies; by rounds, as it moves what deeper layers are given."""
    threshold = settings["threshold"]
    for _ in range(rounds):
        seen = torch.cat([routing.gamma(vlm, router, b, settings["routed"], capacity, threshold, settings["in_place"])[2].flatten() for b in batches])
        threshold += (seen.sort().values[int((1 - capacity) * len(seen))].item() - threshold) * 0.7
    return threshold


def check(vlm, router, method, heldout, settings):
    def answer(q):
        if method == "pmod":
            route = routing.pmod_route(router, q, settings["ratios"])
        else:
            route = routing.gamma_route(router, q, settings)
        logits, counts = routing.alone(vlm, q, route)
        return decoding.hits(q, logits), {"share": counts.mean(1) / len(q.slots)}

    return {f: (r["accuracy"], r["share"]) for f, r in decoding.evaluate(heldout, answer).items()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("method", choices=["pmod", "gamma"])
    p.add_argument("--minutes", type=float, default=14, help="of the whole training, with those before it was resumed")
    p.add_argument("--lr", type=float, default=1e-4)
    p.add_argument("--distil", type=float, default=1.0, help="weight of the divergence from the dense decoder's answers")
    p.add_argument("--capacity", type=float, default=0.5, help="gamma-MoD: share of what comes before the question that is processed")
    p.add_argument("--router-lr", type=float, default=2e-3)
    p.add_argument("--aux", type=float, default=0.01, help="gamma-MoD: weight of the router loss, summed over layers")
    p.add_argument("--layers", help="gamma-MoD: routed layers; without it ARank chooses")
    p.add_argument("--in-place", action="store_true", help="gamma-MoD: tokens keep their places in layers that route, where the authors renumber them")
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
    vlm, dense = features.load(args.checkpoint), features.load(args.checkpoint)
    records = torch.load(data / "train.pt", weights_only=False)
    every = [r for i, r in enumerate(torch.load(data / "heldout.pt", weights_only=False)) if i % 3 == 1]
    heldout, heldout_too = [r for r in every if r["layout"] == (1, 0, 0)], [r for r in every if r["layout"] in ((1, 0, 0), (4, 0, 0))]
    log = open(out / "log.jsonl", "a")
    say = lambda row: print(json.dumps(row), file=log, flush=True)  # noqa: E731
    layers = len(vlm.layers)
    router = routing.PModRouters(layers, vlm.c.hidden) if args.method == "pmod" else routing.GammaRouter(vlm.c.hidden)
    state = torch.load(out / "last.pt", weights_only=False) if (out / "last.pt").exists() else None
    if state:
        settings = state["settings"]
        vlm.load_state_dict({k: v.float() for k, v in state["model"].items()}, strict=False)
        router.load_state_dict({k: v.float() for k, v in state["router"].items()})
    elif args.method == "pmod":
        settings = {"ratios": routing.pmod_ratios(layers)}
    else:
        with torch.no_grad():
            ranks = arank(vlm, records, 50, random.Random(args.seed))
        if args.layers:
            routed = [str(i) in args.layers.split(",") for i in range(layers)]
        else:
            # The last layer stays, as in the authors' choice: its output is the answer's.
            routed = [r < 0.9 * max(ranks) and i + 1 < layers for i, r in enumerate(ranks)]
        settings = {"routed": routed, "threshold": 0.5, "decode": 0.5, "in_place": args.in_place, "arank": [round(r, 4) for r in ranks]}
        with torch.no_grad():
            router.weight[1] = started(vlm, records, looked(records, torch.load(data / "teacher.pt", weights_only=False)["rows"]), routed, rng)
    tuned = [i for i in range(layers) if (settings["ratios"][i] < 1 if args.method == "pmod" else settings["routed"][i])]
    changed = set(tuned) | {int(k.split(".")[1]) for k in (state or {}).get("model", {})}
    for i in tuned:
        vlm.layers[i].requires_grad_(True)
    learned = [p for i in tuned for p in vlm.layers[i].parameters()]
    parameters = [*learned, *router.parameters()]
    optimizer = torch.optim.AdamW([{"params": learned, "rate": args.lr}, {"params": list(router.parameters()), "rate": args.router_lr}],
                                  lr=args.lr, betas=(0.9, 0.98), weight_decay=0.0)  # fmt: skip
    spent, step = 0.0, 0
    if state and "optimizer" in state:
        spent, step = state["minutes"], state["step"]
        optimizer.load_state_dict(state["optimizer"])
    say({"settings": settings, "arguments": {k: getattr(args, k) for k in ("minutes", "lr", "router_lr", "distil", "capacity", "aux")}})
    begun = time.time() - 60 * spent

    def save():
        state = {"model": {f"layers.{i}.{k}": v.clone() for i in sorted(changed) for k, v in vlm.layers[i].state_dict().items()},
                 "router": {k: v.clone() for k, v in router.state_dict().items()}, "settings": settings,
                 "optimizer": optimizer.state_dict(), "minutes": (time.time() - begun) / 60, "step": step}  # fmt: skip
        torch.save(state, out / "last.tmp")
        (out / "last.tmp").replace(out / "last.pt")

    def losses(b):
        aux, share, away = torch.zeros(()), 0.0, torch.zeros(())
        if args.method == "pmod":
            own = routing.pmod(vlm, router, b, settings["ratios"])
        else:
            own, aux, seen = routing.gamma(vlm, router, b, settings["routed"], args.capacity, settings["threshold"], settings["in_place"])
            share = (seen > settings["threshold"]).float().mean().item()
            settings["wished"] = torch.quantile(seen.flatten(), 1 - args.capacity).item()
        logits = packed.logits(vlm, own, b)
        if args.distil:
            with torch.no_grad():
                wanted = packed.logits(dense, packed.dense(dense, b), b).log_softmax(-1)
            away = nn.functional.kl_div(logits.log_softmax(-1), wanted, reduction="batchmean", log_target=True)
        return nn.functional.cross_entropy(logits, b.target), away, aux, share

    fixed = [packed.pack(rows, 3, random.Random(0)) for rows in packed.batches_of(random.Random(0).sample(heldout_too, 80), 8, random.Random(0))]

    @torch.no_grad()
    def validate():
        each = [[float(v) for v in losses(b)] for b in fixed]
        say({"step": step, "minutes": round((time.time() - begun) / 60, 2), "held out too": dict(zip(("answer", "away", "router", "share"), [round(sum(v) / len(each), 4) for v in zip(*each)]))})

    sums, saved, progress, todo = [0.0] * 4, int(60 * spent / 180), spent / args.minutes, []
    validate()
    while progress < 1:
        if not todo:
            todo = packed.batches_of(records, args.tiles, rng)
        b = packed.pack(todo.pop(), args.questions, rng)
        progress = (time.time() - begun) / 60 / args.minutes
        factor = min(1, (step + 1) / 50) * (1 if progress < 0.5 else max(0.03, 2 * (1 - progress)))
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * factor
        aux, share = torch.zeros(()), 0.0
        answer, away, aux, share = losses(b)
        if args.method == "gamma":
            # Where the target share of the pictures' tokens lies above it; slowly, as batches differ.
            settings["threshold"] += (settings["wished"] - settings["threshold"]) / (100 if state else min(step + 2, 100))
            settings["decode"] = min(0.5, settings["threshold"])
        loss = answer + args.distil * away + args.aux * aux
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        step += 1
        sums = [a + float(v.detach() if torch.is_tensor(v) else v) for a, v in zip(sums, (answer, away, aux, share))]
        if step % 25 == 0:
            say({"step": step, "minutes": round((time.time() - begun) / 60, 2), **{n: round(v / 25, 4) for n, v in zip(("answer", "away", "router", "share"), sums)}})
            sums = [0.0] * 4
        if step % 200 == 0:
            validate()
        if int((time.time() - begun) / 180) > saved:
            saved = int((time.time() - begun) / 180)
            save()
    if args.method == "gamma":
        some = packed.batches_of(random.Random(args.seed).sample(records, 80), args.tiles, random.Random(args.seed))
        settings["threshold"] = settled(vlm, router, [packed.pack(rows, 1, random.Random(0)) for rows in some], settings, args.capacity)
        settings["decode"] = min(0.5, settings["threshold"])
        say({"threshold": round(settings["threshold"], 4), "capacity": args.capacity})
    save()
    validate()
    with torch.no_grad():
        say({"step": step, "minutes": round((time.time() - begun) / 60, 2), "held out": check(vlm, router, args.method, heldout, settings)})


if __name__ == "__main__":
    main()
