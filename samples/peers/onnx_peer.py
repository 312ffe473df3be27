"""ONNX Runtime in Python, on the graphs that Squint runs: `python onnx_peer.py PACKAGE FORM THREADS`.

The cache stays in ONNX Runtime's values: what a step returns is what the next one takes.
"""

import sys

import numpy as np

import peer

SUFFIX = {"fp32": "", "q8": "_quantized", "q4": "_q4"}
HEADS, SIZE = 3, 64


class Onnx:

    def __init__(self, package, form, threads):
        import onnxruntime
        from PIL import Image
        from transformers import AutoTokenizer, Idefics3ImageProcessorPil, Idefics3Processor

        self.runtime, self.open = onnxruntime, Image.open
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = lambda name, of: onnxruntime.InferenceSession(
            f"{package}/onnx/{name}{SUFFIX[of]}.onnx", options, providers=["CPUExecutionProvider"])
        self.embed, self.decoder = session("embed_tokens", form), session("decoder_model_merged", form)
        self.vision = session("vision_encoder", "q8" if form == "q4" else form)
        self.cached = [one.name for one in self.decoder.get_inputs() if one.name.startswith("past_key_values")]
        self.outputs = ["logits"] + [name.replace("past_key_values", "present") for name in self.cached]
        tokenizer = AutoTokenizer.from_pretrained(package)
        self.processor = Idefics3Processor(
            Idefics3ImageProcessorPil.from_pretrained(package), tokenizer, image_seq_len=64)
        self.picture_token = tokenizer.convert_tokens_to_ids("<image>")

    def value(self, array):
        return self.runtime.OrtValue.ortvalue_from_numpy(array)

    def embedded(self, tokens):
        return self.embed.run(None, {"input_ids": np.array([tokens], np.int64)})[0]

    def run(self, embeddings, fresh=False):
        if fresh:
            empty = self.value(np.zeros((1, HEADS, 0, SIZE), np.float32))
            self.cache, self.length = [empty] * len(self.cached), 0
        count = embeddings.shape[1]
        total = self.length + count
        given = dict(zip(self.cached, self.cache)) | {
            "inputs_embeds": self.value(embeddings),
            "attention_mask": self.value(np.ones((1, total), np.int64)),
            "position_ids": self.value(np.arange(self.length, total, dtype=np.int64)[None]),
            "num_logits_to_keep": self.value(np.array(1, np.int64)),
        }
        logits, *self.cache = self.decoder.run_with_ort_values(self.outputs, given)
        self.length = total
        return logits.numpy()[0, -1]

    def step(self, token):
        return int(self.run(self.embedded([token])).argmax())

    def measure(self, tokens, steps):
        prefill, token = peer.timed(lambda: int(self.run(self.embedded(peer.ids(tokens)), True).argmax()))
        return {"prefill": prefill, "decode": peer.steps(self.step, token, steps)}

    def of_ids(self, tokens):
        logits = self.run(self.embedded(peer.ids(tokens)), True)
        return {"logits": logits[:64].tolist(), "token": int(logits.argmax())}

    def inputs(self, file, question):
        text = peer.prompt(question).format(picture="<image>")
        given = self.processor(text=text, images=[self.open(file).convert("RGB")], return_tensors="np")
        return given["input_ids"][0], given["pixel_values"]

    def features(self, pixels):
        return self.vision.run(None, {"pixel_values": pixels.astype(np.float32, copy=False)})[0]

    def answer(self, file, question=peer.QUESTION):
        start = peer.now()
        tokens, pixels = self.inputs(file, question)
        encode, features = peer.timed(lambda: self.features(pixels))
        embeddings = self.embedded(tokens)
        embeddings[0, tokens == self.picture_token] = features.reshape(-1, features.shape[-1])
        token = int(self.run(embeddings, True).argmax())
        return {"first": peer.now() - start, "encode": encode, "tiles": pixels.shape[1], "tokens": len(tokens),
                "token": token}

    def one_tile(self, file):
        pixels = self.inputs(file, peer.QUESTION)[1][:, :1]
        millis, features = peer.timed(lambda: self.features(pixels))
        return {"encode": millis, "features": features.flatten()[:64].tolist()}

    def about(self):
        return {"about": f"ONNX Runtime {self.runtime.__version__} in Python"}


def main(package, form, threads):
    models = []
    peer.serve(
        lambda: models.append(Onnx(package, form, int(threads))),
        {
            "measure": lambda tokens, steps, plan=None: models[0].measure(tokens, steps),
            "ids": lambda tokens: models[0].of_ids(tokens),
            "picture": lambda file, plan=None: models[0].answer(file),
            "again": lambda file, plan=None: models[0].answer(file, peer.SECOND),
            "tile": lambda file: models[0].one_tile(file),
            "about": lambda: models[0].about(),
        })


if __name__ == "__main__":
    main(*sys.argv[1:])
