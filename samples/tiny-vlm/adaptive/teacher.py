"""What the dense decoder does with the training pictures: the targets of the relevance head and of the exit gates.

    python teacher.py --train ../runs/adaptive/train.pt --out ../runs/adaptive/teacher.pt

For some questions of every picture: where the answer's tokens look (mean over layers and heads), what the text knows after each layer,
and whether the answer stays when the visual tokens leave after that layer.
"""

import argparse
import json
import pathlib
import random
import time

import torch
import torch.nn.functional as F

import decoding
import features
import packed


def text_features(b, prefix, own):
    """What a gate reads, [B, K, 2 D]: mean of the text behind the picture but its last token, and that token (DyVTE)."""
    after = prefix[:, int(b.visual.nonzero()[-1]) + 1 :]
    steps = torch.arange(own.shape[2])
    before = steps < (b.length - 1)[..., None]
    total = (own * before[..., None]).sum(2) + after.sum(1)[:, None]
    mean = total / (before.sum(2) + after.shape[1])[..., None]
    last = own.gather(2, (b.length - 1)[..., None, None].expand(-1, -1, 1, own.shape[-1]))[:, :, 0]
    return torch.cat([mean, last], -1)


def per_question(b, values):
    """Mean over the answer's tokens, [B, K]."""
    at = b.where // b.ids.shape[2]
    n = b.ids.shape[0] * b.ids.shape[1]
    return torch.zeros(n).scatter_reduce(0, at, values, "mean", include_self=False).view(b.ids.shape[:2])


@torch.no_grad()
def observe(vlm, b, first_exit, visual_too=True):
    """Dense pass, and for each exit layer from first_exit on the pass without visual tokens behind it."""
    prefix, own = packed.start(vlm, b)
    places = torch.arange(prefix.shape[1])[None]
    own_places = prefix.shape[1] + torch.arange(own.shape[2])[None]
    angles = lambda z: packed.angles(vlm, z)  # noqa: E731
    answer = torch.zeros(b.ids.numel(), dtype=torch.bool)
    answer[b.where] = True
    answer = answer.view(b.ids.shape)
    looks, known, states = 0, [], []
    for module in vlm.layers:
        prefix, own, seen = packed.layer(module, prefix, own, places, own_places, angles, weights_too=True)
        prefix, own = module.feed_forward(prefix), module.feed_forward(own)
        looks = looks + (seen[..., b.visual] * answer[..., None]).sum(2)
        known.append(text_features(b, prefix, own))
        states.append((prefix, own))
    full = packed.logits(vlm, own, b)
    best = full.argmax(-1)
    nll = F.cross_entropy(full, b.target, reduction="none")
    agree, worse = [], []
    stay = ~b.visual
    for first in range(first_exit, len(vlm.layers) - 1):
        prefix, own = states[first]
        prefix = prefix[:, stay]
        for module in vlm.layers[first + 1 :]:
            prefix, own = packed.layer(module, prefix, own, places[:, stay], own_places, angles)
            prefix, own = module.feed_forward(prefix), module.feed_forward(own)
        out = packed.logits(vlm, own, b)
        agree.append(per_question(b, (out.argmax(-1) == best).float()))
        worse.append(per_question(b, F.cross_entropy(out, b.target, reduction="none") - nll))
    right = packed.questions_right(b, full)
    looks = looks / looks.sum(-1, keepdim=True).clamp(min=1e-9)
    return {"looks": looks, "known": torch.stack(known, 2), "agree": torch.stack(agree, 2), "worse": torch.stack(worse, 2),
            "nll": per_question(b, nll), "right": right}  # fmt: skip


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--train", default=str(features.HERE.parent / "runs/adaptive/train.pt"))
    p.add_argument("--out", default=str(features.HERE.parent / "runs/adaptive/teacher.pt"))
    p.add_argument("--checkpoint", default=str(features.HERE.parent / "checkpoint-fp16.pt"))
    p.add_argument("--questions", type=int, default=6)
    p.add_argument("--figures", default=str(features.HERE.parent / "results/trained/teacher.json"), help="what was found, in short")
    p.add_argument("--first-exit", type=int, default=1)
    p.add_argument("--minutes", type=float, default=10, help="0 only prints what --out holds")
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    torch.set_num_threads(1)
    vlm = features.load(args.checkpoint)
    records = torch.load(args.train, weights_only=False)
    for i, r in enumerate(records):
        r["number"] = i
    rng = random.Random(args.seed)
    rows, begun = [], time.time()
    for batch in packed.batches_of(records, 4, rng):
        if time.time() - begun > 60 * args.minutes:
            break
        b = packed.pack(batch, args.questions, rng)
        seen = observe(vlm, b, args.first_exit)
        for i, r in enumerate(batch):
            for k in range(min(args.questions, len(r["qa"]))):
                rows.append({"record": r["number"], "question": b.numbers[i][k], **{n: (v[i, k].half() if v.dtype == torch.float32 else v[i, k]).clone() for n, v in seen.items()}})
    if args.minutes:
        torch.save({"rows": rows, "first_exit": args.first_exit}, args.out)
    else:
        rows = torch.load(args.out, weights_only=False)["rows"]
    agree = torch.stack([x["agree"].float() for x in rows])
    found = {"questions": len(rows), "right": round(sum(float(x["right"]) for x in rows) / len(rows), 3),
             "same answer without visual tokens after layer": {i + args.first_exit + 1: round(v, 3) for i, v in enumerate((agree == 1).float().mean(0).tolist())}}  # fmt: skip
    pathlib.Path(args.figures).write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found), round((time.time() - begun) / 60, 1), "minutes")


if __name__ == "__main__":
    main()
