"""Pictures and clips with known ground truth, and the questions one can ask about them.

Every sample is a pure function of (family, seed), so a set is named by its seeds alone. A sample holds the pictures at their
native size, a per-pixel map of object ids, what is known of each object (kind, colour, box, ...) and question/answer pairs.
"""

import functools
import random
from dataclasses import dataclass, field

from PIL import Image, ImageDraw, ImageFont

COLORS = {
    "black": (0, 0, 0), "gray": (128, 128, 128), "red": (220, 20, 20), "blue": (20, 40, 220), "green": (20, 150, 30),
    "yellow": (250, 220, 20), "teal": (0, 140, 140), "brown": (140, 70, 20), "orange": (255, 140, 0),
    "purple": (130, 20, 160), "pink": (255, 130, 190), "white": (255, 255, 255),
}  # fmt: skip
KINDS = ["circle", "triangle", "rectangle", "star", "cross", "heart", "diamond", "ring"]
# Never drawn in training; half of the held-out shapes set is made of pictures that hold at least one of them.
UNSEEN = {("purple", "star"), ("teal", "heart"), ("orange", "cross"), ("green", "ring"), ("pink", "triangle")}
PLACES = [["top left", "top", "top right"], ["left", "center", "right"], ["bottom left", "bottom", "bottom right"]]
FONTS = [
    "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf",
    "DejaVuSansCondensed-Bold.ttf", "DejaVuSansMono-Bold.ttf",
]  # fmt: skip
NUMBER_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight"]
# Common short words; every seventh is kept for the held-out text set.
WORDS = (
    "ACE ACT ADD AGE AIR ANT APE ARM ART ASH BAD BAG BAR BAT BED BEE BIG BIT BOX BOY BUS CAB CAN CAP CAR CAT COW CUP CUT DAY DOG "
    "DOT DRY EAR EAT EGG ELF END EYE FAN FAR FAT FIG FIT FIX FLY FOG FOX FUN GAS GEM GUM HAT HEN HOT ICE INK JAM JAR JET JOB KEY "
    "KID LAB LAW LEG LID LIP LOG MAP MAT MIX MUD NET NUT OAK OIL OLD OWL PAN PEN PET PIE PIG PIN POT RAT RED RUG RUN SEA SKY SUN "
    "TAX TEA TEN TIE TOY VAN WAX WEB WET WIN YES ZOO ZIP BABY BACK BALL BAND BANK BEAR BIRD BLUE BOAT BOOK CAKE CARD CITY CLUB "
    "COIN COLD CORN DESK DOOR DUCK EAST EXIT FARM FIRE FISH FIVE FOUR FROG GAME GATE GIFT GOLD HAND HELP HIGH HOME IRON JAZZ JUMP "
    "KING KITE LAKE LAMP LEAF LION LOCK LUCK MILK MOON NAME NINE NOTE OPEN OVEN PARK PLAY POOL QUIZ RAIN RING ROAD ROCK SALE SALT "
    "SHIP SHOP SNOW SOAP STAR STOP SWIM TAXI TIME TREE WAVE WEST WIND WOLF YARD ZERO ZONE"
).split()
TEST_WORDS = WORDS[::7]
TRAIN_WORDS = [w for i, w in enumerate(WORDS) if i % 7]


@dataclass
class Item:
    """One drawn thing; box is x0, y0, x1, y1 in pixels of its picture."""

    kind: str
    color: str
    box: tuple
    size: str = ""  # small or large, shapes only
    frame: int = 0
    index: int = -1  # place of a character in its word, of a bar in its chart
    value: int = -1  # charts only

    @property
    def center(self):
        return ((self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2)

    @property
    def name(self):
        return f"{self.color} {self.kind}"


@dataclass
class Sample:
    family: str
    frames: list  # of PIL pictures, RGB
    masks: list  # of PIL pictures, mode L: 0 background, i + 1 = items[i]
    items: list
    qa: list = field(default_factory=list)  # of (question, answer, kind of question, indices of the items asked about)


@functools.lru_cache(None)
def font(name, size):
    return ImageFont.truetype(name, size)


def shade(rng, rgb, jitter=14):
    return tuple(max(0, min(255, c + rng.randint(-jitter, jitter))) for c in rgb)


def distance(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b)) ** 0.5


def background(rng, used):
    """A plain or faintly graded ground that stays apart from every used colour."""
    apart = 75.0
    while True:
        v = rng.choice([rng.randint(225, 255), rng.randint(180, 255), rng.randint(0, 60), rng.randint(60, 200)])
        rgb = shade(rng, (v, v, v), 20)
        if all(distance(rgb, COLORS[c]) > apart for c in used):
            return rgb
        apart -= 0.5  # many colours at once leave little room


def canvas(rng, w, h, used):
    rgb = background(rng, used)
    image = Image.new("RGB", (w, h), rgb)
    if rng.random() < 0.25:
        to = shade(rng, rgb, 18)
        grad = Image.linear_gradient("L").resize((w, h))
        if rng.random() < 0.5:
            grad = grad.transpose(Image.Transpose.ROTATE_90).resize((w, h))
        image = Image.composite(Image.new("RGB", (w, h), to), image, grad)
    return image


