"""The tokenizer (byte-level BPE in the Hugging Face format) and the layout of a prompt.

Words of questions and answers are mostly one token; capital words and digits are spelled, so that reading is spelling.
"""

import functools
import json
import pathlib
import random
import re

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

import easyvqa
import scenes

HERE = pathlib.Path(__file__).parent
SPECIAL = [
    "<|endoftext|>", "<|user|>", "<|assistant|>", "<end_of_utterance>", "<fake_token_around_image>", "<image>", "<global-img>",
    *[f"<row_{r}_col_{c}>" for r in (1, 2) for c in (1, 2)],
]  # fmt: skip
VOCABULARY = 768


def build():
    """Trains the tokenizer on the questions of the training sets."""
    lines = []
    for family in scenes.FAMILIES:
        for seed in range(2500):
            for q, a, kind, _ in scenes.make(family, seed).qa:
                # Spelled words stay out, so that no merge eats their letters.
                lines.append(re.sub(r"\b[A-Z]{2,}\b|\d", "", q))
                if a.islower():
                    lines.append(" " + a)
    lines += [" " + w for w in scenes.NUMBER_WORDS] * 20
    lines += [q for q, _, _ in easyvqa.questions("train")]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(SPECIAL), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=[], min_frequency=2
    )
    tokenizer.train_from_iterator(lines, trainer)
    tokenizer.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in SPECIAL])
    return tokenizer


@functools.lru_cache(None)
def load():
    path = HERE / "package" / "tokenizer.json"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        build().save(str(path))
    return Tokenizer.from_file(str(path))


@functools.lru_cache(200_000)
def encode(text):
    return load().encode(text, add_special_tokens=False).ids


def id_of(token):
    return load().token_to_id(token)


def word(text):
    """The one token of a word as it stands inside a sentence, or of a letter or digit."""
    ids = encode(text if len(text) == 1 else " " + text)
    if len(ids) != 1:
        raise ValueError(f"'{text}' is {len(ids)} tokens")
    return ids[0]


def answer_text(answer):
    """Words stand behind a space; spelled letters and digits do not."""
    return answer if answer.isupper() or answer[0].isdigit() else " " + answer


@functools.lru_cache(None)
def prefix(pictures, rows, cols, tokens, whole=None):
    """Ids up to the question, for `pictures` pictures each of rows x cols crops (0 x 0: the global view alone), as Idefics3 writes them.

    A crop has `tokens` visual tokens, the global view `whole` or as many.
    """
    image, fake = "<image>", "<fake_token_around_image>"
    one = ""
    for r in range(rows):
        one += "".join(f"{fake}<row_{r + 1}_col_{c + 1}>{image * tokens}" for c in range(cols)) + "\n"
    one += ("\n" if rows else "") + f"{fake}<global-img>{image * (whole or tokens)}{fake}"
    return tuple(load().encode("<|user|>" + one * pictures, add_special_tokens=False).ids)


def pair(question, answer):
    """Ids of question and answer, and at which places an answer token is predicted (the place before it)."""
    ids, targets = turns([(question, answer)])
    return ids, targets[0][0]


def turns(talk):
    """Ids of the (question, answer) turns behind a picture, and (place, id to predict there, turn) of the answers' tokens.

    Squint hands an answer back without the space in front of it, so earlier answers stand there without it; of these only the first
    token is to be predicted where the others differ.
    """
    user, stop, assistant = (id_of(t) for t in ("<|user|>", "<end_of_utterance>", "<|assistant|>"))
    ids, targets = [], []
    for number, (question, answer) in enumerate(talk):
        ids += ([user] if number else []) + encode(question) + [stop, assistant]
        said, spaced = encode(answer), encode(answer_text(answer))
        whole = said == spaced or number == len(talk) - 1
        at = len(ids) - 1
        targets += [(at + k, token, number) for k, token in enumerate(spaced + [stop] if whole else spaced[:1])]
        ids += (spaced if whole else said) + [stop]
    return ids, targets


if __name__ == "__main__":
    t = build()
    (HERE / "package").mkdir(exist_ok=True)
    t.save(str(HERE / "package" / "tokenizer.json"))
    lengths = [len(pair(q, a)[0]) for f in scenes.FAMILIES for s in range(300) for q, a, _, _ in scenes.make(f, s).qa]
    print(json.dumps({"vocabulary": t.get_vocab_size(), "longest pair": max(lengths), "mean": sum(lengths) / len(lengths)}))
    for w in scenes.KINDS + list(scenes.COLORS) + ["bar", "line", "A", "7"]:
        word(w)
