"""Pictures -> what the frozen encoder makes of them, kept in one file: all trainings in this folder read it.

    python features.py --out ../runs/adaptive/train.pt
    python features.py --heldout --out ../runs/adaptive/heldout.pt

A record is a picture or clip: family, layout (frames, rows, cols), features [T, N, D] in half precision, owner [T, N] (item that a
patch shows, or -1), questions as (question, answer, kind, items or boxes asked about).
"""

import argparse
import io
import json
import pathlib
import random
import sys
import time
import zipfile

import numpy as np
import torch
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parent / "package"
sys.path.insert(0, str(HERE.parent))

import batches  # noqa: E402
import easyvqa  # noqa: E402
import export  # noqa: E402
import tokens  # noqa: E402

COUNTS = {"shapes": 1800, "text": 900, "charts": 700, "clips": 500, "easy": 200, "wide": 200, "large": 200}
SETS = ("shapes", "text", "charts", "clips", "large-shapes", "large-text")


def record(family, frames, masks, qa, vision):
    cut, owner, shape = [], [], None
    for i, image in enumerate(frames):
        t, rows, cols = batches.tiles(image)
        cut += t
        shape = (len(frames), rows, cols)
        if masks:
            owner += [batches.owners(m) for m in batches.tiles(masks[i], Image.Resampling.NEAREST)[0]]
    pixels = torch.from_numpy(np.stack([np.asarray(t) for t in cut])).permute(0, 3, 1, 2).float() / 127.5 - 1
    features = vision(pixels)[0].half()
    return {"family": family, "layout": shape, "features": features, "qa": qa, "sizes": [f.size for f in frames],
            "owner": torch.tensor(np.stack(owner), dtype=torch.int8) if owner else None}  # fmt: skip


def training(vision, counts, seed):
    rng = random.Random(f"adaptive/{seed}")
    order = [k for k, n in counts.items() for _ in range(n)]
    rng.shuffle(order)
    for kind in order:
        s = batches.draw(kind, rng)
        if s.qa:
            yield record(kind, s.frames, s.masks, s.qa, vision)


def heldout(vision, pictures, questions):
    """The first pictures of every held-out set, a few questions of each; shapes from both halves."""
    by_picture = easyvqa.by_picture("test")
    for number in sorted(by_picture)[:pictures]:
        qa = [(q, a, "easy", []) for q, a in by_picture[number]]
        yield record("easy-vqa", [easyvqa.picture("test", number)], None, random.Random(number).sample(qa, min(questions, len(qa))), vision)
    for name in SETS:
        with zipfile.ZipFile(HERE.parent / "heldout" / f"{name}.zip") as z:
            grouped = {}
            for line in z.read("questions.jsonl").decode().splitlines():
                x = json.loads(line)
                grouped.setdefault(tuple(x["images"]), []).append(x)
            keys = list(grouped)
            keys = keys[:: max(1, len(keys) // pictures)][:pictures]
            for files in keys:
                frames = [Image.open(io.BytesIO(z.read(f))).convert("RGB") for f in files]
                asked = grouped[files]
                asked = random.Random(files[0]).sample(asked, min(questions, len(asked)))
                yield record(name, frames, None, [(x["question"], x["answer"], x["kind"], x["boxes"]) for x in asked], vision)


@torch.no_grad()
def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--checkpoint", default=str(HERE.parent / "checkpoint-fp16.pt"))
    p.add_argument("--out", required=True)
    p.add_argument("--heldout", action="store_true")
    p.add_argument("--pictures", type=int, default=100, help="held-out pictures a set")
    p.add_argument("--questions", type=int, default=3, help="questions a held-out picture")
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    torch.set_num_threads(1)
    vision = load(args.checkpoint).vision
    start = time.time()
    rows = list(heldout(vision, args.pictures, args.questions) if args.heldout else training(vision, COUNTS, args.seed))
    pathlib.Path(args.out).parent.mkdir(parents=True, exist_ok=True)
    torch.save(rows, args.out)
    print(json.dumps({"pictures": len(rows), "questions": sum(len(r["qa"]) for r in rows), "minutes": round((time.time() - start) / 60, 1)}))


def load(path):
    """The dense model from a checkpoint of the recipe, ready to be read: no gradients."""
    state = torch.load(path, map_location="cpu")
    weights = state.get("average", state.get("model", state))
    vlm = export.TinyVlm(export.Config())
    vlm.load_state_dict({k: v.float() for k, v in weights.items()})
    return vlm.eval().requires_grad_(False)


def exact(vlm, folder=PACKAGE / "onnx"):
    """The model with the weights of the package's graphs, which are those of the checkpoint before it was rounded to half precision."""
    import onnx
    from onnx import numpy_helper

    graphs = [onnx.load(str(folder / f"{name}.onnx")).graph for name in ("vision_encoder", "embed_tokens", "decoder_model_merged")]
    found = [torch.from_numpy(numpy_helper.to_array(i).copy()) for g in graphs for i in g.initializer]
    found = [x for x in found if x.is_floating_point()]
    found += [x.T for x in found if x.ndim == 2]
    for name, parameter in vlm.named_parameters():
        close = [x for x in found if x.shape == parameter.shape and torch.allclose(x, parameter, rtol=2e-3, atol=1e-6)]
        if not close:
            raise SystemExit(f"{name} is in no graph of {folder}")
        parameter.data.copy_(close[0])
    return vlm


if __name__ == "__main__":
    main()
