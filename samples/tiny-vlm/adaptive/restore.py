"""Files of the package -> checkpoints from which the trainings resume: the inverse of weights.py.

    python restore.py --runs ../runs/adaptive
"""

import argparse
import json
import pathlib

import onnx
import torch
from safetensors.torch import load_file

import bytes8
import features
from weights import PACKAGE


def relevance(t):
    out = {"neighbours.weight": t["neighbours"].view(t["neighbours"].shape[0], 3, -1).permute(0, 2, 1).contiguous()}
    for ours, name in (("words.norm", "word_norm"), ("tokens.norm", "token_norm")):
        out[f"{name}.weight"], out[f"{name}.bias"] = t[ours]
    for name in ("pooling", "query", "key", "saliency", "mix", "out"):
        out[f"{name}.weight"] = t[name]
    return out | {k: v for k, v in t.items() if k.endswith(".bias")}


def gates(t):
    return {f"{name}.{int(point[5:]) - 1}": v for k, v in t.items() for point, name in [k.split(".")]}


def atp(t):
    layers = sorted({int(k.split(".")[0][5:]) - 1 for k in t if k.startswith("layer")})
    out = {}
    for i in layers:
        at = f"layer{i + 1}"
        out[f"embed.{i}.weight"], out[f"embed.{i}.bias"] = t[f"{at}.weight"], t[f"{at}.bias"]
        for name in ("redundancy", "spatial"):
            out[f"{name}.{i}.weight"], out[f"{name}.{i}.bias"] = t[f"{at}.{name}.weight"][None], t[f"{at}.{name}.bias"]
    return {"modules": out, "layers": layers, "reading": "scaled" if t["scaled"] else "plain"}


def layers(decoder, count):
    """The tuned layers of a decoder's graph: its initializers stand in the order of a layer's computation."""
    graph = onnx.load(str(decoder)).graph
    arrays = [a for a in bytes8.floats(graph) if a.is_floating_point() and a.ndim > 0]
    names = ["input_layernorm", "q_proj", "k_proj", "v_proj", "o_proj", "post_attention_layernorm", "gate_proj", "up_proj", "down_proj"]
    arrays = [a for a in arrays if a.shape[0] in (192, 384)][: count * len(names)]
    return {f"layers.{i // len(names)}.{names[i % len(names)]}.weight": (a.T if a.ndim == 2 else a).contiguous() for i, a in enumerate(arrays)}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--runs", default=str(features.HERE.parent / "runs/adaptive"))
    args = p.parse_args()
    trained = json.loads((PACKAGE / "squint.json").read_text())["trained"]
    vlm = features.load(features.HERE.parent / "checkpoint-fp16.pt")
    for method, run in (("relevance", "relevance"), ("lrs", "regions"), ("dyvte", "gates"), ("atp", "atp"), ("p-mod", "pmod"), ("gamma-mod", "gamma")):
        t = load_file(str(PACKAGE / trained[method]["file"]))
        if method in ("relevance", "lrs", "dyvte", "atp"):
            state = {"relevance": relevance, "lrs": relevance, "dyvte": gates, "atp": atp}[method](t)
        else:
            state = {"model": layers(PACKAGE / trained[method]["decoder"], len(vlm.layers))}
            vlm.load_state_dict(state["model"], strict=False)
            if method == "p-mod":
                state |= {"router": {"weight": t["router.weight"], "bias": t["router.bias"]}, "settings": {"ratios": t["ratio"].tolist()}}
            else:
                settings = {"routed": [bool(r) for r in t["routed"]], "threshold": float(t["thresholds"][0]), "decode": float(t["thresholds"][1]), "in_place": bool(t["in-place"])}
                state |= {"router": {"weight": t["router"]}, "settings": settings}
        folder = pathlib.Path(args.runs) / run
        folder.mkdir(parents=True, exist_ok=True)
        torch.save(state, folder / "last.pt")


if __name__ == "__main__":
    main()
