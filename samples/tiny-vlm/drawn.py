"""Charts as `squint draw charts` draws them: the same scenes from the same seeds, in Python.

    python drawn.py FOLDER --seed S     # compares with what `squint draw charts --seed S --out FOLDER` wrote

Scenes are equal choice by choice, as java.util.Random is repeated here; pixels differ by what two renderers make of the same
lines and digits. Training may use any seed from FIRST_SEED on; lower ones are left for held-out sets.
"""

import argparse
import json
import math
import pathlib

from PIL import Image, ImageChops, ImageDraw, ImageStat

import scenes

FIRST_SEED = 1 << 32
MOST = 9
MASK = (1 << 48) - 1
SUPER = 6  # pixels are drawn this many times larger and averaged
FAMILY = sum(ord(c) * 31 ** (5 - i) for i, c in enumerate("CHARTS"))
GRAYS = {"black", "gray", "white"}


def signed(value, bits):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


class Dice:
    """The choices of dev.squint.eval.scene.Dice, on the generator that java.util.Random specifies."""

    def __init__(self, seed):
        self.state = ((seed * 0x9E3779B97F4A7C15 + 0x2545F4914F6CDD1D) ^ 0x5DEECE66D) & MASK
        self.bits(32)
        self.bits(32)

    def bits(self, count):
        self.state = (self.state * 0x5DEECE66D + 0xB) & MASK
        return signed(self.state >> (48 - count), 32)

    def below(self, bound):
        drawn = self.bits(31)
        if bound & (bound - 1) == 0:
            return bound * drawn >> 31
        while drawn - drawn % bound + bound - 1 >= 1 << 31:
            drawn = self.bits(31)
        return drawn % bound

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def chance(self, share):
        high = self.bits(26) << 27
        return (high + self.bits(27)) * 2.0**-53 < share

    def of(self, *options):
        return options[self.below(len(options))]

    def several(self, options, count):
        options = list(options)
        for i in range(len(options), 1, -1):
            j = self.below(i)
            options[i - 1], options[j] = options[j], options[i - 1]
        return options[:count]

    def shade(self, color):
        rgb = scenes.COLORS[color]
        near = lambda v: max(0, min(255, v + self.between(-14, 14)))  # noqa: E731
        return (near(rgb[0]),) * 3 if color in GRAYS else tuple(near(v) for v in rgb)


