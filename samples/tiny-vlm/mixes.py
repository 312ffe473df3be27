"""What the batches of a training hold: kinds of pictures, how they are asked about, what is dropped; one mix for each edition."""

from dataclasses import dataclass, field

from batches import TOKENS, Form

# Shares of kinds while only the encoder learns: what it finds hardest most often.
DENSE = {"shapes": 0.25, "easy": 0.02, "text": 0.5, "charts": 0.18, "clips": 0.05}
# Most turns of a conversation fill this length; of long ones the last are left out.
TALKS = Form(talks=True, pairs=6, length=48)


@dataclass(frozen=True)
class Mix:
    """Shares of kinds, how a batch of a kind is asked and dropped, and the validation checks: kind, form, later turns alone."""

    kinds: dict
    form: object
    checks: dict = field(default_factory=dict)

    def draw(self, rng, joint, most):
        """Kind and form of the next batch."""
        shares = self.kinds if joint else DENSE
        kind = rng.choices(list(shares), list(shares.values()))[0]
        return kind, self.form(rng, kind, most) if joint else Form(length=None, most=most)


def first(rng, kind, most):
    """The dropped variants are few, as every prompt length is compiled once."""
    keep = rng.choice([TOKENS, TOKENS, TOKENS, 72]) if kind in ("shapes", "text", "charts") else TOKENS
    return Form(keep=keep, most=most)


def second(rng, kind, most):
    """Half of the batches talk; of every kind but easy-VQA two fifths drop groups of patches before the encoder, some behind it."""
    drops = [(TOKENS, False)] * 5 + [(72, False)] + [(72, True)] * 3 + [(36, True)]
    keep, before = rng.choice(drops) if kind != "easy" else (TOKENS, False)
    whole = before and kind in ("wide", "large", "large-shapes", "large-text") and rng.random() < 0.6
    talks = kind != "easy" and rng.random() < 0.5
    asked = {"talks": True, "pairs": TALKS.pairs, "length": TALKS.length} if talks else {"pairs": None, "length": None}
    if not before and keep < TOKENS and kind not in ("shapes", "text", "charts", "drawn"):
        keep = TOKENS
    return Form(keep=keep, before=before, whole=whole, most=most, **asked)


def name(form):
    """What a batch's loss is logged as besides its kind, or None."""
    return "dropped" if form.before else "talks" if form.talks else None


SINGLE = {k: (k, Form(), False) for k in ("easy", "shapes", "text", "charts", "clips", "large")}
LATER = {
    "drawn": ("drawn", Form(), False),
    "large-shapes": ("large-shapes", Form(), False),
    "large-text": ("large-text", Form(), False),
    "talks-shapes": ("shapes", TALKS, False),
    "talks-shapes-later": ("shapes", TALKS, True),
    "talks-text-later": ("text", TALKS, True),
    "half-shapes": ("shapes", Form(keep=72, before=True), False),
    "half-text": ("text", Form(keep=72, before=True), False),
}
EDITIONS = {
    1: Mix({"shapes": 0.50, "easy": 0.02, "text": 0.20, "charts": 0.09, "clips": 0.12, "wide": 0.03, "large": 0.04}, first, SINGLE),
    2: Mix(
        {"shapes": 0.16, "easy": 0.02, "text": 0.11, "charts": 0.05, "drawn": 0.06, "clips": 0.14, "wide": 0.04,
         "large-shapes": 0.24, "large-text": 0.18},
        second, {k: v for k, v in SINGLE.items() if k != "large"} | LATER,
    ),
}  # fmt: skip
