"""Pictures for the check whether a picture is like those of the training: folders for `squint domain fit` and `squint domain rates`.

    python pictures.py --out ../runs/domain --debian ../runs/debian

Like the training, drawn as for training but from other seeds, with easy-VQA's training split:
    fit/ and threshold/

Unlike it:
    photographs/ whole photographs of skimage, scikit-learn, mate-backgrounds, lomiri-wallpapers-*, plasma-workspace-wallpapers
    objects/     Tux Paint's stamps (animals, food, plants, vehicles, household) on white, mostly cut-out photographs
    clothes/     Tux Paint's stamps of clothes on white
    screenshots/ pictures of windows and tools from GIMP's handbook
    receipts/    drawn here: lines of a shop's receipt in monospaced fonts, printed grey, turned a little

--debian is the folder into which the packages named in run.sh were unpacked. Nothing of them is in this repository.
"""

import argparse
import pathlib
import random
import sys

from PIL import Image, ImageDraw, ImageFilter, ImageFont

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import drawn  # noqa: E402
import easyvqa  # noqa: E402
import scenes  # noqa: E402

# As batches.KINDS has them.
FAMILIES = {"shapes": ("shapes", (96, 96)), "text": ("text", (96, 96)), "charts": ("charts", (96, 96)), "clips": ("clips", (96, 96)), "wide": ("mixed", (192, 96)), "large": ("mixed", (192, 192))}
OBJECTS = ["animals", "food", "plants", "vehicles", "household", "hobbies", "sports"]
GOODS = "MILK BREAD BUTTER APPLES BANANAS COFFEE TEA RICE PASTA CHEESE EGGS SOAP TOMATO ONIONS SUGAR FLOUR YOGURT JUICE WATER HONEY".split()
LONGEST = 640


def save(image, folder, name):
    """As RGB on white, at most LONGEST pixels on the longer edge."""
    folder.mkdir(parents=True, exist_ok=True)
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    image = image.convert("RGB")
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    image.save(folder / f"{name}.png")


def generated(folder, seed, pictures):
    """So many pictures of each family as a training batch draws them; a clip gives all of its frames."""
    for name, (family, edge) in FAMILIES.items():
        rng = random.Random(f"domain/{seed}/{name}")
        for i in range(pictures // (4 if family == "clips" else 1)):
            for t, frame in enumerate(scenes.training(family, edge, rng).frames):
                save(frame, folder / name, f"{i:04d}-{t}")
    rng = random.Random(f"domain/{seed}/charts of squint draw")
    for i in range(pictures):
        save(drawn.training(rng, 96).frames[0], folder / "drawn", f"{i:04d}")


def easy(folder, numbers):
    for number in numbers:
        save(easyvqa.picture("train", number), folder / "easy", f"{number:04d}")


def copied(paths, folder, least=64):
    """Pictures that are no icons, none twice; returns how many."""
    seen = set()
    for path in sorted(paths):
        try:
            image = Image.open(path)
            image.load()
        except OSError:
            continue
        small = image.convert("RGB").resize((16, 16)).tobytes()
        if min(image.size) >= least and small not in seen:
            seen.add(small)
            save(image, folder, f"{len(seen):03d}-{path.stem}")
    return len(seen)


def receipt(rng, fonts):
    font = ImageFont.truetype(str(rng.choice(fonts)), rng.randint(14, 20))
    lines = [rng.choice(["CORNER SHOP", "MARKET HALL", "CITY STORE", "GREEN GROCER"]).center(26), f"{rng.randint(1, 28):02d}.{rng.randint(1, 12):02d}.2026  {rng.randint(8, 20):02d}:{rng.randint(0, 59):02d}".center(26), "-" * 26]
    total = 0
    for _ in range(rng.randint(4, 14)):
        price = rng.randint(49, 1999)
        total += price
        lines.append(f"{rng.choice(GOODS):<17}{price / 100:>9.2f}")
    lines += ["-" * 26, f"{'TOTAL':<17}{total / 100:>9.2f}", rng.choice(["CASH", "CARD"]), "", "THANK YOU".center(26)]
    step = font.size + 4
    width = round(font.getlength("0" * 28))
    paper = rng.randint(225, 255)
    page = Image.new("RGB", (width, step * len(lines) + 30), (paper, paper, paper - rng.randint(0, 12)))
    ink = rng.randint(20, 110)
    for i, line in enumerate(lines):
        ImageDraw.Draw(page).text((font.getlength("0"), 15 + i * step), line, (ink, ink, ink), font=font)
    if rng.random() < 0.5:
        page = page.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1)))
    table = tuple(rng.randint(40, 255) for _ in range(3))
    return page.rotate(rng.uniform(-6, 6), Image.Resampling.BICUBIC, expand=True, fillcolor=table)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--out", required=True)
    p.add_argument("--debian", required=True)
    p.add_argument("--fit", type=int, default=500, help="pictures of each family for the fit")
    p.add_argument("--threshold", type=int, default=400, help="pictures of each family for the threshold")
    args = p.parse_args()
    out, share = pathlib.Path(args.out), pathlib.Path(args.debian) / "usr/share"
    numbers = sorted(easyvqa.by_picture("train"))
    random.Random("domain").shuffle(numbers)
    generated(out / "fit", "fit", args.fit)
    easy(out / "fit", numbers[: args.fit])
    generated(out / "threshold", "threshold", args.threshold)
    easy(out / "threshold", numbers[args.fit : args.fit + args.threshold])
    library = pathlib.Path(args.debian) / "usr/lib/python3/dist-packages"
    photographs = [library / "skimage/data" / f"{n}.png" for n in ("astronaut", "chelsea", "coffee", "rocket", "motorcycle_left", "camera", "coins", "grass", "gravel", "brick", "cell", "ihc", "clock_motion", "horse")]
    photographs = [f for f in photographs if f.stem != "horse"] + [library / "skimage/data/hubble_deep_field.jpg", library / "skimage/data/retina.jpg"]
    photographs += [*share.glob("backgrounds/mate/nature/*.jpg"), *share.glob("backgrounds/*.jpg"), *library.glob("sklearn/datasets/images/*.jpg")]
    photographs += [max(w.glob("contents/images/*.[jp][pn]g"), key=lambda f: f.stat().st_size) for w in share.glob("wallpapers/*") if w.name in ("Altai", "Autumn", "BytheWater", "Canopee", "ColorfulCups", "FallenLeaf", "MilkyWay", "Path")]
    stamps = share / "tuxpaint/stamps"
    counts = {
        "photographs": copied(photographs, out / "photographs"),
        "objects": copied([f for k in OBJECTS for f in stamps.glob(f"{k}/**/*.png") if "cartoon" not in f.parts], out / "objects"),
        "clothes": copied(stamps.glob("clothes/**/*.png"), out / "clothes"),
        "screenshots": copied([f for k in ("dialogs", "toolbox", "tool-options", "preferences", "menus", "using") for f in share.glob(f"gimp/2.0/help/en/images/{k}/*.png")], out / "screenshots", 100),
    }
    fonts = [f for k in ("*Mono-Regular.ttf", "DejaVuSansMono.ttf", "*Courier*Regular*", "Inconsolata*.otf") for f in (pathlib.Path("/usr/share/fonts")).glob(f"**/{k}")]
    rng = random.Random("receipts")
    for i in range(200):
        save(receipt(rng, sorted(fonts)), out / "receipts", f"{i:03d}")
    print(counts | {"receipts": 200, "fonts of receipts": sorted(f.stem for f in fonts)})


if __name__ == "__main__":
    main()
