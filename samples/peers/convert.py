"""Converts the random weights of `arch:smolvlm-256m` for the peers, so that all run one and the same model.

    python convert.py PACKAGE OUT

PACKAGE is the folder that Squint wrote. OUT gets GGUF files for llama.cpp (text model and vision part) and a folder
for transformers. ONNX Runtime takes the graphs of PACKAGE as they are.
"""

import json
import shutil
import sys
from pathlib import Path

import gguf
import numpy as np
import onnx
from onnx import numpy_helper
from safetensors.numpy import save_file

CONTROL, NORMAL = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
Q8, Q4, F32 = (gguf.GGMLQuantizationType[name] for name in ("Q8_0", "Q4_0", "F32"))


def initializers(graph, *kinds):
    """Yields the weights that the nodes of these kinds read, in the graph's order; [in, out] for products."""
    model = onnx.load(graph)
    values = {one.name: one for one in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type in kinds:
            found = [numpy_helper.to_array(values[name]) for name in node.input if name in values]
            if found:
                yield node.op_type, found


def text_weights(package, text):
    """Weights of the text model under the names of transformers."""
    heads, groups, size = text["num_attention_heads"], text["num_key_value_heads"], text["head_dim"]
    hidden = text["hidden_size"]
    products = [found[0].T for _, found in initializers(package / "onnx/decoder_model_merged.onnx", "MatMul")]
    weights = {"model.text_model.embed_tokens.weight":
               next(found[0] for _, found in initializers(package / "onnx/embed_tokens.onnx", "Gather"))}
    for layer in range(text["num_hidden_layers"]):
        packed, output, gate, up, down = products[5 * layer:5 * layer + 5]
        queries, keys, values = np.split(packed, [heads * size, (heads + groups) * size])
        name = f"model.text_model.layers.{layer}."
        weights |= {
            name + "self_attn.q_proj.weight": queries,
            name + "self_attn.k_proj.weight": keys,
            name + "self_attn.v_proj.weight": values,
            name + "self_attn.o_proj.weight": output,
            name + "mlp.gate_proj.weight": gate,
            name + "mlp.up_proj.weight": up,
            name + "mlp.down_proj.weight": down,
            name + "input_layernorm.weight": np.ones(hidden, np.float32),
            name + "post_attention_layernorm.weight": np.ones(hidden, np.float32),
        }
    weights["model.text_model.norm.weight"] = np.ones(hidden, np.float32)
    weights["lm_head.weight"] = products[-1]
    assert len(products) == 5 * text["num_hidden_layers"] + 1
    return weights


def vision_weights(package, vision):
    """Weights of the encoder and its connector under the names of transformers."""
    kernel, table, norms, products, biases = None, None, [], [], []
    for kind, found in initializers(
            package / "onnx/vision_encoder.onnx", "Conv", "Add", "LayerNormalization", "MatMul"):
        if kind == "Conv":
            kernel = found
        elif kind == "LayerNormalization":
            norms.append(found)
        elif kind == "MatMul":
            products.append(found[0].T)
        elif found[0].ndim == 3:
            table = found[0][0]
        else:
            biases.append(found[0])
    root = "model.vision_model."
    weights = {
        root + "embeddings.patch_embedding.weight": kernel[0],
        root + "embeddings.patch_embedding.bias": kernel[1],
        root + "embeddings.position_embedding.weight": table,
        root + "post_layernorm.weight": norms[-1][0],
        root + "post_layernorm.bias": norms[-1][1],
        "model.connector.modality_projection.proj.weight": products[-1],
    }
    parts = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj", "mlp.fc1", "mlp.fc2"]
    for layer in range(vision["num_hidden_layers"]):
        name = f"{root}encoder.layers.{layer}."
        for i, part in enumerate(parts):
            weights[name + part + ".weight"] = products[6 * layer + i]
            weights[name + part + ".bias"] = biases[6 * layer + i]
        for i in (1, 2):
            weights[f"{name}layer_norm{i}.weight"], weights[f"{name}layer_norm{i}.bias"] = norms[2 * layer + i - 1]
    return weights


def halves_to_pairs(weights, heads):
    """Reorders rows from rotation by halves (transformers) to rotation by pairs (GGUF's `llama`)."""
    rows, columns = weights.shape
    return weights.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def add(writer, name, values, kind):
    values = np.ascontiguousarray(values, dtype=np.float32)
    if kind == F32 or values.ndim != 2:
        writer.add_tensor(name, values)
    else:
        writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)


