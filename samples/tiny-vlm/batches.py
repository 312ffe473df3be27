"""Samples -> tensors: tiles as the package's processor cuts them, dense labels, packed question-answer pairs."""

import math
import random

import numpy as np
import torch
from PIL import Image

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


# Kind of batch -> family, native size, pictures a batch, questions a picture.
KINDS = {
    "shapes": ("shapes", (96, 96), 12, 16),
    "easy": ("easy", (64, 64), 12, 16),
    "text": ("text", (96, 96), 12, 16),
    "charts": ("charts", (96, 96), 12, 16),
    "clips": ("clips", (96, 96), 3, 16),
    "wide": ("mixed", (192, 96), 4, 16),
    "large": ("mixed", (192, 192), 4, 16),
}


def draw(kind, rng, most=5):
    family, edge, _, _ = KINDS[kind]
    if family == "easy":
        return easy(rng)
    return scenes.training(family, edge, rng, most)


def pack(sample, pairs, rng):
    qa = list(sample.qa)
    rng.shuffle(qa)
    if len(qa) < pairs:
        qa = (qa * (pairs // max(1, len(qa)) + 1))[:pairs]
    return [tokens.pair(q, a) for q, a, _, _ in qa[:pairs]]


def batch(kind, rng, most=5, keep=TOKENS, length=None):
    """One batch: uint8 tiles [B * T, 3, S, S], dense labels [B * T, N, 7], prefix ids, slots, pair ids, targets.

    keep < N drops visual tokens of single tiles at random, background first: prompts of every length are then familiar.
    """
    _, _, size, pairs = KINDS[kind]
    pictures, labels, rows_of_pairs = [], [], []
    layout = None
    while len(rows_of_pairs) < size:
        sample = draw(kind, rng, most)
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
        rows_of_pairs.append(pack(sample, pairs, rng))
    pixels = torch.from_numpy(np.concatenate(pictures)).permute(0, 3, 1, 2)
    labels = torch.from_numpy(np.concatenate(labels)).long()
    kept = None
    if keep < TOKENS and layout == (1, 0, 0):
        noise = torch.rand(size, TOKENS) + 2 * (labels[..., 0] > 0) * (torch.rand(size, TOKENS) < 0.95)
        kept = noise.topk(keep, 1).indices.sort(1).values
    prefix = torch.tensor(tokens.prefix(*layout, keep if kept is not None else TOKENS))
    slots = (prefix == tokens.id_of("<image>")).nonzero()[:, 0]
    longest = length or max(len(ids) for row in rows_of_pairs for ids, _ in row)
    longest = longest if length else (longest + 1) // 2 * 2
    ids = torch.zeros(size, pairs, longest, dtype=torch.long)
    where, target = [], []
    for b, row in enumerate(rows_of_pairs):
        for k, (seq, start) in enumerate(row):
            seq = seq[:longest]
            ids[b, k, : len(seq)] = torch.tensor(seq)
            for p in range(start, len(seq) - 1):
                where.append((b * pairs + k) * longest + p)
                target.append(seq[p + 1])
    return {"pixels": pixels, "labels": labels, "kept": kept, "prefix": prefix, "slots": slots, "ids": ids,
            "where": torch.tensor(where), "target": torch.tensor(target), "size": size}  # fmt: skip
