"""Long clips with little movement: each of the four frames of a held-out clip is shown 16 times, with noise of a camera.

    python long_clips.py --questions 60 --out runs/long-clips

A pixel differs by at most one of 255 steps from one frame to the next, so no two frames are the same bytes.
"""

import argparse
import io
import json
import pathlib
import zipfile

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--questions", type=int, default=60)
    p.add_argument("--times", type=int, default=16)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--out", required=True)
    args = p.parse_args()
    rng = np.random.default_rng(args.seed)
    out = pathlib.Path(args.out)
    (out / "images").mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(HERE / "heldout/clips.zip") as clips:
        lines = [json.loads(line) for line in clips.read("questions.jsonl").decode().splitlines()]
        # One question a clip, so that clips differ, and none whose answer is a number of frames.
        lines = [line for line in lines if "how many frames" not in line["question"].lower()]
        first = list({line["images"][0]: line for line in lines}.values())
        asked = []
        for number in sorted(rng.choice(len(first), args.questions, replace=False)):
            line = first[number]
            files = []
            for name in line["images"]:
                frame = np.asarray(Image.open(io.BytesIO(clips.read(name))).convert("RGB"), dtype=np.int16)
                for _ in range(args.times):
                    noisy = np.clip(frame + rng.integers(0, 2, frame.shape), 0, 255).astype(np.uint8)
                    files.append(f"images/{number:04d}-{len(files):02d}.png")
                    Image.fromarray(noisy).save(out / files[-1])
            asked.append({k: v for k, v in line.items() if k != "boxes"} | {"images": files})
    (out / "questions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in asked))


if __name__ == "__main__":
    main()
