"""Checkpoint -> package in the Hugging Face layout: configuration files, three graphs, their `_quantized` variants.

    python export.py runs/a/last.pt [--package package]
    python export.py runs/f/last.pt --small checkpoint-fp16.pt         # no package

Writes checkpoint-fp16.pt too, or with --small that file alone: the weights from which train.py --resume continues, small enough to
commit.

The graphs have the inputs, outputs, axes and node names of the exports on the Hugging Face hub.
"""

import argparse
import json
import pathlib
import tempfile
import warnings

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import nn

import tokens
from model import Config, TinyVlm, rotate

OPSET = 17
NOTICE = (
    "This is a demonstration model: it knows drawn shapes, printed words, simple charts and short clips of shapes. "
    "For photographs or documents use another model, such as --model HuggingFaceTB/SmolVLM-256M-Instruct --variant q8."
)


class Tower(nn.Module):
    """pixel_values [B, T, 3, S, S] -> image_features [B * T, N, D] and cls_attentions [B * T, layers, heads, N].

    cls_attentions is the softmax over CLS and patches of the CLS query, without its CLS entry: an output beyond those of
    common exports, so that methods that read it need no change of the graph.
    """

    def __init__(self, vision):
        super().__init__()
        self.vision_model = vision

    def forward(self, pixel_values):
        features, _, cls = self.vision_model(pixel_values.flatten(0, 1))
        return features, cls[..., 1:]


