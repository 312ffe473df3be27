"""Writes pictures of coarse noise as JPEG files: `python pictures.py OUT`. Every file is another picture."""

import sys
from pathlib import Path

import numpy as np
from PIL import Image


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    for width, height in [(2048, 2048), (400, 300)]:
        for number in range(8):
            noise = np.random.default_rng([width, number]).integers(0, 256, (height // 16 + 1, width // 16 + 1, 3))
            picture = Image.fromarray(noise.astype(np.uint8)).resize((width, height), Image.BICUBIC)
            picture.save(out / f"{width}x{height}-{number}.jpg", quality=90)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
