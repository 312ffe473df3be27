"""Exact match of a checkpoint on the held-out sets, quickly: teacher-forced, all answer tokens the most likely ones, as greedily decoded.

    python score.py runs/f/last.pt [SET ...] [--keep 72] [--ending ' Answer briefly.']

A set is a name in heldout/ or easy-vqa. Of a row with history only its own answer counts. With --keep, that many random groups of
patches of each tile pass the encoder; --ending is written behind each question. The figures of the model card are those of
`squint eval`.
"""

import argparse
import io
import json
import pathlib
import random
import zipfile

import numpy as np
import torch
from PIL import Image

import batches
import easyvqa
import export
import tokens

HERE = pathlib.Path(__file__).parent
SETS = ["easy-vqa", "shapes", "text", "charts", "clips", "large-shapes", "large-text", "drawn-charts", "absent", "dialogue"]


def rows(name):
    """(pictures, [(talk, kind)]) of a set; pictures are read when asked for."""
    if name == "easy-vqa":
        for number, qa in easyvqa.by_picture("test").items():
            yield [easyvqa.picture("test", number)], [([(q, a)], "easy") for q, a in qa]
        return
    with zipfile.ZipFile(HERE / "heldout" / f"{name}.zip") as z:
        together = {}
        for line in z.read("questions.jsonl").decode().splitlines():
            row = json.loads(line)
            talk = [(t["question"], t["answer"]) for t in row.get("history", [])] + [(row["question"], row["answer"])]
            together.setdefault(tuple(row["images"]), []).append((talk, row["kind"]))
        for names, asked in together.items():
            yield [Image.open(io.BytesIO(z.read(n))).convert("RGB") for n in names], asked


@torch.no_grad()
def right(vlm, pictures, asked, keep):
    """Whether each question's answer is right."""
    cut = [batches.tiles(p) for p in pictures]
    pixels = torch.from_numpy(np.stack([np.asarray(t) for c in cut for t in c[0]])).permute(0, 3, 1, 2).float() / 127.5 - 1
    x = vlm.vision.patches(pixels)
    if keep < batches.TOKENS:
        kept = torch.rand(len(x), batches.TOKENS).topk(keep, 1).indices.sort(1).values + 1
        kept = torch.cat([torch.zeros_like(kept[:, :1]), kept], 1)
        x = x.gather(1, kept[..., None].expand(-1, -1, x.shape[-1]))
    visual = vlm.vision.encode(x)[0].flatten(0, 1)[None]
    prefix = torch.tensor(tokens.prefix(len(cut), *cut[0][1:], keep))
    slots = (prefix == tokens.id_of("<image>")).nonzero()[:, 0]
    row = []
    for talk, _ in asked:
        ids, targets = tokens.turns(talk)
        row.append((ids, [t for t in targets if t[2] == len(talk) - 1]))
    b = batches.asked([row])
    hit = vlm.logits(vlm(visual, prefix, slots, b["ids"])[0][b["where"]]).argmax(-1) == b["target"]
    return torch.ones(len(asked)).scatter_reduce(0, b["answer"], hit.float(), "amin").tolist()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("checkpoint")
    p.add_argument("sets", nargs="*", default=SETS)
    p.add_argument("--keep", type=int, default=batches.TOKENS, help="groups of a tile that pass the encoder, of 144")
    p.add_argument("--ending", default="", help="text behind each question")
    p.add_argument("--most", type=int, help="at most so many pictures, drawn at random")
    args = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    vlm = export.load(args.checkpoint)
    for name in args.sets:
        by_kind = {}
        every = list(rows(name))
        if args.most:
            every = random.Random(1).sample(every, min(args.most, len(every)))
        for pictures, asked in every:
            asked = [([*talk[:-1], (talk[-1][0] + args.ending, talk[-1][1])], kind) for talk, kind in asked]
            for (_, kind), ok in zip(asked, right(vlm, pictures, asked, args.keep)):
                by_kind.setdefault(kind, []).append(ok)
        flat = [ok for oks in by_kind.values() for ok in oks]
        kinds = {k: f"{100 * np.mean(v):.1f} of {len(v)}" for k, v in sorted(by_kind.items())}
        print(json.dumps({"set": name, "keep": args.keep, "ending": args.ending, "questions": len(flat), "right": round(100 * float(np.mean(flat)), 2), "kinds": kinds}), flush=True)


if __name__ == "__main__":
    main()