class Attention(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.c = layer.c
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = layer.q_proj, layer.k_proj, layer.v_proj, layer.o_proj

    def forward(self, x, bias, cos, sin, past_key, past_value):
        c = self.c
        b, s, _ = x.shape
        q = self.q_proj(x).view(b, s, c.heads, c.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(b, s, c.kv_heads, c.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(b, s, c.kv_heads, c.head_dim).transpose(1, 2)
        key = torch.cat([past_key, rotate(k, cos, sin)], 2)
        value = torch.cat([past_value, v], 2)
        groups = c.heads // c.kv_heads
        t = key.shape[2]
        many = lambda z: z[:, :, None].expand(b, c.kv_heads, groups, t, c.head_dim).reshape(b, c.heads, t, c.head_dim)  # noqa: E731
        weights = F.softmax(rotate(q, cos, sin) @ many(key).transpose(2, 3) * c.head_dim**-0.5 + bias, -1)
        return self.o_proj((weights @ many(value)).transpose(1, 2).reshape(b, s, c.heads * c.head_dim)), key, value


class Mlp(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.gate_proj, self.up_proj, self.down_proj = layer.gate_proj, layer.up_proj, layer.down_proj

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.input_layernorm, self.post_attention_layernorm = layer.input_layernorm, layer.post_attention_layernorm
        self.self_attn, self.mlp = Attention(layer), Mlp(layer)

    def forward(self, x, bias, cos, sin, past_key, past_value):
        a, key, value = self.self_attn(self.input_layernorm(x), bias, cos, sin, past_key, past_value)
        x = x + a
        return x + self.mlp(self.post_attention_layernorm(x)), key, value


class Model(nn.Module):
    def __init__(self, vlm):
        super().__init__()
        self.c = vlm.c
        self.layers = nn.ModuleList(Layer(x) for x in vlm.layers)
        self.norm = vlm.norm

    def forward(self, x, attention_mask, position_ids, past):
        c = self.c
        s, t = x.shape[1], attention_mask.shape[1]
        row = torch.arange(t - s, t)[:, None]
        allowed = (torch.arange(t)[None] <= row)[None, None] & (attention_mask[:, None, None] > 0)
        bias = torch.where(allowed, 0.0, torch.finfo(torch.float32).min)
        inv = 1.0 / c.rope_theta ** (torch.arange(0, c.head_dim, 2, dtype=torch.float32) / c.head_dim)
        angle = position_ids[..., None].float() * inv
        cos, sin = (torch.cat([f] * 2, -1)[:, None] for f in (angle.cos(), angle.sin()))
        present = []
        for i, layer in enumerate(self.layers):
            x, k, v = layer(x, bias, cos, sin, past[2 * i], past[2 * i + 1])
            present += [k, v]
        return self.norm(x), present


class Decoder(nn.Module):
    """The decoder with its cache: what decoder_model_merged.onnx computes."""

    def __init__(self, vlm):
        super().__init__()
        self.model = Model(vlm)
        self.lm_head = nn.Linear(vlm.c.hidden, vlm.c.vocab, bias=False)
        self.lm_head.weight = vlm.embed.weight

    def forward(self, inputs_embeds, attention_mask, position_ids, num_logits_to_keep, *past):
        x, present = self.model(inputs_embeds, attention_mask, position_ids, past)
        return self.lm_head(x[:, -num_logits_to_keep:]), *present


def load(path):
    state = torch.load(path, map_location="cpu")
    weights = state.get("average", state.get("model", state))
    vlm = TinyVlm(Config())
    vlm.load_state_dict({k: v.float() for k, v in weights.items()})
    return vlm.eval()


def to_onnx(module, inputs, path, names, outputs, axes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, inputs, str(path), input_names=names, output_names=outputs, dynamic_axes=axes, opset_version=OPSET, dynamo=False)  # fmt: skip
    graph = onnx.load(path)
    graph.producer_name, graph.producer_version = "squint-tiny-vlm", "1"
    for node in graph.graph.node:
        node.doc_string = ""
    onnx.save(graph, path)


def graphs(vlm, folder):
    c = vlm.c
    folder.mkdir(parents=True, exist_ok=True)
    to_onnx(Tower(vlm.vision), (torch.rand(2, 3, 3, c.tile, c.tile),), folder / "vision_encoder.onnx", ["pixel_values"], ["image_features", "cls_attentions"],
            {"pixel_values": {0: "batch_size", 1: "num_images"}, "image_features": {0: "num_tiles"}, "cls_attentions": {0: "num_tiles"}})  # fmt: skip
    to_onnx(vlm.embed, (torch.zeros(2, 5, dtype=torch.long),), folder / "embed_tokens.onnx", ["input_ids"], ["inputs_embeds"],
            {"input_ids": {0: "batch_size", 1: "sequence_length"}, "inputs_embeds": {0: "batch_size", 1: "sequence_length"}})  # fmt: skip
    decoder_graph(vlm, folder / "decoder_model_merged.onnx")


def decoder_graph(vlm, path):
    c = vlm.c
    # Unequal lengths above one, so that tracing bakes in no size.
    past = [torch.rand(2, c.kv_heads, 3, c.head_dim) for _ in range(2 * c.layers)]
    names = ["inputs_embeds", "attention_mask", "position_ids", "num_logits_to_keep"]
    caches = [f"{i}.{kv}" for i in range(c.layers) for kv in ("key", "value")]
    axes = {"inputs_embeds": {0: "batch_size", 1: "sequence_length"}, "attention_mask": {0: "batch_size", 1: "total_sequence_length"},
            "position_ids": {0: "batch_size", 1: "sequence_length"}, "logits": {0: "batch_size", 1: "num_logits_to_keep"}}  # fmt: skip
    axes |= {f"past_key_values.{n}": {0: "batch_size", 2: "past_sequence_length"} for n in caches}
    axes |= {f"present.{n}": {0: "batch_size", 2: "total_sequence_length"} for n in caches}
    example = (torch.rand(2, 5, c.hidden), torch.ones(2, 8, dtype=torch.long), torch.arange(3, 8).expand(2, 5), torch.tensor(2), *past)
    to_onnx(Decoder(vlm), example, path, names + [f"past_key_values.{n}" for n in caches],
            ["logits"] + [f"present.{n}" for n in caches], axes)  # fmt: skip


def quantize(folder):
    from onnxruntime.quantization import QuantType, quantize_dynamic

    for name in ("vision_encoder", "embed_tokens", "decoder_model_merged"):
        with tempfile.TemporaryDirectory() as tmp:
            quantize_dynamic(folder / f"{name}.onnx", pathlib.Path(tmp) / "q.onnx", weight_type=QuantType.QUInt8, per_channel=False,
                             op_types_to_quantize=["MatMul", "Gather"] if name == "embed_tokens" else ["MatMul"])  # fmt: skip
            (folder / f"{name}_quantized.onnx").write_bytes((pathlib.Path(tmp) / "q.onnx").read_bytes())


TEMPLATE = (
    "{% for message in messages %}{% if message['role'] == 'assistant' %}{{ '<|assistant|>' }}{% else %}{{ '<|user|>' }}{% endif %}"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    # Pictures first, as in training, wherever a client puts them.
    "{% for line in message['content'] %}{% if line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}"
    "{% for line in message['content'] %}{% if line['type'] == 'text' %}{{ line['text'] }}{% endif %}{% endfor %}"
    "{% endif %}<end_of_utterance>{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def configuration(c, folder):
    stop, image = tokens.id_of("<end_of_utterance>"), tokens.id_of("<image>")
    end = tokens.id_of("<|endoftext|>")

    def write(name, content):
        (folder / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")

    write("config.json", {
        "architectures": ["Idefics3ForConditionalGeneration"], "model_type": "idefics3", "image_token_id": image, "scale_factor": 1,
        "tie_word_embeddings": True, "torch_dtype": "float32", "vocab_size": c.vocab, "eos_token_id": stop, "pad_token_id": end,
        "text_config": {
            "model_type": "llama", "hidden_size": c.hidden, "intermediate_size": c.mlp, "num_hidden_layers": c.layers,
            "num_attention_heads": c.heads, "num_key_value_heads": c.kv_heads, "head_dim": c.head_dim, "hidden_act": "silu",
            "rms_norm_eps": 1e-5, "rope_theta": c.rope_theta, "max_position_embeddings": 4096, "vocab_size": c.vocab,
            "eos_token_id": stop, "pad_token_id": end,
        },
        "vision_config": {
            "model_type": "squint_vit", "hidden_size": c.hidden, "intermediate_size": c.vision_mlp, "num_hidden_layers": c.vision_layers,
            "num_attention_heads": c.heads, "image_size": c.tile, "patch_size": c.patch, "hidden_act": "gelu", "layer_norm_eps": 1e-5,
        },
    })  # fmt: skip
    write("preprocessor_config.json", {
        "image_processor_type": "Idefics3ImageProcessor", "processor_class": "Idefics3Processor", "do_convert_rgb": True,
        "do_resize": True, "size": {"longest_edge": 2 * c.tile}, "resample": 1, "do_image_splitting": True,
        "max_image_size": {"longest_edge": c.tile}, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
        "image_mean": [0.5] * 3, "image_std": [0.5] * 3, "do_pad": True, "native_size_cap": True,
    })  # fmt: skip
    write("processor_config.json", {"processor_class": "Idefics3Processor", "image_seq_len": c.tokens})
    write("video_preprocessor_config.json", {"do_sample_frames": True, "num_frames": 4})
    write("generation_config.json", {"eos_token_id": [stop], "pad_token_id": end, "do_sample": False})
    added = {str(tokens.id_of(s)): {"content": s, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
             for s in tokens.SPECIAL}  # fmt: skip
    write("tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast", "processor_class": "Idefics3Processor", "added_tokens_decoder": added,
        "add_prefix_space": False, "clean_up_tokenization_spaces": False, "eos_token": "<end_of_utterance>", "pad_token": "<|endoftext|>",
        "unk_token": "<|endoftext|>", "image_token": "<image>", "model_max_length": 4096,
        "extra_special_tokens": {"image_token": "<image>", "fake_image_token": "<fake_token_around_image>", "global_image_token": "<global-img>",
                                 "end_of_utterance_token": "<end_of_utterance>"},
    })  # fmt: skip
    (folder / "chat_template.jinja").write_text(TEMPLATE + "\n")
    write_squint_json(folder, notice=NOTICE)


def write_squint_json(folder, **entries):
    """Sets entries of squint.json and leaves the others as they are."""
    file = folder / "squint.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    known |= entries
    order = sorted(known, key=["notice", "noticeUrl", "domain", "trained"].index)
    file.write_text(json.dumps({name: known[name] for name in order}, indent=2) + "\n")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("checkpoint")
    p.add_argument("--package", default=str(pathlib.Path(__file__).parent / "package"))
    p.add_argument("--small", type=pathlib.Path, help="write these weights alone")
    args = p.parse_args()
    if args.small:
        write_small(args.checkpoint, args.small)
        return
    folder = pathlib.Path(args.package)
    vlm = load(args.checkpoint)
    graphs(vlm, folder / "onnx")
    quantize(folder / "onnx")
    configuration(vlm.c, folder)
    if folder.resolve() != (pathlib.Path(__file__).parent / "package").resolve():
        (folder / "tokenizer.json").write_bytes((pathlib.Path(__file__).parent / "package" / "tokenizer.json").read_bytes())
    check(vlm, folder / "onnx")
    if "heads" in torch.load(args.checkpoint, map_location="cpu"):
        write_small(args.checkpoint, folder.parent / "checkpoint-fp16.pt")


def write_small(checkpoint, path):
    """The average of the weights and the dense heads of a training's checkpoint, in half precision."""
    state = torch.load(checkpoint, map_location="cpu")
    torch.save({part: {k: v.half() for k, v in state[name].items()} for part, name in (("model", "average"), ("heads", "heads"))}, path)


def check(vlm, folder):
    """The graphs against PyTorch: prefill in one piece, cached decoding, and another batch size."""
    import onnxruntime as ort

    c = vlm.c
    run = lambda name, feed: ort.InferenceSession(str(folder / name), providers=["CPUExecutionProvider"]).run(None, feed)  # noqa: E731
    torch.manual_seed(3)
    pixels = torch.rand(1, 5, 3, c.tile, c.tile) * 2 - 1
    with torch.no_grad():
        worst = [np.abs(run("vision_encoder.onnx", {"pixel_values": pixels.numpy()})[0] - vlm.vision(pixels[0])[0].numpy()).max()]
        decoder = Decoder(vlm)
        x = torch.randn(1, 40, c.hidden) * 0.5
        empty = [torch.zeros(1, c.kv_heads, 0, c.head_dim) for _ in range(2 * c.layers)]
        want = decoder(x, torch.ones(1, 40, dtype=torch.long), torch.arange(40)[None], torch.tensor(40), *empty)[0]
        names = [f"past_key_values.{i}.{kv}" for i in range(c.layers) for kv in ("key", "value")]

        def step(x, past, start):
            s = x.shape[1]
            feed = {"inputs_embeds": x.numpy(), "attention_mask": np.ones((1, start + s), np.int64), "position_ids": np.arange(start, start + s)[None],
                    "num_logits_to_keep": np.array(1)} | dict(zip(names, past))  # fmt: skip
            return run("decoder_model_merged.onnx", feed)

        first = step(x[:, :30], [e.numpy() for e in empty], 0)
        second = step(x[:, 30:31], first[1:], 30)
        worst += [np.abs(first[0][:, -1] - want[:, 29].numpy()).max(), np.abs(second[0][:, -1] - want[:, 30].numpy()).max()]
    print(json.dumps({"largest difference to PyTorch": [float(w) for w in worst]}))
    sizes = {p.name: p.stat().st_size for p in sorted(folder.iterdir())}
    print(json.dumps(sizes | {"total": sum(sizes.values())}))
    if max(worst) > 1e-3:
        raise SystemExit("the graphs differ from PyTorch")


if __name__ == "__main__":
    main()