def polygon(kind, cx, cy, r, stretch):
    from math import cos, pi, sin

    if kind == "triangle":
        return [(cx, cy - r), (cx + r * 0.95, cy + r * 0.8), (cx - r * 0.95, cy + r * 0.8)]
    if kind == "rectangle":
        return [(cx - r * stretch[0], cy - r * stretch[1]), (cx + r * stretch[0], cy - r * stretch[1]),
                (cx + r * stretch[0], cy + r * stretch[1]), (cx - r * stretch[0], cy + r * stretch[1])]  # fmt: skip
    if kind == "diamond":
        return [(cx, cy - r), (cx + r * 0.72, cy), (cx, cy + r), (cx - r * 0.72, cy)]
    if kind == "star":
        return [(cx + (r if i % 2 == 0 else r * 0.42) * sin(i * pi / 5), cy - (r if i % 2 == 0 else r * 0.42) * cos(i * pi / 5)) for i in range(10)]  # fmt: skip
    if kind == "cross":
        a = r * 0.33
        return [(cx - a, cy - r), (cx + a, cy - r), (cx + a, cy - a), (cx + r, cy - a), (cx + r, cy + a), (cx + a, cy + a),
                (cx + a, cy + r), (cx - a, cy + r), (cx - a, cy + a), (cx - r, cy + a), (cx - r, cy - a), (cx - a, cy - a)]  # fmt: skip
    raise ValueError(kind)


def draw_shape(draw, kind, cx, cy, r, fill, stretch, hole):
    """Draws one shape; hole is what shows through the middle of a ring."""
    if kind in ("circle", "ring"):
        draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=fill)
        if kind == "ring":
            q = r * 0.52
            draw.ellipse((cx - q, cy - q, cx + q, cy + q), fill=hole)
    elif kind == "heart":
        q = r * 0.52
        draw.ellipse((cx - 2 * q + q * 0.08, cy - r * 0.85, cx + q * 0.08, cy - r * 0.85 + 2 * q), fill=fill)
        draw.ellipse((cx - q * 0.08, cy - r * 0.85, cx + 2 * q - q * 0.08, cy - r * 0.85 + 2 * q), fill=fill)
        draw.polygon([(cx - r * 0.93, cy - r * 0.12), (cx + r * 0.93, cy - r * 0.12), (cx, cy + r)], fill=fill)
    else:
        draw.polygon(polygon(kind, cx, cy, r, stretch), fill=fill)


def paint(rng, image, mask, placed):
    """Paints (item index, kind, colour, cx, cy, r, stretch) onto picture (antialiased) and id map."""
    w, h = image.size
    s = 3
    big = image.resize((w * s, h * s), Image.Resampling.NEAREST)
    draw, ids = ImageDraw.Draw(big), ImageDraw.Draw(mask)
    for index, kind, color, cx, cy, r, stretch in placed:
        hole = image.getpixel((min(w - 1, max(0, int(cx))), min(h - 1, max(0, int(cy)))))
        draw_shape(draw, kind, cx * s, cy * s, r * s, shade(rng, COLORS[color]), stretch, hole)
        draw_shape(ids, kind, cx, cy, r, index + 1, stretch, index + 1)
    return big.resize((w, h), Image.Resampling.BOX)


def scatter(rng, n, w, h, radii, gap=3):
    """Places n discs of the given radii without overlap; fewer when there is no room."""
    spots = []
    for r in radii[:n]:
        for _ in range(60):
            cx, cy = rng.uniform(r + 1, w - r - 1), rng.uniform(r + 1, h - r - 1)
            if all((cx - x) ** 2 + (cy - y) ** 2 > (r + q + gap) ** 2 for x, y, q in spots):
                spots.append((cx, cy, r))
                break
    return spots


def box(cx, cy, r):
    return (round(cx - r), round(cy - r), round(cx + r), round(cy + r))


def pick_pairs(rng, n, heldout):
    pairs = []
    # A few repeats of colours and kinds, so that counting and "unique" questions mean something.
    colors = rng.sample(list(COLORS), rng.randint(max(1, n - 2), min(len(COLORS), n + 1)))
    kinds = rng.sample(KINDS, rng.randint(max(1, n - 2), min(len(KINDS), n + 1)))
    if heldout:
        pairs.append(rng.choice(sorted(UNSEEN)))
    while len(pairs) < n:
        p = (rng.choice(colors), rng.choice(kinds))
        if p not in UNSEEN or heldout:
            pairs.append(p)
        else:  # with one colour and one kind nothing else might be left
            colors.append(rng.choice(list(COLORS)))
    rng.shuffle(pairs)
    return pairs


def article(noun):
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def shapes(rng, edge=(96, 96), most=5, heldout=False):
    w, h = edge
    n = rng.choice([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]) if most <= 5 else rng.randint(3, most)
    n = min(n, most)
    pairs = pick_pairs(rng, n, heldout)
    unit = min(w, h) / 96 if most <= 5 else min(w, h) / 160
    sizes = [rng.choice(["small", "large"]) for _ in pairs]
    radii = [unit * (rng.uniform(7.5, 10) if s == "small" else rng.uniform(14.5, 19)) for s in sizes]
    order = sorted(range(n), key=lambda i: -radii[i])
    spots = scatter(rng, n, w, h, [radii[i] for i in order])
    image = canvas(rng, w, h, {c for c, _ in pairs})
    mask = Image.new("L", (w, h), 0)
    items, placed = [], []
    for i, (cx, cy, r) in zip(order, spots):
        stretch = rng.choice([(0.95, 0.95), (1.0, 0.6), (0.6, 1.0), (0.9, 0.75)])
        placed.append((len(items), pairs[i][1], pairs[i][0], cx, cy, r, stretch))
        items.append(Item(pairs[i][1], pairs[i][0], box(cx, cy, r), sizes[i]))
    sample = Sample("shapes", [paint(rng, image, mask, placed)], [mask], items)
    ask_shapes(rng, sample, w, h)
    return sample


