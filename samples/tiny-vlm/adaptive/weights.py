"""Checkpoints of the trainings in this folder -> files of the package: squint.json, squint/*.safetensors, tuned decoders.

    python weights.py --runs ../runs/adaptive
    python weights.py --only lrs

Takes what there is; what a package lacks is not named in squint.json, unless --only names what is to be written. Its other entries
(notice, domain) stay as they are.
"""

import argparse
import json
import pathlib

import torch
from safetensors.torch import save_file

import bytes8
import features
import reference
from features import export

PACKAGE = features.PACKAGE


def relevance_weights(path):
    s = {k: v.float() for k, v in torch.load(path, map_location="cpu").items()}
    out = {
        "words.norm": torch.stack([s["word_norm.weight"], s["word_norm.bias"]]),
        "tokens.norm": torch.stack([s["token_norm.weight"], s["token_norm.bias"]]),
        "neighbours": s["neighbours.weight"].permute(0, 2, 1).flatten(1),
    }
    for name in ("pooling", "query", "key", "saliency", "mix", "out"):
        out[name] = s[f"{name}.weight"]
    for name in ("neighbours", "pooling", "query", "key", "saliency", "mix", "out"):
        out[f"{name}.bias"] = s[f"{name}.bias"]
    return out


def region_weights(path):
    """In half precision, as the weights are few and the head's choice is coarse."""
    return {k: v.half() for k, v in relevance_weights(path).items()}


def gate_weights(path):
    out = {}
    for k, v in torch.load(path, map_location="cpu").items():
        part, layer = k.split(".")
        out[f"layer{int(layer) + 1}.{part}"] = v.float()
    return out


def atp_weights(path):
    state = torch.load(path, map_location="cpu", weights_only=False)
    out = {"coarsest": torch.tensor([4.0]), "scaled": torch.tensor([{"plain": 0.0, "scaled": 1.0}[state["reading"]]])}
    for layer in state["layers"]:
        m = {k: v.float() for k, v in state["modules"].items()}
        at = f"layer{layer + 1}"
        out[f"{at}.weight"], out[f"{at}.bias"] = m[f"embed.{layer}.weight"], m[f"embed.{layer}.bias"]
        for name in ("redundancy", "spatial"):
            out[f"{at}.{name}.weight"] = m[f"{name}.{layer}.weight"][0]
            out[f"{at}.{name}.bias"] = m[f"{name}.{layer}.bias"]
    return out


def pmod_weights(state, vlm):
    return {"router.weight": state["router"]["weight"], "router.bias": state["router"]["bias"], "ratio": torch.tensor(state["settings"]["ratios"])}


def gamma_weights(state, vlm):
    s = state["settings"]
    gain = torch.stack([layer.input_layernorm.weight for layer in vlm.layers])
    return {"router": state["router"]["weight"], "gain": gain, "epsilon": torch.tensor([1e-5]), "routed": torch.tensor([float(r) * (2 if i + 1 == len(gain) else 1) for i, r in enumerate(s["routed"])]),
            "thresholds": torch.tensor([s["threshold"], s["decode"]]), "in-place": torch.tensor([float(s["in_place"])])}  # fmt: skip


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--runs", default=str(features.HERE.parent / "runs/adaptive"))
    p.add_argument("--only", nargs="+", help="methods to write; the others stay as they are")
    args = p.parse_args()
    runs = pathlib.Path(args.runs)
    (PACKAGE / "squint").mkdir(exist_ok=True)
    trained = json.loads((PACKAGE / "squint.json").read_text())["trained"] if args.only else {}
    asked = lambda method, run: (not args.only or method in args.only) and (runs / run / "last.pt").exists()  # noqa: E731
    for method, run, weights in (("relevance", "relevance", relevance_weights), ("lrs", "regions", region_weights), ("dyvte", "gates", gate_weights), ("atp", "atp", atp_weights)):
        if asked(method, run):
            file = f"squint/{method}.safetensors"
            save_file({k: v.detach().contiguous().clone() for k, v in weights(runs / run / "last.pt").items()}, str(PACKAGE / file))
            trained[method] = {"file": file}
    vlm = features.exact(features.load(features.HERE.parent / "checkpoint-fp16.pt"))
    for method, run, weights in (("p-mod", "pmod", pmod_weights), ("gamma-mod", "gamma", gamma_weights)):
        if asked(method, run):
            tuned, _, _ = reference.tuned_with(vlm, runs / run / "last.pt", run)
            file, decoder = f"squint/{method}.safetensors", f"onnx/decoder_model_merged_{run}.onnx"
            state = torch.load(runs / run / "last.pt", map_location="cpu", weights_only=False)
            save_file({k: v.detach().float().contiguous().clone() for k, v in weights(state, tuned).items()}, str(PACKAGE / file))
            export.decoder_graph(tuned, PACKAGE / decoder)
            bytes8.shrink(PACKAGE / decoder, bytes8.matrices(tuned))
            trained[method] = {"file": file, "decoder": decoder}
    export.write_squint_json(PACKAGE, trained=trained)
    print(json.dumps({x.name: x.stat().st_size for x in [*sorted((PACKAGE / "squint").iterdir()), *sorted((PACKAGE / "onnx").iterdir())]}))


if __name__ == "__main__":
    main()
