"""Writes the held-out sets: pictures and questions that no training run has drawn.

    python heldout.py --pictures 250 --out heldout
    python heldout.py --drawn FOLDER            # FOLDER/charts as `squint draw charts` wrote it, to drawn-charts.zip
    python heldout.py --distant                 # pictures of shapes.zip and text.zip as a small part of large ones, to distant.zip

One zip a family, each with its pictures and a questions.jsonl: id, images, question, answer, kind (of question), boxes (of the
things asked about, x0, y0, x1, y1 in pixels of picture `frame`). Seeds are negative here and never negative in training; the
second half of the shapes holds combinations of colour and shape, the text set words, that training leaves out.

dialogue.zip asks every second question of a chat twice: alone, and behind a first question with its right answer (`history`).
absent.zip asks about things that are not there (answer: unknown), and whether things are there, as often yes as no.
"""

import argparse
import io
import json
import pathlib
import random
import zipfile

from PIL import Image

import dialogues
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


# Family -> pictures of dialogue.zip and of absent.zip, and their first seeds.
FAMILIES = {"shapes": 80, "text": 50, "charts": 50, "clips": 30}
FIRST = {"dialogue": -1_000_000, "absent": -2_000_000}


def dialogue(s, rng):
    """Three second questions, each alone and behind another question: entries with the turns before."""
    entries = []
    for _ in range(3):
        second = rng.choice(s.qa)
        first = rng.choice([e for e in s.qa if e[2:] != second[2:]])  # else the answer may stand in the first one
        entries += [(second[0], second[1], "alone", second[3], []), (second[0], second[1], "second", second[3], [first[:2]])]
    return entries


def absent(s, rng):
    """Three questions about what is not there; things that are there and others that are not, where both can be asked for."""
    entries = [dialogues.absent(rng, s) for _ in range(3)]
    pairs = [(dialogues.exist(rng, s, True), dialogues.exist(rng, s, False)) for _ in range(2)]
    entries += [entry for pair in pairs if pair[0][1] == "yes" for entry in pair]
    seen = {}
    for q, a, kind, idx in entries:
        seen.setdefault(q, (q, a, kind, idx, []))
    return list(seen.values())


def questions(s, rng, most):
    """At most `most` questions, every kind of question first once."""
    qa = list(s.qa)
    rng.shuffle(qa)
    first, rest, kinds = [], [], set()
    for entry in qa:
        (rest if entry[2] in kinds else first).append(entry)
        kinds.add(entry[2])
    return (first + rest)[:most]


class Writer:
    """A zip of pictures and questions; equal input makes equal bytes."""

    def __init__(self, path):
        self.zip, self.lines = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED), []

    def put(self, name, data):
        self.zip.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)

    def add(self, i, s, entries, heldout):
        """A sample's pictures and its questions (question, answer, kind, items, turns before)."""
        files = []
        for t, frame in enumerate(s.frames):
            data = io.BytesIO()
            frame.save(data, "PNG", optimize=True)
            files.append(f"images/{i:04d}.png" if len(s.frames) == 1 else f"images/{i:04d}-{t}.png")
            self.put(files[-1], data.getvalue())
        for k, (q, a, kind, idx, before) in enumerate(entries):
            line = {"id": f"{i:04d}-{k}", "images": files, "question": q, "answer": a, "kind": kind, "unseen": heldout,
                    "boxes": [{"frame": s.items[j].frame, "box": s.items[j].box} for j in idx]}  # fmt: skip
            if before:
                line["history"] = [{"question": fq, "answer": fa} for fq, fa in before]
            self.lines.append(json.dumps(line))

    def close(self):
        self.put("questions.jsonl", "\n".join(self.lines) + "\n")
        self.zip.close()
        return len(self.lines)


def write(name, pictures, most, folder):
    rng = random.Random(name)
    out = Writer(folder / f"{name}.zip")
    for i in range(pictures):
        s, heldout = sample(name, i, pictures)
        out.add(i, s, [(*entry, []) for entry in questions(s, rng, most)], heldout)
    return out.close()


def write_talks(name, ask, folder):
    rng = random.Random(name)
    out = Writer(folder / f"{name}.zip")
    number = 0
    for family, pictures in FAMILIES.items():
        for i in range(pictures):
            s = scenes.make(family, FIRST[name] - i)
            out.add(number, s, ask(s, rng), False)
            number += 1
    return out.close()


def pack_drawn(source, folder):
    """Pictures and questions of `squint draw charts` as one zip."""
    out = Writer(folder / "drawn-charts.zip")
    for picture in sorted((source / "charts" / "images").iterdir()):
        out.put(f"images/{picture.name}", picture.read_bytes())
    out.lines = (source / "charts" / "questions.jsonl").read_text().splitlines()
    return out.close()


def distant(folder, pictures=60, edge=384):
    """Pictures of 96 pixels somewhere on a ground of their colour, four times as wide, and their questions that do not ask for place or size."""
    out = Writer(folder / "distant.zip")
    for family in ("shapes", "text"):
        with zipfile.ZipFile(folder / f"{family}.zip") as z:
            asked = {}
            for line in z.read("questions.jsonl").decode().splitlines():
                x = json.loads(line)
                asked.setdefault(x["images"][0], []).append(x)
            for file in list(asked)[:: len(asked) // pictures][:pictures]:
                rng = random.Random(f"distant/{family}/{file}")
                picture = Image.open(io.BytesIO(z.read(file))).convert("RGB")
                left, top = (rng.randint(0, edge - picture.size[0]) for _ in range(2))
                large = Image.new("RGB", (edge, edge), picture.getpixel((0, 0)))
                large.paste(picture, (left, top))
                data = io.BytesIO()
                large.save(data, "PNG", optimize=True)
                name = f"images/{family}-{file.split('/')[-1]}"
                out.put(name, data.getvalue())
                for x in [x for x in asked[file] if x["kind"] not in ("position", "size")][:4]:
                    boxes = [{"frame": 0, "box": [a + b for a, b in zip(box["box"], (left, top) * 2)]} for box in x["boxes"]]
                    out.lines.append(json.dumps(x | {"id": f"{family}-{x['id']}", "images": [name], "boxes": boxes}))
    return out.close()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--pictures", type=int, default=250)
    p.add_argument("--questions", type=int, default=8, help="questions a picture, at most")
    p.add_argument("--out", default=str(pathlib.Path(__file__).parent / "heldout"))
    p.add_argument("--drawn", type=pathlib.Path, help="folder that squint draw wrote")
    p.add_argument("--distant", action="store_true", help="write distant.zip alone, from the other sets")
    args = p.parse_args()
    folder = pathlib.Path(args.out)
    folder.mkdir(parents=True, exist_ok=True)
    if args.distant:
        print("distant", distant(folder), "questions")
        return
    if args.drawn:
        print("drawn-charts", pack_drawn(args.drawn, folder), "questions")
        return
    for name, ask in (("dialogue", dialogue), ("absent", absent)):
        print(name, write_talks(name, ask, folder), "questions")
    for name in SETS:
        n = args.pictures if not name.startswith("large") else args.pictures // 2
        print(name, n, "pictures", write(name, n, args.questions, folder), "questions")


if __name__ == "__main__":
    main()