def unique(items, key):
    seen = {}
    for i, it in enumerate(items):
        seen.setdefault(key(it), []).append(i)
    return {k: v[0] for k, v in seen.items() if len(v) == 1}


def describe(rng, items, i):
    """A phrase that names only item i, or None."""
    it = items[i]
    options = []
    if sum(o.name == it.name for o in items) == 1:
        options += [it.name] * 3
    if sum(o.kind == it.kind for o in items) == 1:
        options.append(it.kind)
    if sum(o.color == it.color for o in items) == 1:
        options += [f"{it.color} shape", f"{it.color} object"]
    if sum((o.size, o.kind) == (it.size, it.kind) for o in items) == 1 and it.size:
        options.append(f"{it.size} {it.kind}")
    return rng.choice(options) if options else None


def place(item, w, h):
    cx, cy = item.center
    return PLACES[min(2, int(cy * 3 / h))][min(2, int(cx * 3 / w))]


def clear_place(item, w, h):
    """Whether the item's centre lies well inside one of the nine fields."""
    return all(min(v % 1, 1 - v % 1) > 0.12 or not 0.5 < v < 2.5 for v in (item.center[0] * 3 / w, item.center[1] * 3 / h))


def ask_shapes(rng, sample, w, h):
    items, qa = sample.items, sample.qa
    say = lambda options: rng.choice(options)  # noqa: E731
    for color, i in unique(items, lambda o: o.color).items():
        q = say(["What shape is the {c} object?", "What is the {c} shape?", "Which shape is {c}?", "What is the shape of the {c} object?", "What kind of shape is the {c} one?"])  # fmt: skip
        qa.append((q.format(c=color), items[i].kind, "kind", [i]))
    for kind, i in unique(items, lambda o: o.kind).items():
        q = say(["What color is the {k}?", "What is the color of the {k}?", "Which color does the {k} have?", "What colour is the {k}?", "The {k} has which color?"])  # fmt: skip
        qa.append((q.format(k=kind), items[i].color, "color", [i]))
    for (size, kind), i in unique(items, lambda o: (o.size, o.kind)).items():
        if rng.random() < 0.3:
            qa.append((f"What color is the {size} {kind}?", items[i].color, "color", [i]))
    if len(items) == 1:
        qa.append((say(["What shape is in the picture?", "What shape is shown?", "Which shape do you see?"]), items[0].kind, "kind", [0]))
        qa.append((say(["What color is the shape?", "What is the color of the object?", "Which color do you see?"]), items[0].color, "color", [0]))
    for i, it in enumerate(items):
        d = describe(rng, items, i)
        if d is None:
            continue
        if clear_place(it, w, h):
            q = say(["Where is the {d}?", "In which part of the picture is the {d}?", "Where can you see the {d}?"])
            qa.append((q.format(d=d), place(it, w, h), "position", [i]))
        if "small" not in d and "large" not in d:
            q = say(["Is the {d} small or large?", "What size is the {d}?", "How big is the {d}?"])
            qa.append((q.format(d=d), it.size, "size", [i]))
    exist(rng, sample)
    count(rng, sample)
    compare(rng, sample)
    relate(rng, sample)


def exist(rng, sample):
    items, qa = sample.items, sample.qa
    forms = ["Is there {a}?", "Is there {a} in the picture?", "Do you see {a}?", "Does the picture show {a}?", "Can you see {a} here?"]
    names = {o.name for o in items}
    kinds, colors = {o.kind for o in items}, {o.color for o in items}
    for _ in range(2):
        i = rng.randrange(len(items))
        thing = rng.choice([items[i].name, items[i].name, items[i].kind, items[i].color + " shape"])
        qa.append((rng.choice(forms).format(a=article(thing)), "yes", "exist", [i]))
        # Half of the "no" questions mix a colour and a kind that both are there.
        mixed = [f"{c} {k}" for c in sorted(colors) for k in sorted(kinds) if f"{c} {k}" not in names]
        # A picture of many tiles can hold every kind or every colour.
        other_kinds = [k for k in KINDS if k not in kinds]
        other_colors = [c for c in COLORS if c not in colors]
        roll = rng.random()
        if mixed and (roll < 0.5 or not (other_kinds and other_colors)):
            thing = rng.choice(mixed)
        elif not (other_kinds and other_colors):
            continue
        elif roll < 0.7:
            thing = rng.choice(other_kinds)
        elif roll < 0.85:
            thing = rng.choice(other_colors) + " shape"
        else:
            thing = f"{rng.choice(other_colors)} {rng.choice(KINDS)}"
        qa.append((rng.choice(forms).format(a=article(thing)), "no", "exist", []))


