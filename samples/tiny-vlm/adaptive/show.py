"""Pictures of what the trained methods do on held-out questions: kept tokens by kind of question, thresholds, maps.

    python show.py --runs ../runs/adaptive --out ../results/trained

Writes adaptivity.json (means by kind and by how sure the unpruned answer is), thresholds.png and maps.png.
"""

import argparse
import json
import pathlib

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import atp
import decoding
import features
import gates
import reference
import relevance

MAPS = [
    ("shapes.png", ["What color is the heart?", "Where is the triangle?"]),
    ("text.png", ["What is the first letter?", "What is the last letter?"]),
    ("chart.png", ["What color is the first bar?", "What color is the last bar?"]),
]


@torch.no_grad()
def measure(vlm, modules, gate, records):
    rows = []
    for entries in decoding.grouped(records, 24):
        q = decoding.questions(entries)
        dense = decoding.forward(vlm, q)
        nll = F.cross_entropy(dense, q.target, reduction="none")
        at = q.where // q.ids.shape[1]
        sure = torch.zeros(len(q.ids)).scatter_reduce(0, at, nll, "mean", include_self=False)
        logits, kept, share, thresholds, _ = atp.hard(vlm, modules, q)
        right, dense_right = decoding.hits(q, logits), decoding.hits(q, dense)
        _, gone = gates.leave(vlm, gate, q)
        for b, (record, k) in enumerate(entries):
            rows.append({"family": record["family"], "kind": record["qa"][k][2], "nll": float(sure[b]), "atp kept": float(kept[b].mean() / len(q.slots)),
                         "atp modules": [round(float(x) / len(q.slots), 4) for x in kept[b]], "thresholds": thresholds[b].tolist(),
                         "dyvte layers": int(gone[b]) + 1, "right": bool(right[b]), "dense right": bool(dense_right[b])})  # fmt: skip
    return rows


def mean(rows, key):
    return round(float(np.mean([r[key] for r in rows])), 4)


def summary(rows):
    order = sorted(r["nll"] for r in rows)
    cuts = [order[len(order) // 3], order[2 * len(order) // 3]]
    thirds = {"sure": [r for r in rows if r["nll"] < cuts[0]], "between": [r for r in rows if cuts[0] <= r["nll"] < cuts[1]], "unsure": [r for r in rows if r["nll"] >= cuts[1]]}
    out = {"questions": len(rows), "by how sure the unpruned answer is": {}, "by kind": {}}
    spread = [r["atp kept"] for r in rows]
    out["atp kept, 5th, 50th, 95th percentile"] = [round(float(np.percentile(spread, p)), 4) for p in (5, 50, 95)]
    for name, part in thirds.items():
        out["by how sure the unpruned answer is"][name] = {"n": len(part), "atp kept": mean(part, "atp kept"), "dyvte layers": mean(part, "dyvte layers")}
    for kind in sorted({(r["family"], r["kind"]) for r in rows}):
        part = [r for r in rows if (r["family"], r["kind"]) == kind]
        out["by kind"]["/".join(kind)] = {"n": len(part), "atp kept": mean(part, "atp kept"), "dyvte layers": mean(part, "dyvte layers")}
    return out


def draw_thresholds(rows, layers, path):
    figure, axes = plt.subplots(1, len(layers) + 1, figsize=(15, 3.4))
    families = sorted({r["family"] for r in rows})
    for m, (axis, layer) in enumerate(zip(axes, layers)):
        for family in families:
            part = [r["thresholds"][m] for r in rows if r["family"] == family]
            axis.scatter([t[0] for t in part], [t[1] for t in part], s=4, label=family)
        axis.set_title(f"after {layer + 1} layers")
        axis.set_xlabel("redundancy threshold")
        axis.set_ylabel("spatial threshold")
    axes[0].legend(fontsize=6)
    axes[-1].hist([[r["atp kept"] for r in rows if r["family"] == f] for f in families], bins=15, stacked=True, label=families)
    axes[-1].set_title("share kept, mean over modules")
    figure.tight_layout()
    figure.savefig(path, dpi=80)


@torch.no_grad()
def draw_maps(vlm, head, modules, path):
    figure, axes = plt.subplots(len(MAPS), 5, figsize=(12, 7.4))
    for row, (picture, asked) in zip(axes, MAPS):
        image = Image.open(features.HERE.parents[1] / "pictures" / picture).convert("RGB")
        cut, rows, cols = features.batches.tiles(image)
        pixels = torch.from_numpy(np.stack([np.asarray(t) for t in cut])).permute(0, 3, 1, 2).float() / 127.5 - 1
        record = {"family": picture, "layout": (1, rows, cols), "features": vlm.vision(pixels)[0], "owner": None}
        row[0].imshow(cut[-1])
        row[0].axis("off")
        for i, question in enumerate(asked):
            q = decoding.questions([({**record, "qa": [(question, "red", "", [])]}, 0)])
            kept = relevance.top(relevance.scores(head, vlm, q), 0.125)[0]
            masks = atp.hard(vlm, modules, q)[-1]
            for axis, mask, name in ((row[1 + 2 * i], kept, "head, 12.5 %"), (row[2 + 2 * i], masks[0][0], "ATP, after 2 layers")):
                shown = np.asarray(cut[-1]).astype(float)
                mask = mask[-144:].float().view(12, 12).repeat_interleave(8, 0).repeat_interleave(8, 1)[..., None].numpy()
                axis.imshow((shown * (0.25 + 0.75 * mask)).astype(np.uint8))
                axis.set_title(f"{question}\n{name}: {int(mask.sum() / 64)}", fontsize=7)
                axis.axis("off")
    figure.tight_layout()
    figure.savefig(path, dpi=80)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--runs", default=str(features.HERE.parent / "runs/adaptive"))
    p.add_argument("--out", default=str(features.HERE.parent / "results/trained"))
    args = p.parse_args()
    runs, out = pathlib.Path(args.runs), pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    vlm = features.exact(features.load(features.HERE.parent / "checkpoint-fp16.pt"))
    modules = reference.load_atp(runs / "atp/last.pt")
    draw_maps(vlm, reference.load_head(runs / "relevance/last.pt", vlm.c.hidden), modules, out / "maps.png")
    records = [r for i, r in enumerate(torch.load(runs / "heldout.pt", weights_only=False)) if i % 3 == 1 and r["layout"] == (1, 0, 0)]
    rows = measure(vlm, modules, reference.load_gates(runs / "gates/last.pt"), records)
    draw_thresholds(rows, modules.layers, out / "thresholds.png")
    (out / "adaptivity.json").write_text(json.dumps(summary(rows), indent=1) + "\n")


if __name__ == "__main__":
    main()