class Chart:
    """One picture in the making: lines and areas in pixels of the picture, drawn larger for smooth edges."""

    def __init__(self, edge):
        self.edge = edge
        self.image = Image.new("RGB", (edge * SUPER, edge * SUPER), (255, 255, 255))
        self.mask = Image.new("L", (edge, edge), 0)
        self.pen, self.ids = ImageDraw.Draw(self.image), ImageDraw.Draw(self.mask)
        self.left, self.bottom = edge * 0.16, edge * 0.92
        self.step = (self.bottom - edge * 0.06) / MOST

    def area(self, x0, y0, x1, y1, fill):
        s = SUPER
        if round(x1 * s) > round(x0 * s) and round(y1 * s) > round(y0 * s):
            self.pen.rectangle((round(x0 * s), round(y0 * s), round(x1 * s) - 1, round(y1 * s) - 1), fill=fill)

    def axes(self):
        e, ink = self.edge, (0, 0, 0)
        self.area(self.left - 0.5, e * 0.04 - 0.5, self.left + 0.5, self.bottom + 0.5, ink)
        self.area(self.left - 0.5, self.bottom - 0.5, e * 0.97 + 0.5, self.bottom + 0.5, ink)
        for value in range(0, MOST + 1, 3):
            y = self.bottom - value * self.step
            self.area(self.left - 2.5, y - 0.5, self.left + 0.5, y + 0.5, ink)

    def numbers(self, image):
        font = scenes.font("DejaVuSans.ttf", max(8, self.edge // 11))
        pen = ImageDraw.Draw(image)
        for value in range(0, MOST + 1, 3):
            y = self.bottom - value * self.step + self.edge * 0.035
            pen.text((math.floor(self.edge * 0.03 + 0.5), math.floor(y + 0.5)), str(value), font=font, fill=(0, 0, 0), anchor="ls")

    def finished(self):
        image = self.image.resize((self.edge, self.edge), Image.Resampling.BOX)
        self.numbers(image)
        return image

    def box(self, x0, y0, x1, y1):
        return (max(0, math.floor(x0)), max(0, math.floor(y0)), min(self.edge, math.ceil(x1)), min(self.edge, math.ceil(y1)))


def make(seed, edge=96):
    """The scene of `squint draw charts` with this seed, with the id map and items that training needs."""
    dice = Dice(31 * seed + signed(FAMILY, 32))
    drawn = [c for c in scenes.COLORS if c not in ("white", "yellow")]
    colors = dice.several(drawn, dice.between(3, 5))
    chart = Chart(edge)
    chart.axes()
    return bars(dice, chart, colors) if dice.chance(0.6) else line(dice, chart, colors[0])


def bars(dice, chart, colors):
    n = len(colors)
    values = [dice.between(1, MOST) for _ in range(n)]
    room = (chart.edge * 0.95 - chart.left) / n
    items = []
    for i, (c, v) in enumerate(zip(colors, values)):
        x, top = chart.left + (i + 0.18) * room, chart.bottom - v * chart.step
        chart.area(x, top, x + 0.64 * room, chart.bottom, dice.shade(c))
        b = chart.box(x, top, x + 0.64 * room, chart.bottom)
        chart.ids.rectangle((b[0], b[1], b[2] - 1, b[3] - 1), fill=i + 1)
        items.append(scenes.Item("bar", c, b, index=i, value=v))
    every, qa = list(range(n)), []
    for i in every:
        q = dice.of("What is the value of the {} bar?", "Which value does the {} bar show?")
        qa.append((q.format(colors[i]), str(values[i]), "value", [i]))
    for word, value in (("highest", max(values)), ("lowest", min(values))):
        if values.count(value) == 1:
            i = values.index(value)
            qa.append((f"Which color is the {word} bar?", colors[i], "extreme", [i]))
    a = dice.between(0, n - 1)
    b = (a + dice.between(1, n - 1)) % n
    if values[a] != values[b]:
        qa.append((f"Is {colors[a]} higher than {colors[b]}?", "yes" if values[a] > values[b] else "no", "compare", [a, b]))
    qa.append(("How many bars are there?", str(n), "count", every))
    qa.append(("What kind of chart is this?", "bar chart", "kind", every))
    return scenes.Sample("charts", [chart.finished()], [chart.mask], items, qa)


def line(dice, chart, color):
    n = dice.between(4, 6)
    values = [dice.between(1, MOST) for _ in range(n)]
    room = (chart.edge * 0.92 - chart.left) / n
    points = [(chart.left + (i + 0.5) * room, chart.bottom - v * chart.step) for i, v in enumerate(values)]
    fill, s = dice.shade(color), SUPER
    chart.pen.line([(x * s, y * s) for x, y in points], fill=fill, width=2 * s, joint="curve")
    items = []
    for i, (x, y) in enumerate(points):
        b = chart.box(x - 4, y - 4, x + 4, y + 4)
        cx, cy = (b[0] + b[2]) / 2, (b[1] + b[3]) / 2  # the Java code draws the dot in the middle of the rounded box
        chart.pen.ellipse(((cx - 2.6) * s, (cy - 2.6) * s, (cx + 2.6) * s - 1, (cy + 2.6) * s - 1), fill=fill)
        chart.ids.rectangle((b[0], b[1], b[2] - 1, b[3] - 1), fill=i + 1)
        items.append(scenes.Item("line", color, b, index=i, value=values[i]))
    every, at = list(range(n)), values.index(max(values))
    qa = [("What is the first value?", str(values[0]), "value", [0]), ("What is the last value?", str(values[-1]), "value", [n - 1]),
          ("What is the highest value?", str(max(values)), "value", [at])]  # fmt: skip
    if values[0] != values[-1]:
        qa.append(("Does the line end higher than it starts?", "yes" if values[-1] > values[0] else "no", "compare", [0, n - 1]))
    qa += [("How many points are there?", str(n), "count", every), ("What color is the line?", color, "color", every),
           ("What kind of chart is this?", "line chart", "kind", every)]  # fmt: skip
    return scenes.Sample("charts", [chart.finished()], [chart.mask], items, qa)


def training(rng, edge):
    """A chart as a training batch holds it, with every question in the wordings of the other generator too."""
    sample = make(FIRST_SEED + rng.getrandbits(47), edge)
    if sample.items[0].kind == "bar":
        more_of_bars(rng, sample)
    sample.qa = [(scenes.vary(rng, q), a, kind, idx) for q, a, kind, idx in sample.qa]
    return sample


def more_of_bars(rng, sample):
    """Comparisons of further pairs, and a count of values in other words: the Java generator asks for one pair alone."""
    items = sample.items
    for _ in range(2):
        i, j = rng.sample(range(len(items)), 2)
        up = rng.random() < 0.5
        if items[i].value != items[j].value:
            word = "higher" if up else "lower"
            q = rng.choice(["Is the {i} bar {r} than the {j} bar?", "Is {i} {r} than {j}?"]).format(i=items[i].color, j=items[j].color, r=word)
            sample.qa.append((q, "yes" if (items[i].value > items[j].value) == up else "no", "compare", [i, j]))
    sample.qa.append(("What is the highest value?", str(max(o.value for o in items)), "value", []))
    sample.qa.append(("What is the lowest value?", str(min(o.value for o in items)), "value", []))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", type=pathlib.Path)
    p.add_argument("--seed", type=int, required=True)
    args = p.parse_args()
    asked = [json.loads(x) for x in (args.folder / "charts" / "questions.jsonl").read_text().splitlines()]
    pictures = sorted({q["images"][0] for q in asked})
    worst = 0.0
    for i, name in enumerate(pictures):
        image = Image.open(args.folder / "charts" / name).convert("RGB")
        ours = make(args.seed + i, image.width)
        theirs = [(q["question"], q["answer"], q["kind"]) for q in asked if q["images"] == [name]]
        if [(q, a, k) for q, a, k, _ in ours.qa] != theirs:
            raise SystemExit(f"{name}: questions differ: {ours.qa} {theirs}")
        difference = sum(ImageStat.Stat(ImageChops.difference(image, ours.frames[0])).mean) / 3
        worst = max(worst, difference)
    print(json.dumps({"pictures": len(pictures), "questions": "equal", "largest mean difference of pixels, of 255": round(worst, 2)}))
    if worst > 2.5:
        raise SystemExit("the pictures differ")


if __name__ == "__main__":
    main()