def plural(kind):
    return {"cross": "crosses"}.get(kind, kind + "s")


def count(rng, sample):
    items, qa = sample.items, sample.qa
    every = list(range(len(items)))
    qa.append((rng.choice(["How many shapes are there?", "How many objects are in the picture?", "How many shapes do you see?", "Count the shapes."]), str(len(items)), "count", every))  # fmt: skip
    kinds = [o.kind for o in items]
    for _ in range(2):
        kind = rng.choice(kinds) if rng.random() < 0.8 else rng.choice(KINDS)
        hit = [i for i in every if items[i].kind == kind]
        q = rng.choice(["How many {p} are there?", "How many {p} do you see?", "Count the {p}.", "How many {p} are in the picture?"])
        qa.append((q.format(p=plural(kind)), str(len(hit)), "count", hit))
    color = rng.choice([o.color for o in items]) if rng.random() < 0.8 else rng.choice(list(COLORS))
    hit = [i for i in every if items[i].color == color]
    q = rng.choice(["How many {c} shapes are there?", "How many {c} objects do you see?", "How many shapes are {c}?"])
    qa.append((q.format(c=color), str(len(hit)), "count", hit))


def compare(rng, sample):
    items, qa = sample.items, sample.qa
    kinds = sorted({o.kind for o in items})
    if len(kinds) >= 2:
        a, b = rng.sample(kinds, 2)
        na, nb = (sum(o.kind == k for o in items) for k in (a, b))
        hit = [i for i, o in enumerate(items) if o.kind in (a, b)]
        q = rng.choice(["Are there more {a} than {b}?", "Do you see more {a} than {b}?"])
        qa.append((q.format(a=plural(a), b=plural(b)), "yes" if na > nb else "no", "compare", hit))
        if na > nb:  # keeps yes and no in balance
            qa.append((q.format(a=plural(b), b=plural(a)), "no", "compare", hit))
        elif nb > na:
            qa.append((q.format(a=plural(b), b=plural(a)), "yes", "compare", hit))
    small = [i for i, o in enumerate(items) if o.size == "small"]
    large = [i for i, o in enumerate(items) if o.size == "large"]
    if small and large:
        s, b = rng.choice(small), rng.choice(large)
        ds, db = describe(rng, items, s), describe(rng, items, b)
        if ds and db and not any(z in ds + db for z in ("small", "large")):
            x, y = (b, s) if rng.random() < 0.5 else (s, b)
            dx, dy = (db, ds) if x == b else (ds, db)
            q = rng.choice(["Is the {x} larger than the {y}?", "Is the {x} bigger than the {y}?"])
            qa.append((q.format(x=dx, y=dy), "yes" if x == b else "no", "compare", [x, y]))
            qa.append((f"Is the {dx} smaller than the {dy}?", "no" if x == b else "yes", "compare", [x, y]))


def relate(rng, sample):
    items, qa = sample.items, sample.qa
    if len(items) < 2:
        return
    for _ in range(2):
        i, j = rng.sample(range(len(items)), 2)
        di, dj = describe(rng, items, i), describe(rng, items, j)
        if not di or not dj:
            continue
        (xi, yi), (xj, yj) = items[i].center, items[j].center
        edge = sample.frames[0].size[0]
        if abs(xi - xj) > 0.12 * edge:
            q = rng.choice(["Is the {i} {r} the {j}?", "Does the {i} lie {r} the {j}?"])
            side = rng.choice(["left", "right"])
            r = rng.choice([f"to the {side} of", f"{side} of"])
            qa.append((q.format(i=di, j=dj, r=r), "yes" if (xi < xj) == (side == "left") else "no", "relation", [i, j]))
        if abs(yi - yj) > 0.12 * edge:
            q = rng.choice(["Is the {i} {r} the {j}?", "Does the {i} lie {r} the {j}?"])
            r = rng.choice(["above", "below"])
            qa.append((q.format(i=di, j=dj, r=r), "yes" if (yi < yj) == (r == "above") else "no", "relation", [i, j]))
    xs = sorted(range(len(items)), key=lambda i: items[i].center[0])
    ys = sorted(range(len(items)), key=lambda i: items[i].center[1])
    for word, order, axis in (("leftmost", xs, 0), ("rightmost", xs[::-1], 0), ("topmost", ys, 1), ("lowest", ys[::-1], 1)):
        a, b = order[0], order[1]
        if rng.random() < 0.35 and abs(items[a].center[axis] - items[b].center[axis]) > 8:
            if rng.random() < 0.5:
                qa.append((f"What color is the {word} shape?", items[a].color, "relation", [a]))
            else:
                qa.append((f"What shape is the {word} object?", items[a].kind, "relation", [a]))


