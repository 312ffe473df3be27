"""Questions as people put them in a chat and benchmarks in a prompt: several turns about one picture, requests for a short answer,
things that the picture does not show.
"""

import scenes

UNKNOWN = "unknown"
# What benchmarks write behind a question (VQAv2, GQA and TextVQA the first; POPE and MME the yes/no forms).
ENDINGS = [
    "\nAnswer the question using a single word or phrase.", "\nAnswer the question using a single word or phrase.",
    " Answer the question using a single word or phrase.", "\nAnswer the question with a single word.", "\nAnswer with a single word.",
    "\nAnswer briefly.", "\nGive a very brief answer.", " Short answer:",
]  # fmt: skip
YES_NO = ["\nAnswer yes or no.", " Please answer yes or no.", "\nAnswer the question using a single word or phrase."]
EXIST = ["Is there {a} in the image?", "Is there {a} in the picture?", "Is there {a}?", "Do you see {a}?", "Can you see {a} here?"]


def full(items):
    """Whether every kind or every colour is there, as in pictures of many tiles."""
    return set(scenes.KINDS) <= {o.kind for o in items} or set(scenes.COLORS) <= {o.color for o in items}


def missing(rng, items):
    """A kind and a colour that no item has, and a pair of both that no item has, often of a kind and a colour that others have."""
    kinds, colors = {o.kind for o in items}, {o.color for o in items}
    kind = rng.choice([k for k in scenes.KINDS if k not in kinds])
    color = rng.choice([c for c in scenes.COLORS if c not in colors])
    names = {o.name for o in items}
    shapes = sorted(kinds & set(scenes.KINDS))
    mixed = [(c, k) for c in sorted(colors) for k in shapes if f"{c} {k}" not in names and (c, k) not in scenes.UNSEEN]
    pairs = [p for p in [(color, rng.choice(shapes or [kind])), (rng.choice(sorted(colors)), kind)] if p not in scenes.UNSEEN]
    pair = rng.choice(mixed) if mixed and rng.random() < 0.5 else rng.choice(pairs) if pairs else None
    return kind, color, " ".join(pair) if pair else kind


def absent(rng, sample):
    """A question (question, answer, kind, items) about a thing that is not there: unknown."""
    kind, color, pair = missing(rng, sample.items)
    if sample.family == "shapes":
        thing = rng.choice([kind, pair, pair, f"{color} shape"])
        forms = ["What color is the {k}?", "What is the color of the {k}?", "Which color does the {k} have?", "What shape is the {c} object?",
                 "What is the {c} shape?", "Which shape is {c}?", "Where is the {t}?", "In which part of the picture is the {t}?",
                 "Is the {t} small or large?", "What size is the {t}?"]  # fmt: skip
    elif sample.family == "text":
        thing = kind
        forms = ["What is written in {c}?", "Read the {c} text.", "What does the {c} text say?", "What color is the {k}?", "Where is the {k}?"]
    elif sample.family == "charts":
        thing = kind
        forms = ["What is the value of the {c} bar?", "How high is the {c} bar?", "Which value does the {c} bar show?", "What color is the {k}?"]
    else:
        thing = rng.choice([kind, pair])
        forms = ["Which way does the {t} move?", "In which direction does the {t} go?", "What color is the {k}?", "Where does the {t} move to?"]
    return (rng.choice(forms).format(k=kind, c=color, t=thing), UNKNOWN, "absent", [])


def exist(rng, sample, there):
    """Whether a thing is there, yes or no, in the forms of object-hallucination benchmarks."""
    items = sample.items
    kind, color, pair = missing(rng, items)
    i = rng.randrange(len(items))
    if sample.family == "charts" and items[0].kind == "bar":
        thing = f"{items[i].color if there else color} bar"
    elif sample.family in ("shapes", "clips"):
        thing = rng.choice([items[i].name, items[i].name, items[i].kind] if there else [pair, pair, kind])
    else:  # writing and lines are no things to ask for
        there, thing = False, kind
    return (rng.choice(EXIST).format(a=scenes.article(thing)), "yes" if there else "no", "exist", [i] if there else [])


def follow(rng, sample, entry):
    """A question about the thing of the question before, called "it"; None where that is no single thing."""
    _, _, kind, idx = entry
    if sample.family != "shapes" or len(idx) != 1 or kind not in ("kind", "color", "position", "size"):
        return None
    w, h = sample.frames[0].size
    item = sample.items[idx[0]]
    options = [("What color is it?", item.color, "color"), ("What shape is it?", item.kind, "kind"), ("Is it small or large?", item.size, "size")]
    if scenes.clear_place(item, w, h):
        options.append(("Where is it?", scenes.place(item, w, h), "position"))
    question, answer, kind = rng.choice([o for o in options if o[2] != kind])
    return (question, answer, kind, idx)


def ended(rng, question, answer):
    return question + rng.choice(YES_NO if answer in ("yes", "no") and rng.random() < 0.6 else ENDINGS)


def talk(rng, sample, most=4):
    """Two to `most` turns about the sample's pictures, as entries of its questions; a quarter ask for short answers."""
    asked = list(sample.qa)
    rng.shuffle(asked)
    turns, ask_short = [], rng.random() < 0.25
    for _ in range(min(most, rng.choice([2, 3, 3, 4, 4, 4]))):
        roll = rng.random()
        entry = None
        if sample.family != "easy-vqa" and sample.items and not full(sample.items) and roll < 0.2:
            entry = absent(rng, sample) if roll < 0.13 else exist(rng, sample, rng.random() < 0.55)
        elif turns and roll < 0.35:
            entry = follow(rng, sample, turns[-1])
        if entry is None:
            if not asked:
                break
            entry = asked.pop()
        turns.append(entry)
    return [(ended(rng, q, a) if ask_short else q, a, kind, idx) for q, a, kind, idx in turns]
