"""Samples -> tensors: tiles as the package's processor cuts them, dense labels, packed question-answer pairs."""

import math
import random
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

import dialogues
import drawn
import easyvqa
import scenes
import tokens

TILE, PATCH, GRID = 96, 8, 12
TOKENS = GRID * GRID
LABELS = ["kind", "color", "size", "place", "center", "index", "value"]
DENSE_KINDS = scenes.KINDS + ["bar", "line"] + list("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
COLORS = list(scenes.COLORS)
IGNORE = 255


def geometry(width, height, tile=TILE, longest=2 * TILE):
    """Size after resizing and the grid of crops, by the Idefics3 rule with the native size cap; 0 x 0: one tile only."""
    longest = min(longest, math.ceil(max(width, height) / tile) * tile)
    if width >= height:
        w, h = longest, max(1, int(longest * height / width))
        h += h % 2
    else:
        w, h = max(1, int(longest * width / height)), longest
        w += w % 2
    first, ratio = (w, h), w / h
    if w >= h:
        w = math.ceil(w / tile) * tile
        h = math.ceil(int(w / ratio) / tile) * tile
    else:
        h = math.ceil(h / tile) * tile
        w = math.ceil(int(h * ratio) / tile) * tile
    if w > tile or h > tile:
        return first, (w, h), h // tile, w // tile
    return first, (w, h), 0, 0


def tiles(image, resample=Image.Resampling.LANCZOS):
    """Crops in rows, then the global view: list of TILE x TILE pictures, rows, columns."""
    first, (w, h), rows, cols = geometry(*image.size)
    if resample != Image.Resampling.NEAREST and image.size != first:
        image = image.resize(first, resample)
    if image.size != (w, h):
        image = image.resize((w, h), resample)
    if not rows:
        return [image], 0, 0
    crops = [image.crop((c * TILE, r * TILE, (c + 1) * TILE, (r + 1) * TILE)) for r in range(rows) for c in range(cols)]
    return [*crops, image.resize((TILE, TILE), resample)], rows, cols


def owners(mask):
    """Id map of one tile -> number of the item that covers most of each patch, from a fifth of its area on, or -1: [N]."""
    ids = np.asarray(mask).reshape(GRID, PATCH, GRID, PATCH).transpose(0, 2, 1, 3).reshape(TOKENS, PATCH * PATCH)
    best = np.full(TOKENS, PATCH * PATCH // 5)
    owner = np.full(TOKENS, -1)
    for i in np.unique(ids):
        if i:
            cover = (ids == i).sum(1)
            hit = cover > best
            best[hit] = cover[hit]
            owner[hit] = i - 1
    return owner


def dense(mask, items, edge):
    """Id map of one tile -> labels [N, 7] of the items that own its patches."""
    out = np.zeros((TOKENS, len(LABELS)), np.uint8)
    owner = owners(mask)
    for i in np.unique(owner):
        if i < 0:
            continue
        it = items[i]
        at = np.flatnonzero(owner == i)
        row, col = (at // GRID).mean(), (at % GRID).mean()
        heart = at[np.argmin((at // GRID - row) ** 2 + (at % GRID - col) ** 2)]
        place = min(2, int(it.center[1] * 3 / edge[1])) * 3 + min(2, int(it.center[0] * 3 / edge[0]))
        out[at, 0] = 1 + DENSE_KINDS.index(it.kind)
        out[at, 1] = 1 + COLORS.index(it.color)
        out[at, 2] = {"": 0, "small": 1, "large": 2}[it.size]
        out[at, 3] = 1 + min(8, max(0, place))
        out[heart, 4] = 1
        out[at, 5] = 1 + min(7, it.index)
        out[at, 6] = 1 + it.value
    return out


def easy(rng, split="train"):
    """An easy-VQA picture as a sample; its one shape is found by its difference from the corner's colour."""
    number = rng.choice(list(easyvqa.by_picture(split)))
    qa = easyvqa.by_picture(split)[number]
    image = easyvqa.picture(split, number)
    said = {a for _, a in qa}
    color = next((c for c in COLORS if c in said), None)
    kind = next((k for k in scenes.KINDS if k in said), None)
    a = np.asarray(image).astype(int)
    mask = (np.abs(a - a[0, 0]).sum(-1) > 40).astype(np.uint8)
    items = []
    if color and kind and mask.any():
        ys, xs = np.nonzero(mask)
        items = [scenes.Item(kind, color, (int(xs.min()), int(ys.min()), int(xs.max()), int(ys.max())))]
    else:
        mask[:] = 0
    sample = scenes.Sample("easy-vqa", [image], [Image.fromarray(mask)], items)
    sample.qa = [(q, a, "easy", [0]) for q, a in qa]
    return sample


# Kind of batch -> family, native size, pictures a batch.
KINDS = {
    "shapes": ("shapes", (96, 96), 12),
    "easy": ("easy", (64, 64), 12),
    "text": ("text", (96, 96), 12),
    "charts": ("charts", (96, 96), 12),
    "drawn": ("drawn", (96, 96), 12),
    "clips": ("clips", (96, 96), 3),
    "wide": ("mixed", (192, 96), 4),
    "large": ("mixed", (192, 192), 4),
    "large-shapes": ("large-shapes", (192, 192), 4),
    "large-text": ("large-text", (192, 192), 4),
}
# Layouts of one batch are alike; kinds with several tiles name theirs, so that few shapes are compiled.
LAYOUTS = {"wide": (1, 1, 2), "large": (1, 2, 2), "large-shapes": (1, 2, 2), "large-text": (1, 2, 2)}


@dataclass(frozen=True)
class Form:
    """How a batch asks and what it drops.

    talks: conversations of one to four turns instead of single questions. pairs: questions or conversations a picture; None: as many
    as the batch's pictures have on average, up to 16. length: of each in tokens; None: of the longest. keep: visual tokens of a tile that are left. before: dropped before the encoder's layers,
    else behind it. whole: the global view of a tiled picture keeps all.
    """

    talks: bool = False
    pairs: int | None = 16
    length: int | None = 18
    keep: int = TOKENS
    before: bool = False
    whole: bool = False
    most: int = 5


def draw(kind, rng, most=5):
    family, edge, _ = KINDS[kind]
    if family == "easy":
        return easy(rng)
    if family == "drawn":
        return drawn.training(rng, rng.choice([96, 96, 96, rng.randint(64, 96)]))
    return scenes.training(family, edge, rng, most)


# How much more often than others the kinds of questions are asked that are answered worst.
HARD = {
    "large-shapes": {"count": 3, "compare": 3, "relation": 1.5, "position": 1.5, "size": 1.5},
    "large-text": {"read": 2, "exist": 3},
}


def pack(sample, form, pairs, rng, hard):
    """`pairs` conversations of (question, answer) turns; hard: weights by kind of question."""
    if form.talks:
        return [[(q, a) for q, a, _, _ in dialogues.talk(rng, sample)] for _ in range(pairs)]
    # The smallest of exponential variables by weight: a weighted draw without replacement.
    qa = sorted(sample.qa, key=lambda each: rng.expovariate(hard.get(each[2], 1)))
    if len(qa) < pairs:
        qa = (qa * (pairs // max(1, len(qa)) + 1))[:pairs]
    return [[(q, a)] for q, a, _, _ in qa[:pairs]]


def fitted(talk, longest):
    """Ids and targets of as many turns as fit; of a single long one what fits."""
    while longest and len(talk) > 1 and len(tokens.turns(talk)[0]) > longest:
        talk = talk[:-1]
    ids, targets = tokens.turns(talk)
    return (ids[:longest], [t for t in targets if t[0] < longest]) if longest else (ids, targets)


def choose(labels, keep):
    """Random groups of patches to keep, ascending, [T, keep]; in half of the tiles things before background, as plans choose."""
    things = (labels[..., 0] > 0) & (torch.rand(labels.shape[:2]) < 0.95) & (torch.rand(len(labels), 1) < 0.5)
    return (torch.rand(labels.shape[:2]) + 2 * things).topk(keep, 1).indices.sort(1).values


def batch(kind, rng, form=Form()):
    """One batch: uint8 tiles [B * T, 3, S, S], dense labels [B * T, N, 7], prefix ids, slots, ids of conversations, targets."""
    size = KINDS[kind][2]
    pictures, labels, samples = [], [], []
    layout = LAYOUTS.get(kind)
    while len(samples) < size:
        sample = draw(kind, rng, form.most)
        cut, marks, shape = [], [], None
        for image, mask in zip(sample.frames, sample.masks):
            t, rows, cols = tiles(image)
            m, _, _ = tiles(mask, Image.Resampling.NEAREST)
            cut += t
            marks += [dense(x, sample.items, image.size) for x in m]
            shape = (len(sample.frames), rows, cols)
        if layout is None:
            layout = shape
        if shape != layout or not sample.qa:
            continue
        pictures.append(np.stack([np.asarray(t) for t in cut]))
        labels.append(np.stack(marks))
        samples.append(sample)
    pairs = form.pairs or min(16, sum(len(s.qa) for s in samples) // size)
    rows_of_talks = [[fitted(talk, form.length) for talk in pack(s, form, pairs, rng, HARD.get(kind, {}))] for s in samples]
    pixels = torch.from_numpy(np.concatenate(pictures)).permute(0, 3, 1, 2)
    labels = torch.from_numpy(np.concatenate(labels)).long()
    kept = drop(labels, size, form)
    whole = TOKENS if form.whole and layout[1] else None
    prefix = torch.tensor(tokens.prefix(*layout, form.keep, whole))
    slots = (prefix == tokens.id_of("<image>")).nonzero()[:, 0]
    return {"pixels": pixels, "labels": labels, "kept": kept, "before": form.before, "prefix": prefix, "slots": slots, "size": size} | asked(rows_of_talks, form.length)


def drop(labels, size, form):
    """Kept groups by tile [B * T, keep] (of the crops alone if the global view stays whole), or None."""
    if form.keep == TOKENS:
        return None
    if form.whole:
        labels = labels.view(size, -1, *labels.shape[1:])[:, :-1].flatten(0, 1)
    return choose(labels, form.keep)


def asked(rows_of_talks, length=None):
    """Ids [B, K, L], places and ids of the answers' tokens, and for each the number of its answer; turns by answer."""
    longest = length or (max(len(ids) for row in rows_of_talks for ids, _ in row) + 1) // 2 * 2
    pairs = len(rows_of_talks[0])
    ids = torch.zeros(len(rows_of_talks), pairs, longest, dtype=torch.long)
    where, target, answer, turn = [], [], [], []
    for b, row in enumerate(rows_of_talks):
        for k, (seq, targets) in enumerate(row):
            ids[b, k, : len(seq)] = torch.tensor(seq)
            for n, (place, token, number) in enumerate(targets):
                if n == 0 or number != targets[n - 1][2]:
                    turn.append(number)
                where.append((b * pairs + k) * longest + place)
                target.append(token)
                answer.append(len(turn) - 1)
    return {"ids": ids, "where": torch.tensor(where), "target": torch.tensor(target), "answer": torch.tensor(answer), "turn": torch.tensor(turn)}
