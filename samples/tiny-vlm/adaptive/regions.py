"""Trains the region-focus head of LRS-VQA (arXiv 2503.07588) on the default model: where the decoder will look, before crops are encoded.

    python regions.py --minutes 4 --out ../runs/adaptive/regions

The teacher is the dense decoder with all tiles: the attention of the last prompt token, mean over heads and the layers of --layers. The
student sees one level of the pyramid and the question. On the global view its target is the attention to view and crops, folded onto the
view's tokens; on the crops it is the attention to the crops. The loss is the KL divergence from target to student. The decoder and the
encoder stay as they are. Pictures are drawn from seeds of their own, and others for validation.
"""

import argparse
import json
import pathlib
import random
import time

import torch
from torch import nn

import features
import packed
import relevance

HEADS, SIZE = 4, 32
GRID = features.batches.GRID
TOKENS = GRID * GRID
COUNTS = {"large-shapes": 220, "large-text": 180, "large": 60, "wide": 60, "shapes": 120, "text": 80}
VALIDATION = {"large-shapes": 50, "large-text": 50}


def head_of(d):
    return relevance.RelevanceHead(d, HEADS, SIZE)


@torch.no_grad()
def attended(vlm, b):
    """Attention of the last prompt token to each visual token in each layer, mean over heads, [B, K, layers, V]."""
    prefix, own = packed.start(vlm, b)
    places = torch.arange(prefix.shape[1])[None]
    own_places = prefix.shape[1] + torch.arange(own.shape[2])[None]
    last = (b.length - 1)[..., None, None].expand(-1, -1, 1, prefix.shape[1])
    looks = []
    for module in vlm.layers:
        prefix, own, seen = packed.layer(module, prefix, own, places, own_places, lambda z: packed.angles(vlm, z), weights_too=True)
        prefix, own = module.feed_forward(prefix), module.feed_forward(own)
        looks.append(seen.gather(2, last)[:, :, 0][..., b.visual])
    return torch.stack(looks, 2)


def folded(looks, rows, cols):
    """Attention to crops [rows * cols * N] and view [N], in the order of the prompt, as attention to the places of the view, [N]."""
    crops = looks[:-TOKENS].view(rows, cols, GRID, GRID).permute(0, 2, 1, 3).reshape(GRID, rows, GRID, cols)
    return looks[-TOKENS:] + crops.sum((1, 3)).flatten()


def rows_of(vlm, records, questions, layers, rng):
    """What the student learns from: record, question, tiles that it sees, target [N] over their tokens."""
    rows = []
    for batch in packed.batches_of(records, 4, rng):
        b = packed.pack(batch, questions, rng)
        looks = attended(vlm, b)[:, :, layers].sum(2)
        for i, r in enumerate(batch):
            _, down, across = r["layout"]
            for k in range(min(questions, len(r["qa"]))):
                seen = looks[i, k]
                view = folded(seen, down, across) if down else seen
                rows.append({"record": r, "question": b.numbers[i][k], "tiles": slice(-1, None), "target": view / view.sum()})
                if down:
                    crops = seen[:-TOKENS]
                    rows.append({"record": r, "question": b.numbers[i][k], "tiles": slice(0, -1), "target": crops / crops.sum()})
    return rows


def logits_of(head, vlm, rows):
    words, real = relevance.asked(vlm, [r["record"]["qa"][r["question"]][0] for r in rows])
    return head(words, torch.stack([r["record"]["features"][r["tiles"]].float().flatten(0, 1) for r in rows]), real)


def divergence(target, logits):
    return (target * (target.clamp(min=1e-9).log() - logits.log_softmax(1))).sum(1)


def by_size(rows):
    sizes = {}
    for r in rows:
        sizes.setdefault(len(r["target"]), []).append(r)
    return sizes


