"""Readings of ATP-LLaVA's scores, compared without training: the same numbers of tokens kept by each, and who follows the question.

    python readings.py --out ../results/trained/readings.json

Of every reading: accuracy on held-out questions when after 2, 4 and 6 layers half, a quarter and an eighth of the visual tokens with
the highest score stay; and the share of the kept tokens after 2 layers that another question about the picture keeps too.
"""

import argparse
import json
import pathlib

import torch

import atp
import decoding
import features

KEPT = {1: 0.5, 3: 0.25, 5: 0.125}


def self_scores(q, weights, query, key, alive, of):
    """What visual tokens look for in each other, [B, V]: mean logits received or given, with or without what comes later; probabilities."""
    slots = q.slots
    if of == "received":
        return atp.raw_scores(q, weights, query, key, alive.float())[0]
    there = alive.float()
    if of == "probabilities received":
        among = weights[:, :, slots][..., slots].mean(1)
        return (among * there[:, :, None]).sum(1) / there.sum(1, keepdim=True)
    keys = key[:, :, slots].repeat_interleave(query.shape[1] // key.shape[1], 1)
    logits = (query[:, :, slots] @ keys.transpose(-1, -2)).mean(1) * query.shape[-1] ** -0.5
    if of == "given":
        return (logits * there[:, None]).sum(2) / there.sum(1, keepdim=True)
    seen = there[:, :, None] * torch.ones(len(slots), len(slots)).tril()
    return (logits * seen).sum(1) / seen.sum(1).clamp(min=1)


READINGS = {
    "logits received, both 0 to 1 (scaled)": ("received", atp.scaled),
    "logits received, summed as they are (plain)": ("received", None),
    "logits received, both by rank (ranked)": ("received", atp.ranked),
    "logits received from later tokens, both 0 to 1": ("later", atp.scaled),
    "logits given, both 0 to 1": ("given", atp.scaled),
    "probabilities received, both 0 to 1": ("probabilities received", atp.scaled),
    "self alone": ("received", "self"),
    "cross alone": ("received", "cross"),
}


@torch.no_grad()
def kept(vlm, q, of, scale):
    """Logits, and the masks after 2, 4 and 6 layers."""
    masks = []

    def hook(i, x, weights, query, key, alive):
        if i not in KEPT:
            return alive
        now = alive[:, q.slots]
        _, cross = atp.raw_scores(q, weights, query, key, now.float())
        own = self_scores(q, weights, query, key, now, of)
        if scale in ("self", "cross"):
            score = own if scale == "self" else cross
        else:
            score = own + cross if scale is None else scale(own, now) + scale(cross, now)
        best = score.masked_fill(~now, -float("inf")).topk(int(KEPT[i] * len(q.slots)), 1).indices
        masks.append(torch.zeros_like(now).scatter(1, best, True))
        return alive.index_copy(1, q.slots, masks[-1])

    return decoding.forward(vlm, q, after_layer=hook), masks


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", default=str(features.HERE.parent / "runs/adaptive"))
    p.add_argument("--out", default=str(features.HERE.parent / "results/trained/readings.json"))
    args = p.parse_args()
    torch.set_num_threads(1)
    vlm = features.exact(features.load(features.HERE.parent / "checkpoint-fp16.pt"))
    records = [r for i, r in enumerate(torch.load(pathlib.Path(args.data) / "heldout.pt", weights_only=False)) if i % 3 == 1 and r["layout"] == (1, 0, 0)]
    records = [r for r in records if r["family"] != "easy-vqa"]
    out = {"questions": sum(len(r["qa"]) for r in records), "readings": {}}
    for name, (of, scale) in READINGS.items():
        sets = {}

        def answer(q, of=of, scale=scale, sets=sets):
            logits, masks = kept(vlm, q, of, scale)
            for b, (record, _) in enumerate(q.entries):
                sets.setdefault(id(record), []).append(masks[0][b])
            return decoding.hits(q, logits), {}

        by_family = decoding.evaluate(records, answer)
        same = [(a & b).sum().item() / a.sum().item() for of_picture in sets.values() for j, a in enumerate(of_picture) for b in of_picture[:j]]
        accuracy = {f: r["accuracy"] for f, r in by_family.items()}
        out["readings"][name] = {"accuracy": round(sum(accuracy.values()) / len(accuracy), 4), **accuracy, "kept by another question too": round(sum(same) / len(same), 4)}
        print(name, out["readings"][name], flush=True)
    dense = decoding.evaluate(records, lambda q: (decoding.hits(q, decoding.forward(vlm, q)), {}))
    out["unpruned"] = {f: r["accuracy"] for f, r in dense.items()}
    pathlib.Path(args.out).write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