def text(rng, edge=(96, 96), heldout=False, longest=4):
    """One or two lines of capital letters or digits in one of several fonts."""
    w, h = edge
    used = rng.sample(list(COLORS), 2)
    image = canvas(rng, w, h, set(used))
    mask = Image.new("L", (w, h), 0)
    draw, ids = ImageDraw.Draw(image), ImageDraw.Draw(mask)
    lines = rng.choice([1, 1, 1, 2])
    items, words = [], []
    for line in range(lines):
        roll = rng.random()
        if roll < 0.5:
            word = rng.choice(TEST_WORDS if heldout else TRAIN_WORDS)
        elif roll < 0.75:
            word = "".join(rng.choice("0123456789") for _ in range(rng.randint(1, longest)))
        else:
            word = "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(rng.randint(1, longest)))
        if not heldout and word in TEST_WORDS:
            word = rng.choice(TRAIN_WORDS)
        band = h / lines
        name = rng.choice(FONTS)
        f = font(name, max(12, int(rng.uniform(0.6, 1.0) * min(band * 0.8, (w - 6) / len(word) * 1.25))))
        while sum(f.getlength(c) for c in word) + 2 * len(word) > w - 4:
            f = font(name, f.size - 1)
        gap = rng.uniform(0.5, 2.0)
        width = sum(f.getlength(c) + gap for c in word)
        top, bottom = f.getbbox("H")[1], f.getbbox("H")[3]
        x = rng.uniform(2, max(2.1, w - width - 2))
        y = band * line + rng.uniform(1, max(1.1, band - (bottom - top) - 2)) - top
        fill = shade(rng, COLORS[used[line]])
        first = len(items)
        for k, c in enumerate(word):
            draw.text((x, y), c, font=f, fill=fill)
            b = (round(x), round(y + top), round(x + f.getlength(c)), round(y + bottom))
            ids.rectangle(b, fill=len(items) + 1)
            items.append(Item(c, used[line], b, index=k))
            x += f.getlength(c) + gap
        words.append((word, used[line], list(range(first, len(items)))))
    sample = Sample("text", [image], [mask], items)
    ask_text(rng, sample, words)
    return sample


def ask_text(rng, sample, words):
    qa = sample.qa
    noun = lambda w: "number" if w[0].isdigit() else "word"  # noqa: E731
    if len(words) == 1:
        word, color, idx = words[0]
        n = noun(word)
        for q in rng.sample(["What {n} is written here?", "What does the text say?", "Read the {n}.", "What is written in the picture?", "Which {n} do you see?", "What {n} is shown?"], 3):  # fmt: skip
            qa.append((q.format(n=n), word, "read", idx))
        qa.append((rng.choice(["What color is the text?", "Which color is the writing?", f"What color is the {n}?"]), color, "color", idx))  # fmt: skip
        qa.append((rng.choice(["How many characters are there?", "How many characters does the text have?"]), str(len(word)), "count", idx))  # fmt: skip
        if word[0].isdigit():
            qa.append(("What is the first digit?", word[0], "letter", idx[:1]))
            qa.append(("What is the last digit?", word[-1], "letter", idx[-1:]))
        else:
            qa.append(("What is the first letter?", word[0], "letter", idx[:1]))
            qa.append(("What is the last letter?", word[-1], "letter", idx[-1:]))
        other = rng.choice([w for w in TRAIN_WORDS if w != word])
        if word[0].isdigit():
            other = str(int("".join(rng.sample("123456789", len(word))))) if len(word) > 1 else str((int(word) + rng.randint(1, 9)) % 10)
        if other != word:
            shown, answer = (word, "yes") if rng.random() < 0.5 else (other, "no")
            qa.append((rng.choice(["Is the {n} {w} written here?", "Does the picture show the {n} {w}?"]).format(n=n, w=shown), answer, "exist", idx))  # fmt: skip
    else:
        (a, ca, ia), (b, cb, ib) = words
        qa.append((rng.choice(["What is written at the top?", "Read the upper line.", "What does the top line say?"]), a, "read", ia))
        qa.append((rng.choice(["What is written at the bottom?", "Read the lower line.", "What does the bottom line say?"]), b, "read", ib))
        qa.append((rng.choice(["What is written in {c}?", "Read the {c} text.", "What does the {c} text say?"]).format(c=ca), a, "read", ia))
        qa.append((rng.choice(["What is written in {c}?", "Read the {c} text.", "What does the {c} text say?"]).format(c=cb), b, "read", ib))
        qa.append(("What color is the upper line?", ca, "color", ia))
        qa.append(("What color is the lower line?", cb, "color", ib))
        qa.append(("How many lines of text are there?", "2", "count", ia + ib))


def chart(rng, edge=(96, 96), heldout=False):
    return (bars if rng.random() < 0.65 else line)(rng, edge)


