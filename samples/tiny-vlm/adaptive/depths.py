"""Which layers gamma-MoD should route: how far the answers move when a share of the pictures' tokens skips them, before any tuning.

    python depths.py --out ../results/trained/depths.json

Of every choice: the router as its training starts it, the threshold that leaves the target share, the share of the visual rows that all
layers process, and the divergence from the dense decoder's answers on held-out questions, with positions counted again in these layers, as the
authors do, and with tokens in their places. ARank chooses layers 2 to 7, counted from 1.
"""

import argparse
import json
import pathlib
import random

import torch
from torch import nn

import features
import packed
import routing
import tune

CHOICES = [(name, share, places) for name, share in (("2-7", 0.5), ("2-7", 0.34), ("4-8", 0.25), ("5-8", 0.3), ("5-8", 0.1)) for places in (False, True)]


@torch.no_grad()
def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", default=str(features.HERE.parent / "runs/adaptive"))
    p.add_argument("--out", default=str(features.HERE.parent / "results/trained/depths.json"))
    args = p.parse_args()
    torch.set_num_threads(1)
    data = pathlib.Path(args.data)
    vlm = features.load(features.HERE.parent / "checkpoint-fp16.pt")
    layers = len(vlm.layers)
    records = torch.load(data / "train.pt", weights_only=False)
    looks = tune.looked(records, torch.load(data / "teacher.pt", weights_only=False)["rows"])
    heldout = [r for i, r in enumerate(torch.load(data / "heldout.pt", weights_only=False)) if i % 3 == 1 and r["layout"] in ((1, 0, 0), (4, 0, 0))]
    batches = [packed.pack(rows, 3, random.Random(0)) for rows in packed.batches_of(random.Random(0).sample(heldout, 60), 8, random.Random(0))]
    wanted = [packed.logits(vlm, packed.dense(vlm, b), b).log_softmax(-1) for b in batches]
    out, routers = [], {}
    for name, capacity, in_place in CHOICES:
        first, last = (int(x) for x in name.split("-"))
        routed = [first <= i + 1 <= last for i in range(layers)]
        if name not in routers:
            routers[name] = routing.GammaRouter(vlm.c.hidden)
            routers[name].weight[1] = tune.started(vlm, records, looks, routed, random.Random(2))
        threshold = 0.5
        for _ in range(4):
            seen = [routing.gamma(vlm, routers[name], b, routed, capacity, threshold, in_place)[2].flatten() for b in batches[::3]]
            threshold = (threshold + torch.quantile(torch.cat(seen)[::3], 1 - capacity).item()) / 2
        away, share = 0.0, 0.0
        for b, dense in zip(batches, wanted):
            own, _, seen = routing.gamma(vlm, routers[name], b, routed, capacity, threshold, in_place)
            away += nn.functional.kl_div(packed.logits(vlm, own, b).log_softmax(-1), dense, reduction="batchmean", log_target=True).item() / len(batches)
            share += (seen > threshold).float().mean().item() / len(batches)
        out.append({"layers": name, "in place": in_place, "share of routed layers": round(share, 3), "share of all layers": round(1 - sum(routed) / layers * (1 - share), 3), "divergence": round(away, 4)})
        print(out[-1], flush=True)
    pathlib.Path(args.out).write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
