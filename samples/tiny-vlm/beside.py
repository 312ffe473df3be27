"""Puts pictures of one size beside each other, enlarged without smoothing; the README's pictures are made so.

    python beside.py OUT PICTURE... [--width 288]
"""

import argparse

from PIL import Image

GAP = 12


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("pictures", nargs="+")
    parser.add_argument("--width", type=int, default=288, help="of each picture, in pixels")
    args = parser.parse_args()
    pictures = [Image.open(p).convert("RGB") for p in args.pictures]
    height = args.width * pictures[0].height // pictures[0].width
    row = Image.new("RGB", (len(pictures) * (args.width + GAP) - GAP, height), "white")
    for i, picture in enumerate(pictures):
        row.paste(picture.resize((args.width, height), Image.Resampling.NEAREST), (i * (args.width + GAP), 0))
    row.save(args.out)


if __name__ == "__main__":
    main()