def axes(rng, draw, w, h, ink):
    """Left and bottom axis with a tick and grid line for every second unit of 0..10; returns the map from value to y."""
    x0, y0, y1 = round(w * 0.15), round(h * 0.93), round(h * 0.05)
    step = (y0 - y1) / 10
    f = font("DejaVuSans.ttf", max(8, round(h * 0.09)))
    grid = rng.random() < 0.7
    for v in range(0, 11, 2):
        y = y0 - v * step
        if grid and v:
            draw.line((x0, y, w - 3, y), fill=tuple((c + 3 * 160) // 4 for c in ink), width=1)
        draw.line((x0 - 2, y, x0, y), fill=ink, width=1)
        if v % 5 == 0 or v in (2, 4, 6, 8):
            draw.text((x0 - 3 - f.getlength(str(v)), y - f.size * 0.62), str(v), font=f, fill=ink)
    draw.line((x0, y0, w - 3, y0), fill=ink, width=1)
    draw.line((x0, y0, x0, y1), fill=ink, width=1)
    return x0, y0, step


def bars(rng, edge):
    w, h = edge
    n = rng.randint(2, 5)
    colors = rng.sample([c for c in COLORS if c not in ("white", "black", "gray")], n)
    values = rng.sample(range(1, 11), n)
    image = Image.new("RGB", (w, h), shade(rng, (248, 248, 248), 7))
    mask = Image.new("L", (w, h), 0)
    draw, ids = ImageDraw.Draw(image), ImageDraw.Draw(mask)
    x0, y0, step = axes(rng, draw, w, h, (40, 40, 40))
    room = (w - x0 - 5) / n
    labelled = rng.random() < 0.4
    f = font("DejaVuSans-Bold.ttf", max(9, round(h * 0.1)))
    items = []
    for i, (c, v) in enumerate(zip(colors, values)):
        xa = x0 + 3 + room * i + room * 0.12
        xb = xa + room * rng.uniform(0.62, 0.78)
        b = (round(xa), round(y0 - v * step), round(xb), y0 - 1)
        draw.rectangle(b, fill=shade(rng, COLORS[c]))
        ids.rectangle(b, fill=i + 1)
        if labelled and v < 10:
            draw.text(((xa + xb) / 2 - f.getlength(str(v)) / 2, b[1] - f.size * 1.15), str(v), font=f, fill=(30, 30, 30))
        items.append(Item("bar", c, b, index=i, value=v))
    sample = Sample("charts", [image], [mask], items)
    qa = sample.qa
    every = list(range(n))
    for i, it in enumerate(items):
        q = rng.choice(["What is the value of the {c} bar?", "How high is the {c} bar?", "Which value does the {c} bar show?"])
        qa.append((q.format(c=it.color), str(it.value), "value", [i]))
    best, worst = max(every, key=lambda i: values[i]), min(every, key=lambda i: values[i])
    qa.append((rng.choice(["Which bar is the highest?", "What color is the tallest bar?", "Which color has the highest value?"]), colors[best], "extreme", [best]))  # fmt: skip
    qa.append((rng.choice(["Which bar is the lowest?", "What color is the shortest bar?", "Which color has the lowest value?"]), colors[worst], "extreme", [worst]))  # fmt: skip
    qa.append(("What is the highest value?", str(values[best]), "value", [best]))
    qa.append(("What is the lowest value?", str(values[worst]), "value", [worst]))
    qa.append((rng.choice(["How many bars are there?", "Count the bars.", "How many bars does the chart have?"]), str(n), "count", every))
    for _ in range(3):
        i, j = rng.sample(every, 2)
        up = rng.random() < 0.5
        q = rng.choice(["Is the {i} bar {r} than the {j} bar?", "Is {i} {r} than {j}?"])
        qa.append((q.format(i=colors[i], j=colors[j], r="higher" if up else "lower"), "yes" if (values[i] > values[j]) == up else "no", "compare", [i, j]))  # fmt: skip
    qa.append((rng.choice(["What color is the first bar?", "What color is the bar on the left?"]), colors[0], "color", [0]))
    qa.append((rng.choice(["What color is the last bar?", "What color is the bar on the right?"]), colors[-1], "color", [n - 1]))
    qa.append((rng.choice(["What kind of chart is this?", "Is this a bar chart or a line chart?"]), "bar chart", "kind", every))
    return sample


def line(rng, edge):
    w, h = edge
    n = rng.randint(3, 5)
    while True:
        values = [rng.randint(0, 10) for _ in range(n)]
        if abs(values[0] - values[-1]) >= 2 and max(values) - min(values) >= 3:
            break
    if rng.random() < 0.5:
        values.sort(reverse=rng.random() < 0.5)
    color = rng.choice([c for c in COLORS if c not in ("white", "yellow", "gray")])
    image = Image.new("RGB", (w, h), shade(rng, (248, 248, 248), 7))
    mask = Image.new("L", (w, h), 0)
    draw, ids = ImageDraw.Draw(image), ImageDraw.Draw(mask)
    x0, y0, step = axes(rng, draw, w, h, (40, 40, 40))
    fill = shade(rng, COLORS[color])
    xs = [x0 + 6 + (w - x0 - 14) * i / (n - 1) for i in range(n)]
    ys = [y0 - v * step for v in values]
    draw.line(list(zip(xs, ys)), fill=fill, width=2)
    items = []
    for i, (x, y) in enumerate(zip(xs, ys)):
        draw.ellipse((x - 2.6, y - 2.6, x + 2.6, y + 2.6), fill=fill)
        b = (round(x - 4), round(y - 4), round(x + 4), round(y + 4))
        ids.rectangle(b, fill=i + 1)
        items.append(Item("line", color, b, index=i, value=values[i]))
    sample = Sample("charts", [image], [mask], items)
    qa = sample.qa
    every = list(range(n))
    rise = values[-1] > values[0]
    qa.append((rng.choice(["Does the line end higher than it starts?", "Is the last value higher than the first?"]), "yes" if rise else "no", "compare", [0, n - 1]))  # fmt: skip
    qa.append((rng.choice(["Does the line end lower than it starts?", "Is the last value lower than the first?"]), "no" if rise else "yes", "compare", [0, n - 1]))  # fmt: skip
    qa.append((rng.choice(["What is the highest value?", "Which value does the line reach at most?"]), str(max(values)), "value", [values.index(max(values))]))  # fmt: skip
    qa.append((rng.choice(["What is the lowest value?", "Which value does the line have at least?"]), str(min(values)), "value", [values.index(min(values))]))  # fmt: skip
    qa.append((rng.choice(["What is the first value?", "At which value does the line start?"]), str(values[0]), "value", [0]))
    qa.append((rng.choice(["What is the last value?", "At which value does the line end?"]), str(values[-1]), "value", [n - 1]))
    qa.append((rng.choice(["How many points are there?", "How many points does the line have?"]), str(n), "count", every))
    qa.append((rng.choice(["What color is the line?", "Which color does the line have?"]), color, "color", every))
    qa.append((rng.choice(["What kind of chart is this?", "Is this a bar chart or a line chart?"]), "line chart", "kind", every))
    return sample


def clip(rng, edge=(96, 96), frames=4, heldout=False):
    """Four frames in which shapes move, appear or blink."""
    return rng.choice([moving, appearing, blinking])(rng, edge, frames)


def clip_frames(rng, edge, frames, colors, positions):
    """positions: per frame a list of (item fields, cx, cy, r, stretch)."""
    w, h = edge
    ground = canvas(rng, w, h, set(colors))
    out, masks, items = [], [], []
    for t in range(frames):
        mask = Image.new("L", edge, 0)
        placed = []
        for kind, color, cx, cy, r, stretch in positions[t]:
            placed.append((len(items), kind, color, cx, cy, r, stretch))
            items.append(Item(kind, color, box(cx, cy, r), frame=t))
        out.append(paint(random.Random(1), ground, mask, placed))
        masks.append(mask)
    return Sample("clips", out, masks, items)


def which(items, kind, color):
    return [i for i, it in enumerate(items) if it.kind == kind and it.color == color]


def seen_pair(rng):
    while True:
        p = (rng.choice(list(COLORS)), rng.choice(KINDS))
        if p not in UNSEEN:
            return p


def two_pairs(rng):
    a = seen_pair(rng)
    while True:
        b = seen_pair(rng)
        if b[0] != a[0] and b[1] != a[1]:
            return a, b


def moving(rng, edge, frames):
    w, h = edge
    n = rng.choice([1, 2])
    pairs = two_pairs(rng)[:n]
    ways = [rng.choice(["left", "right", "up", "down"]) for _ in pairs]
    if n == 2 and rng.random() < 0.4:
        ways[1] = "none"
    tracks = []
    for i, way in enumerate(ways):
        r = rng.uniform(9, 14)
        cross = w * ((0.28 + 0.44 * i) if n == 2 else rng.uniform(0.25, 0.75)) + rng.uniform(-4, 4)
        a, b = rng.uniform(r + 2, r + 12), w - rng.uniform(r + 2, r + 12)
        along = [a + (b - a) * t / (frames - 1) for t in range(frames)]
        if way in ("left", "up"):
            along.reverse()
        if way == "none":
            along = [rng.uniform(r + 3, w - r - 3)] * frames
        tracks.append((r, along, cross))
    # Two movers keep apart only when they travel along the same axis.
    flat = [wy in ("left", "right") for wy in ways]
    if n == 2:
        flat[1] = flat[0]
        if ways[1] != "none":
            ways[1] = {True: {"up": "left", "down": "right"}, False: {"left": "up", "right": "down"}}[flat[0]].get(ways[1], ways[1])
    stretch = (1.0, 0.7)
    positions = [[(k, c, *((al[t], cr) if fl else (cr, al[t])), r, stretch) for (c, k), (r, al, cr), fl in zip(pairs, tracks, flat)] for t in range(frames)]  # fmt: skip
    sample = clip_frames(rng, edge, frames, [c for c, _ in pairs], positions)
    qa = sample.qa
    for (c, k), way in zip(pairs, ways):
        hit = which(sample.items, k, c)
        name = f"{c} {k}" if rng.random() < 0.5 else k
        if way != "none":
            for q in rng.sample(["Which way does the {n} move?", "In which direction does the {n} go?", "Where does the {n} move to?"], 2):
                qa.append((q.format(n=name), way, "direction", hit))
            guess = way if rng.random() < 0.5 else rng.choice([x for x in ("left", "right", "up", "down") if x != way])
            qa.append((f"Does the {name} move {guess}?", "yes" if guess == way else "no", "direction", hit))
        if n == 2:
            qa.append((f"Does the {name} move?", "no" if way == "none" else "yes", "direction", hit))
        qa.append((f"What color is the {k}?", c, "color", hit))
    if n == 2 and "none" in ways:
        mover = pairs[ways.index("none") - 1]
        hit = which(sample.items, mover[1], mover[0])
        qa.append(("Which shape moves?", mover[1], "direction", hit))
        qa.append(("What color is the shape that moves?", mover[0], "direction", hit))
    return sample


def appearing(rng, edge, frames):
    w, h = edge
    a, b = two_pairs(rng)
    ta, tb = rng.sample(range(frames), 2)
    radii = [rng.uniform(9, 15), rng.uniform(9, 15)]
    spots = scatter(rng, 2, w, h, radii)
    if len(spots) < 2:
        spots = [(w * 0.25, h * 0.5, radii[0]), (w * 0.75, h * 0.5, radii[1])]
    stretch = (1.0, 0.7)
    positions = [[(k, c, *s[:2], s[2], stretch) for (c, k), start, s in ((a, ta, spots[0]), (b, tb, spots[1])) if t >= start] for t in range(frames)]  # fmt: skip
    sample = clip_frames(rng, edge, frames, [a[0], b[0]], positions)
    first, second = (a, b) if ta < tb else (b, a)
    hits = which(sample.items, a[1], a[0]) + which(sample.items, b[1], b[0])
    qa = sample.qa
    qa.append((rng.choice(["Which shape appears first?", "Which shape comes first?"]), first[1], "order", hits))
    qa.append((rng.choice(["Which shape appears last?", "Which shape comes last?"]), second[1], "order", hits))
    qa.append((rng.choice(["What color is the shape that appears first?", "Which color comes first?"]), first[0], "order", hits))
    qa.append((rng.choice(["What color is the shape that appears last?", "Which color comes last?"]), second[0], "order", hits))
    x, y = (first, second) if rng.random() < 0.5 else (second, first)
    qa.append((f"Does the {x[1]} appear before the {y[1]}?", "yes" if x == first else "no", "order", hits))
    qa.append((f"Does the {x[1]} appear after the {y[1]}?", "no" if x == first else "yes", "order", hits))
    for c, k in (a, b):
        qa.append((f"What color is the {k}?", c, "color", which(sample.items, k, c)))
    qa.append(("How many shapes are in the last frame?", "2", "events", hits))
    return sample


def blinking(rng, edge, frames):
    """One shape is there in some frames and away in others; a second one may stay."""
    w, h = edge
    a, b = two_pairs(rng)
    shown = rng.sample(range(frames), rng.randint(1, frames))
    radii = [rng.uniform(9, 15), rng.uniform(9, 15)]
    spots = scatter(rng, 2, w, h, radii)
    if len(spots) < 2:
        spots = [(w * 0.25, h * 0.5, radii[0]), (w * 0.75, h * 0.5, radii[1])]
    with_other = rng.random() < 0.5
    stretch = (1.0, 0.7)
    positions = []
    for t in range(frames):
        now = [(b[1], b[0], *spots[1][:2], spots[1][2], stretch)] if with_other else []
        if t in shown:
            now.append((a[1], a[0], *spots[0][:2], spots[0][2], stretch))
        positions.append(now)
    sample = clip_frames(rng, edge, frames, [a[0], b[0]], positions)
    hit = which(sample.items, a[1], a[0])
    name = rng.choice([a[1], f"{a[0]} {a[1]}"])
    qa = sample.qa
    for q in rng.sample(["In how many frames is the {n}?", "How many frames show the {n}?", "How often do you see the {n}?"], 2):
        qa.append((q.format(n=name), str(len(shown)), "events", hit))
    qa.append((f"Is the {name} in the first frame?", "yes" if 0 in shown else "no", "events", hit))
    qa.append((f"Is the {name} in the last frame?", "yes" if frames - 1 in shown else "no", "events", hit))
    qa.append((f"What color is the {a[1]}?", a[0], "color", hit))
    if with_other:
        hb = which(sample.items, b[1], b[0])
        qa.append((f"In how many frames is the {b[1]}?", str(frames), "events", hb))
        qa.append((f"What color is the {b[1]}?", b[0], "color", hb))
    return sample


def vary(rng, question):
    """The same question as people type it: without capital, without mark, with a request in front."""
    roll = rng.random()
    if roll < 0.12:
        question = question[0].lower() + question[1:]
    if rng.random() < 0.08:
        question = question.rstrip("?.")
    return question


FAMILIES = {"shapes": shapes, "text": text, "charts": chart, "clips": clip}


def make(family, seed, heldout=False, **how):
    """The sample named by family and seed."""
    rng = random.Random(f"{family}/{seed}/{heldout}")
    sample = FAMILIES[family](rng, heldout=heldout, **how)
    sample.qa = [(vary(rng, q), a, kind, idx) for q, a, kind, idx in sample.qa]
    return sample


def training(family, edge, rng, most=5):
    """A sample as a training batch holds it; mixed: a wide or large picture of any family, large-shapes and large-text: of one."""
    how = {"edge": edge}
    if family in ("mixed", "large-shapes", "large-text"):
        family = rng.choice(["shapes", "shapes", "text", "charts"]) if family == "mixed" else family.removeprefix("large-")
        scale = rng.uniform(0.7, 1.0)
        w, h = edge
        w = max(100, round(w * scale))
        h = round(w * (rng.uniform(0.36, 0.5) if w > 1.3 * h else rng.uniform(0.75, 1.0)))
        how = {"edge": (w, h)}
        if family == "shapes":
            how["most"] = 8 if w * h > 20000 else 5
        if family == "text":
            how["longest"] = 6
    elif family == "shapes":
        how["most"] = most
        if rng.random() < 0.3:
            e = rng.randint(56, 96)
            how["edge"] = (e, round(e * rng.uniform(0.85, 1.0)))
    elif family in ("text", "charts") and rng.random() < 0.15:
        how["edge"] = (96, rng.randint(80, 96))
    return make(family, rng.getrandbits(48), **how)
