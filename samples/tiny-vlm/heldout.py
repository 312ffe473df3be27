"""Writes the held-out sets: pictures and questions that no training run has drawn.

    python heldout.py --pictures 250 --out heldout

One zip a family, each with its pictures and a questions.jsonl: id, images, question, answer, kind (of question), boxes (of the
things asked about, x0, y0, x1, y1 in pixels of picture `frame`). Seeds are negative here and never negative in training; the
second half of the shapes holds combinations of colour and shape, the text set words, that training leaves out.
"""

import argparse
import io
import json
import pathlib
import random
import zipfile

import scenes

# family of the set -> family of the generator, its settings
SETS = {
    "shapes": ("shapes", {}),
    "text": ("text", {}),
    "charts": ("charts", {}),
    "clips": ("clips", {}),
    "large-shapes": ("shapes", {"edge": (192, 160), "most": 8}),
    "large-text": ("text", {"edge": (192, 144), "longest": 6}),
}


def sample(name, index, pictures):
    family, how = SETS[name]
    heldout = family == "text" or (family == "shapes" and index >= pictures // 2)
    return scenes.make(family, -1 - index, heldout=heldout, **how), heldout


def questions(s, rng, most):
    """At most `most` questions, every kind of question first once."""
    qa = list(s.qa)
    rng.shuffle(qa)
    first, rest, kinds = [], [], set()
    for entry in qa:
        (rest if entry[2] in kinds else first).append(entry)
        kinds.add(entry[2])
    return (first + rest)[:most]


def write(name, pictures, most, folder):
    rng = random.Random(name)
    fixed = (2026, 1, 1, 0, 0, 0)
    with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as z:
        lines = []
        for i in range(pictures):
            s, heldout = sample(name, i, pictures)
            files = []
            for t, frame in enumerate(s.frames):
                data = io.BytesIO()
                frame.save(data, "PNG", optimize=True)
                files.append(f"images/{i:04d}.png" if len(s.frames) == 1 else f"images/{i:04d}-{t}.png")
                z.writestr(zipfile.ZipInfo(files[-1], fixed), data.getvalue())
            for k, (q, a, kind, idx) in enumerate(questions(s, rng, most)):
                boxes = [{"frame": s.items[j].frame, "box": s.items[j].box} for j in idx]
                lines.append(json.dumps({"id": f"{i:04d}-{k}", "images": files, "question": q, "answer": a, "kind": kind, "unseen": heldout, "boxes": boxes}))
        z.writestr(zipfile.ZipInfo("questions.jsonl", fixed), "\n".join(lines) + "\n")
    return len(lines)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--pictures", type=int, default=250)
    p.add_argument("--questions", type=int, default=8, help="questions a picture, at most")
    p.add_argument("--out", default=str(pathlib.Path(__file__).parent / "heldout"))
    args = p.parse_args()
    folder = pathlib.Path(args.out)
    folder.mkdir(parents=True, exist_ok=True)
    for name in SETS:
        n = args.pictures if not name.startswith("large") else args.pictures // 2
        print(name, n, "pictures", write(name, n, args.questions, folder), "questions")


if __name__ == "__main__":
    main()
