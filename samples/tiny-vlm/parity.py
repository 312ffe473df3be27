"""Records what PyTorch computes for two pictures: test/expected.json of the package, against which the Java code is tested.

    python parity.py runs/a/last.pt
"""

import argparse
import json
import pathlib

import numpy as np
import torch
from jinja2 import Environment
from PIL import Image

import batches
import export
import tokens

HERE = pathlib.Path(__file__).parent
CASES = [
    ("shapes.png", "How many shapes are there?"),
    ("shapes-large.png", "Which shape is green?"),
    ("text.png", "What is written here?"),
]


def samples(array, count, rng):
    flat = array.flatten()
    at = sorted(rng.choice(flat.size, min(count, flat.size), replace=False).tolist())
    return [[i, float(flat[i])] for i in at]


def summary(array, count, rng):
    return {"shape": list(array.shape), "sum": float(array.astype(np.float64).sum()), "abs_sum": float(np.abs(array.astype(np.float64)).sum()),
            "samples": samples(array, count, rng)}  # fmt: skip


@torch.no_grad()
def greedy(decoder, embed, x, steps):
    """Greedy tokens from prompt embeddings [1, S, D], the whole sequence computed again at each step: no cache to get wrong."""
    c = decoder.model.c
    empty = [torch.zeros(1, c.kv_heads, 0, c.head_dim) for _ in range(2 * c.layers)]
    out, rows = [], []
    for _ in range(steps):
        s = x.shape[1]
        logits = decoder(x, torch.ones(1, s, dtype=torch.long), torch.arange(s)[None], torch.tensor(1), *empty)[0][0, -1]
        rows.append(logits)
        out.append(int(logits.argmax()))
        x = torch.cat([x, embed(torch.tensor([[out[-1]]]))], 1)
    return out, rows


def case(vlm, picture, question, rng):
    c = vlm.c
    image = Image.open(HERE.parent / "pictures" / picture).convert("RGB")
    cut, rows, cols = batches.tiles(image)
    pixels = np.stack([np.asarray(t) for t in cut]).astype(np.float32).transpose(0, 3, 1, 2) / 255 * 2 - 1
    messages = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question}]}]
    template = Environment(trim_blocks=True, lstrip_blocks=True).from_string((HERE / "package" / "chat_template.jinja").read_text())
    prompt = template.render(messages=messages, add_generation_prompt=True)
    ids = list(tokens.prefix(1, rows, cols, c.tokens)) + tokens.encode(question) + [tokens.id_of("<end_of_utterance>"), tokens.id_of("<|assistant|>")]
    at = [i for i, t in enumerate(ids) if t == tokens.id_of("<image>")]
    with torch.no_grad():
        features = vlm.vision(torch.from_numpy(pixels))[0]
        x = vlm.embed(torch.tensor([ids])).clone()
        x[0, at] = features.reshape(-1, c.hidden)
        out, logits = greedy(export.Decoder(vlm), vlm.embed, x, 16)
    first = logits[0].numpy()
    best = first.argsort()[::-1][:10]
    stop = out.index(tokens.id_of("<end_of_utterance>")) if tokens.id_of("<end_of_utterance>") in out else len(out)
    return {
        "picture": f"../../pictures/{picture}", "question": question, "messages": messages, "prompt_text_from_template": prompt, "input_ids": ids,
        "prompt_length": len(ids), "position_ids": [list(range(len(ids)))], "next_position_id": [len(ids)], "visual_tokens": len(at),
        "visual_token_indices": at, "tiles": len(cut), "pixel_values": summary(pixels[None], 64, rng),
        "image_features": summary(features.numpy(), 32, rng),
        "first_step_logits": {"vocab": c.vocab, "top10": [[int(i), float(first[i])] for i in best], "sampled": samples(first, 32, rng)},
        "greedy_tokens": out, "greedy_text": tokens.load().decode(out), "answer": tokens.load().decode(out[:stop]).strip(),
        "greedy_step_margins": [float(r.topk(2).values[0] - r.topk(2).values[1]) for r in logits],
    }  # fmt: skip


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("checkpoint")
    args = p.parse_args()
    vlm = export.load(args.checkpoint)
    rng = np.random.default_rng(11)
    out = {
        "format": 1, "family": "idefics3", "model_type": "idefics3",
        "definitions": {
            "reference": "the PyTorch model of this recipe, fp32, CPU, without cache; the ONNX graphs are not used for any value",
            "samples": "[flat index in C order, value]", "picture": "relative to the package folder",
        },
        "image_token_id": tokens.id_of("<image>"), "cases": [case(vlm, f, q, rng) for f, q in CASES],
    }  # fmt: skip
    (HERE / "package" / "test").mkdir(exist_ok=True)
    (HERE / "package" / "test" / "expected.json").write_text(json.dumps(out, indent=1) + "\n")
    for x in out["cases"]:
        print(x["picture"], "|", x["question"], "|", x["answer"], "| smallest margin", round(min(x["greedy_step_margins"]), 3))


if __name__ == "__main__":
    main()
