"""transformers on PyTorch: `python torch_peer.py MADE FORM THREADS`; FORM is fp32 or q8 (dynamic 8 bits)."""

import sys

import peer


class Transformers:

    def __init__(self, made, form, threads):
        import torch
        from PIL import Image
        from transformers import AutoTokenizer, Idefics3ForConditionalGeneration, Idefics3ImageProcessorPil
        from transformers import Idefics3Processor

        self.torch, self.open = torch, Image.open
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        folder = f"{made}/transformers"
        self.model = Idefics3ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
        if form == "q8":
            self.model = torch.ao.quantization.quantize_dynamic(self.model, {torch.nn.Linear}, dtype=torch.qint8)
        tokenizer = AutoTokenizer.from_pretrained(folder)
        self.processor = Idefics3Processor(Idefics3ImageProcessorPil.from_pretrained(folder), tokenizer, image_seq_len=64)
        self.encode = {}
        inner = self.model.model
        inner.vision_model.register_forward_pre_hook(lambda *_: self.encode.update(start=peer.now()))
        inner.connector.register_forward_hook(lambda *_: self.encode.update(end=peer.now()))

    def forward(self, **given):
        return self.model(**given, use_cache=True, logits_to_keep=1)

    def run(self, tokens, cache=None):
        out = self.forward(input_ids=self.torch.tensor([tokens]), past_key_values=cache)
        self.cache = out.past_key_values
        return out.logits[0, -1]

    def step(self, token):
        return int(self.run([token], self.cache).argmax())

    def measure(self, tokens, steps):
        prefill, token = peer.timed(lambda: int(self.run(peer.ids(tokens)).argmax()))
        return {"prefill": prefill, "decode": peer.steps(self.step, token, steps)}

    def of_ids(self, tokens):
        logits = self.run(peer.ids(tokens))
        return {"logits": logits[:64].tolist(), "token": int(logits.argmax())}

    def inputs(self, file, question):
        text = peer.prompt(question).format(picture="<image>")
        return self.processor(text=text, images=[self.open(file).convert("RGB")], return_tensors="pt")

    def answer(self, file, question=peer.QUESTION):
        start = peer.now()
        given = self.inputs(file, question)
        token = int(self.forward(**given).logits[0, -1].argmax())
        return {"first": peer.now() - start, "encode": self.encode["end"] - self.encode["start"],
                "tiles": given["pixel_values"].shape[1], "tokens": given["input_ids"].shape[1], "token": token}

    def one_tile(self, file):
        given = self.inputs(file, peer.QUESTION)
        inner = self.model.model
        pixels = given["pixel_values"][0, :1]
        encode = lambda: inner.connector(inner.vision_model(pixel_values=pixels).last_hidden_state)
        millis, features = peer.timed(encode)
        return {"encode": millis, "features": features.flatten()[:64].tolist()}

    def about(self):
        import transformers

        return {"about": f"PyTorch {self.torch.__version__}, transformers {transformers.__version__}, "
                         f"{self.torch.backends.cpu.get_cpu_capability()}"}


def main(made, form, threads):
    models = []
    peer.serve(
        lambda: models.append(Transformers(made, form, int(threads))),
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
