"""Draws the pictures of samples/pictures: one of each family and a clip, from seeds of their own.

    python pictures.py
"""

import pathlib

import scenes

FOLDER = pathlib.Path(__file__).parent.parent / "pictures"
PICTURES = {
    "shapes": ("shapes", 7002010, {"edge": (96, 96)}),
    "shapes-large": ("shapes", 7000082, {"edge": (192, 160), "most": 8}),
    "text": ("text", 7000092, {"edge": (96, 96)}),
    "chart": ("charts", 7000016, {"edge": (96, 96)}),
    "clip": ("clips", 7000013, {"edge": (96, 96)}),
}


def main():
    FOLDER.mkdir(exist_ok=True)
    for name, (family, seed, how) in PICTURES.items():
        s = scenes.make(family, -seed, **how)
        for t, frame in enumerate(s.frames):
            frame.save(FOLDER / (f"{name}.png" if len(s.frames) == 1 else f"{name}-{t}.png"))
        print(name, *[f"\n   {q} {a}" for q, a, _, _ in s.qa])


if __name__ == "__main__":
    main()