@torch.no_grad()
def check(score, rows):
    """Of each level: divergence, share of the best possible attention in the best quarter of the tokens, best crop of the teacher in the best two."""
    sums = {}
    for size, group in by_size(rows).items():
        for at in range(0, len(group), 64):
            part = group[at : at + 64]
            target, logits = torch.stack([r["target"] for r in part]), score(part)
            best = lambda x: (target * relevance.top(x, 0.25)).sum(1)  # noqa: E731
            found = {"divergence": divergence(target, logits), "quarter": best(logits) / best(target)}
            if size == TOKENS:
                crops = lambda x: x.view(-1, 2, GRID // 2, 2, GRID // 2).sum((2, 4)).flatten(1)  # noqa: E731
                two = crops(logits.softmax(1)).topk(2, 1).indices
                found["crop"] = (two == crops(target).argmax(1, keepdim=True)).any(1).float()
            s = sums.setdefault("view" if size == TOKENS else "crops", {"n": 0})
            s["n"] += len(part)
            for name, value in found.items():
                s[name] = s.get(name, 0.0) + float(value.sum())
    return {level: {k: v if k == "n" else round(v / s["n"], 4) for k, v in s.items()} for level, s in sums.items()}


@torch.no_grad()
def inside(vlm, records, rng):
    """Share of each layer's attention to visual tokens that lies on the things asked about, tokens of crops; [layers]."""
    total, count = 0, 0
    for batch in packed.batches_of(records, 4, rng):
        b = packed.pack(batch, 6, rng)
        looks = attended(vlm, b)
        for i, r in enumerate(batch):
            owner = r["owner"].flatten()
            for k in range(min(6, len(r["qa"]))):
                items = r["qa"][b.numbers[i][k]][3]
                if len(items) == 1:
                    total = total + looks[i, k][:, owner == items[0]].sum(1) / looks[i, k].sum(1)
                    count += 1
    return [round(float(x), 3) for x in total / count]


def fit(head, vlm, rows, args, log):
    rng = random.Random(args.seed)
    optimizer = torch.optim.AdamW(head.parameters(), lr=args.lr, weight_decay=0.01)
    sizes, begun, step, progress, sums = by_size(rows), time.time(), 0, 0.0, 0.0
    while progress < 1:
        progress = (time.time() - begun) / 60 / args.minutes
        for group in optimizer.param_groups:
            group["lr"] = args.lr * min(1, (step + 1) / 50) * max(0.02, 1 - progress)
        size = rng.choices(list(sizes), [len(v) for v in sizes.values()])[0]
        chosen = rng.sample(sizes[size], min(len(sizes[size]), max(8, 64 * TOKENS // size)))
        loss = divergence(torch.stack([r["target"] for r in chosen]), logits_of(head, vlm, chosen)).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        step, sums = step + 1, sums + loss.item()
        if step % 50 == 0:
            print(json.dumps({"step": step, "minutes": round((time.time() - begun) / 60, 2), "divergence": round(sums / 50, 4)}), file=log, flush=True)
            sums = 0.0
    return step


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--minutes", type=float, default=4)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--layers", default="2,3,4,5,6,7", help="decoder layers of the teacher, the first is 0")
    p.add_argument("--questions", type=int, default=6, help="questions a picture")
    p.add_argument("--checkpoint", default=str(features.HERE.parent / "checkpoint-fp16.pt"))
    p.add_argument("--out", default=str(features.HERE.parent / "runs/adaptive/regions"))
    p.add_argument("--figures", default=str(features.HERE.parent / "results/trained/regions.json"), help="what was found, in short")
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    out = pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    vlm, begun = features.load(args.checkpoint), time.time()
    if not (out / "pictures.pt").exists():
        with torch.no_grad():
            drawn = [list(features.training(vlm.vision, *of)) for of in ((COUNTS, f"regions/{args.seed}"), (VALIDATION, f"regions/validation/{args.seed}"))]
        torch.save(drawn, out / "pictures.pt")
    train, validation = torch.load(out / "pictures.pt", weights_only=False)
    layers = [int(i) for i in args.layers.split(",")]
    found = {"layers": layers, "attention on the asked thing": inside(vlm, validation, random.Random(args.seed))}
    print(json.dumps(found), round((time.time() - begun) / 60, 1), "minutes", flush=True)
    rows = rows_of(vlm, train, args.questions, layers, random.Random(args.seed))
    checks = rows_of(vlm, validation, args.questions, layers, random.Random(args.seed))
    print(len(rows), "rows", len(checks), "of validation", round((time.time() - begun) / 60, 1), "minutes", flush=True)
    head = head_of(vlm.c.hidden)
    with open(out / "log.jsonl", "w") as log:
        steps = fit(head, vlm, rows, args, log)
    torch.save(head.state_dict(), out / "last.pt")
    head.eval()
    found |= {"rows": len(rows), "steps": steps, "parameters": sum(x.numel() for x in head.parameters())}
    found["validation"] = {"regions": check(lambda r: logits_of(head, vlm, r), checks), "even": check(lambda r: torch.zeros(len(r), len(r[0]["target"])), checks)}
    relevant = features.HERE.parent / "runs/adaptive/relevance/last.pt"
    if relevant.exists():
        other = relevance.RelevanceHead(vlm.c.hidden)
        other.load_state_dict({k: v.float() for k, v in torch.load(relevant).items()})
        found["validation"]["relevance"] = check(lambda r: logits_of(other.eval(), vlm, r), checks)
    pathlib.Path(args.figures).write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found), round((time.time() - begun) / 60, 1), "minutes")


if __name__ == "__main__":
    main()
