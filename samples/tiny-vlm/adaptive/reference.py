"""Records what PyTorch computes with the trained weights: test/trained.json and test/lrs.json of the package, against which the Java
code is tested.

    python reference.py --runs ../runs/adaptive
"""

import argparse
import dataclasses
import json
import pathlib

import numpy as np
import torch
from PIL import Image

import atp
import bytes8
import decoding
import features
import gates
import regions
import relevance
import routing

MOST = 6
CASES = [
    ("shapes.png", "How many shapes are there?"),
    ("shapes.png", "What color is the star?"),
    ("text.png", "What is written here?"),
    ("chart.png", "How many bars are there?"),
    ("shapes-large.png", "Which shape is green?"),
]


def load_gates(path):
    state = {k: v.float() for k, v in torch.load(path, map_location="cpu").items()}
    layers = sorted({int(k.split(".")[1]) for k in state})
    out = gates.Gates(layers, state[f"hidden.{layers[0]}"].shape[1] // 2)
    out.load_state_dict(state)
    return out


def load_atp(path):
    state = torch.load(path, map_location="cpu", weights_only=False)
    out = atp.AtpModules(state["layers"], state["reading"], state["modules"][f"embed.{state['layers'][0]}.bias"].shape[0])
    out.load_state_dict({k: v.float() for k, v in state["modules"].items()})
    return out


def load_head(path, d):
    head = relevance.RelevanceHead(d)
    head.load_state_dict({k: v.float() for k, v in torch.load(path, map_location="cpu").items()})
    return head.eval()


def regions_of(vlm, record, path):
    """Logits of the region-focus head, in the half precision of the package, for the tokens of the global view of a tiled picture."""
    head = regions.head_of(vlm.c.hidden)
    head.load_state_dict({k: v.half().float() for k, v in torch.load(path, map_location="cpu").items()})
    out = []
    for question in ("Which shape is green?", "How many shapes are there?"):
        words, real = relevance.asked(vlm, [question])
        logits = head.eval()(words, record["features"][-1:], real)[0]
        out.append({"picture": f"../../pictures/{record['family']}", "question": question, "logits": [round(float(x), 5) for x in logits]})
    return {"definitions": {"logits": "of each token of the global view"}, "cases": out}


def picked(mask):
    return [int(i) for i in mask.nonzero()[:, 0]]


def spoken(q, logits_of, most=MOST):
    """Greedy decoding without a cache: logits of each token until the answer ends, [T, vocabulary]; the last run of logits_of."""
    end = int(q.where[0]) + 1
    ids, masks = q.ids[:, :end], {name: getattr(q, name)[:, :end] for name in ("visual", "text", "real")}
    out = []
    while True:
        length = ids.shape[1]
        longer = {name: torch.cat([m, torch.full((1, length - end), name == "real")], 1) for name, m in masks.items()}
        where = torch.arange(end - 1, length)
        result = logits_of(dataclasses.replace(q, ids=ids, where=where, target=where, **longer))
        out.append(result[-1])
        best = int(out[-1].argmax())
        if best == decoding.END or len(out) == most:
            return torch.stack(out)
        ids = torch.cat([ids, torch.tensor([[best]])], 1)


def cases(vlm, record, question, runs):
    """For every method that is trained: the plan, what is kept at each point, logits of the answer's tokens."""
    q = decoding.questions([({**record, "qa": [(question, "red", "", [])]}, 0)])
    first = q.where[:1]
    q.where, q.target = first, q.target[:1]
    out = []

    def add(plan, kept, logits):
        tokens = []
        for values in logits.numpy():
            best = values.argsort()[::-1][:5]
            at = sorted({*best.tolist(), *range(0, len(values), 29 * len(logits))})
            tokens.append([[int(i), round(float(values[i]), 6)] for i in at])
        out.append({"plan": plan, "kept": kept, "tokens": tokens})

    if (runs / "relevance/last.pt").exists():
        scores = relevance.scores(load_head(runs / "relevance/last.pt", vlm.c.hidden), vlm, q)
        kept = relevance.top(scores, 0.125)
        plan = "encoder:text-guided(keep=0.125, guide=head)"
        add(plan, {"encoder": picked(kept[0])}, decoding.forward(vlm, q, kept=kept))
        add(f"{plan} + encoder:in-place", {"encoder": picked(kept[0])}, spoken(q, lambda z: decoding.forward(vlm, z, kept=kept, in_place=True)))
    if (runs / "gates/last.pt").exists():
        g = load_gates(runs / "gates/last.pt")
        logits, gone = gates.leave(vlm, g, q)
        points = {f"layer{i + 1}": [] if i >= int(gone) else "all" for i in g.layers if i <= int(gone)}
        add(" + ".join(f"layer{i + 1}:dyvte" for i in g.layers), points, logits)
    if (runs / "atp/last.pt").exists():
        m = load_atp(runs / "atp/last.pt")
        logits, _, _, _, masks = atp.hard(vlm, m, q)
        add(" + ".join(f"layer{i + 1}:atp" for i in m.layers), {f"layer{i + 1}": picked(x[0]) for i, x in zip(m.layers, masks)}, logits)
    for method, name in (("pmod", "p-mod"), ("gamma", "gamma-mod")):
        if (runs / method / "last.pt").exists():
            tuned, router, settings = tuned_with(vlm, runs / method / "last.pt", method)
            processed = []

            def logits_of(z, method=method, router=router, settings=settings, tuned=tuned, processed=processed):
                # Made again for every token: which of them are of the answer grows with it.
                route = routing.pmod_route(router, z, settings["ratios"]) if method == "pmod" else routing.gamma_route(router, z, settings)  # fmt: skip

                def counting(i, module, x):
                    chosen, weight, renumber = route(i, module, x)
                    processed[i:] = [chosen[0]]
                    return chosen, weight, renumber

                return routing.alone(tuned, z, counting)[0]

            logits = spoken(q, logits_of)
            prompt = int(q.where[0]) + 1
            add(f"decoder:{name}", {"rows": [int(p[:prompt].sum()) for p in processed], "cached": int(sum(p.sum() for p in processed))}, logits)
    return out


def tuned_with(vlm, path, method):
    import copy

    state = torch.load(path, map_location="cpu", weights_only=False)
    tuned = copy.deepcopy(vlm)
    tuned.load_state_dict({k: v.float() for k, v in state["model"].items()}, strict=False)
    for matrix in bytes8.matrices(tuned):
        matrix.data = bytes8.rounded(matrix.data)
    router = routing.PModRouters(len(vlm.layers), vlm.c.hidden) if method == "pmod" else routing.GammaRouter(vlm.c.hidden)
    router.load_state_dict({k: v.float() for k, v in state["router"].items()})
    return tuned, router, state["settings"]


@torch.no_grad()
def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--runs", default=str(features.HERE.parent / "runs/adaptive"))
    p.add_argument("--checkpoint", default=str(features.HERE.parent / "checkpoint-fp16.pt"))
    p.add_argument("--only-regions", action="store_true", help="write lrs.json alone")
    args = p.parse_args()
    vlm = features.exact(features.load(args.checkpoint))
    runs, samples = pathlib.Path(args.runs), []
    for picture, question in CASES:
        image = Image.open(features.HERE.parents[1] / "pictures" / picture).convert("RGB")
        cut, rows, cols = features.batches.tiles(image)
        pixels = torch.from_numpy(np.stack([np.asarray(t) for t in cut])).permute(0, 3, 1, 2).float() / 127.5 - 1
        record = {"family": picture, "layout": (1, rows, cols), "features": vlm.vision(pixels)[0], "owner": None, "sizes": [image.size]}
        samples.append((record, question))
    if (runs / "regions/last.pt").exists():
        (features.PACKAGE / "test" / "lrs.json").write_text(json.dumps(regions_of(vlm, samples[-1][0], runs / "regions/last.pt")) + "\n")
    if args.only_regions:
        return
    out = [{"picture": f"../../pictures/{r['family']}", "question": q, "plans": cases(vlm, r, q, runs)} for r, q in samples]
    text = json.dumps({"definitions": {"kept": "indices among the visual tokens of all tiles, after each point", "rows": "tokens of the prompt that each layer processes", "cached": "rows in the caches of all layers at the end", "tokens": "for each answer token some logits, [token, value]"}, "cases": out})  # fmt: skip
    (features.PACKAGE / "test" / "trained.json").write_text(text + "\n")
    print(len(text), [(p["plan"].split("(")[0], len(p["tokens"])) for c in out for p in c["plans"]])


if __name__ == "__main__":
    main()