def write_text(weights, package, text, kind, file):
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_name("smolvlm-256m-random-weights")
    writer.add_context_length(text["max_position_embeddings"])
    writer.add_embedding_length(text["hidden_size"])
    writer.add_block_count(text["num_hidden_layers"])
    writer.add_feed_forward_length(text["intermediate_size"])
    writer.add_head_count(text["num_attention_heads"])
    writer.add_head_count_kv(text["num_key_value_heads"])
    writer.add_rope_dimension_count(text["head_dim"])
    writer.add_rope_freq_base(text["rope_theta"])
    writer.add_layer_norm_rms_eps(text["rms_norm_eps"])
    writer.add_vocab_size(text["vocab_size"])
    tokenizer = json.loads((package / "tokenizer.json").read_text())
    special = {one["id"] for one in tokenizer["added_tokens"]}
    words = sorted(tokenizer["model"]["vocab"].items(), key=lambda item: item[1])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([word for word, _ in words])
    writer.add_token_types([CONTROL if number in special else NORMAL for _, number in words])
    writer.add_token_merges(["\u0100 \u0100"])  # a list must not be empty; no text has two bytes of zero
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(text["vocab_size"] - 1)
    writer.add_add_bos_token(False)
    writer.add_chat_template((package / "chat_template.jinja").read_text())
    names = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
             "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
             "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
    heads = {"attn_q": text["num_attention_heads"], "attn_k": text["num_key_value_heads"]}
    for name, values in weights.items():
        parts = name.removesuffix(".weight").split(".")
        if "layers" in parts:
            own = names[".".join(parts[4:])]
            values = halves_to_pairs(values, heads[own]) if own in heads else values
            add(writer, f"blk.{parts[3]}.{own}.weight", values, kind)
        else:
            add(writer, {"embed_tokens": "token_embd", "norm": "output_norm", "lm_head": "output"}[parts[-1]]
                + ".weight", values, kind)
    finish(writer)


def write_vision(weights, config, longest, kind, file):
    vision = config["vision_config"]
    writer = gguf.GGUFWriter(file, "clip")
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_string("clip.projector_type", "idefics3")
    writer.add_bool("clip.use_gelu", True)
    for key, value in {
        "image_size": vision["image_size"], "patch_size": vision["patch_size"],
        "embedding_length": vision["hidden_size"], "feed_forward_length": vision["intermediate_size"],
        "block_count": vision["num_hidden_layers"], "attention.head_count": vision["num_attention_heads"],
        "projection_dim": config["text_config"]["hidden_size"], "projector.scale_factor": config["scale_factor"],
        "preproc_image_size": longest,
    }.items():
        writer.add_uint32("clip.vision." + key, value)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-6)
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])
    names = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
             "self_attn.out_proj": "attn_out", "mlp.fc1": "ffn_up", "mlp.fc2": "ffn_down", "layer_norm1": "ln1",
             "layer_norm2": "ln2"}
    whole = {"patch_embedding.weight": "v.patch_embd.weight", "patch_embedding.bias": "v.patch_embd.bias",
             "position_embedding.weight": "v.position_embd.weight", "post_layernorm.weight": "v.post_ln.weight",
             "post_layernorm.bias": "v.post_ln.bias", "proj.weight": "mm.model.fc.weight"}
    for name, values in weights.items():
        parts = name.split(".")
        if "layers" in parts:
            add(writer, f"v.blk.{parts[4]}.{names['.'.join(parts[5:-1])]}.{parts[-1]}", values, kind)
        else:
            own = whole[".".join(parts[-2:])]
            add(writer, own, values, F32 if "embd" in own else kind)
    finish(writer)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main(package, out):
    config = json.loads((package / "config.json").read_text())
    longest = json.loads((package / "preprocessor_config.json").read_text())["size"]["longest_edge"]
    text, vision = text_weights(package, config["text_config"]), vision_weights(package, config["vision_config"])
    out.mkdir(parents=True, exist_ok=True)
    for form, kind in {"fp32": F32, "q8": Q8, "q4": Q4}.items():
        write_text(text, package, config["text_config"], kind, out / f"text-{form}.gguf")
    for form, kind in {"fp32": F32, "q8": Q8}.items():
        write_vision(vision, config, longest, kind, out / f"vision-{form}.gguf")
    folder = out / "transformers"
    folder.mkdir(exist_ok=True)
    for file in package.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    config["vision_config"]["hidden_act"] = "gelu_pytorch_tanh"
    config["dtype"] = "float32"
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    save_file({name: np.ascontiguousarray(values) for name, values in (text | vision).items()},
              folder / "model.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
