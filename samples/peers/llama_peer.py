"""llama.cpp through its C interface: `python llama_peer.py LIBRARIES MTMD MADE FORM THREADS [CONTEXT]`.

LIBRARIES is the folder of the compiled libraries, MTMD the library that llama/CMakeLists.txt builds, or `none`. The
structures below are those of release 0.5.0; `check` compares their defaults, so another release is noticed.
"""

import ctypes as c
import glob
import sys

import numpy as np

import peer

LINE_BREAK = 13  # any token of text
POINTER, INT, UINT, BOOL, FLOAT = c.c_void_p, c.c_int32, c.c_uint32, c.c_bool, c.c_float


def structure(name, **fields):
    return type(name, (c.Structure,), {"_fields_": list(fields.items())})


ModelParams = structure(
    "ModelParams", devices=POINTER, overrides=POINTER, n_gpu_layers=INT, split_mode=INT, load_mode=INT, lazy_mode=INT,
    main_gpu=INT, tensor_split=POINTER, progress=POINTER, progress_data=POINTER, kv_overrides=POINTER, vocab_only=BOOL,
    check_tensors=BOOL, use_extra_bufts=BOOL, no_host=BOOL, no_alloc=BOOL, load_mtp=BOOL)
ContextParams = structure(
    "ContextParams", n_ctx=UINT, n_batch=UINT, n_ubatch=UINT, n_seq_max=UINT, n_rs_seq=UINT, n_outputs_max=UINT,
    n_outputs_max_per_seq=UINT, n_threads=INT, n_threads_batch=INT, ctx_type=INT, rope_scaling=INT, pooling=INT,
    attention=INT, flash_attn=INT, rope_base=FLOAT, rope_scale=FLOAT, yarn_ext=FLOAT, yarn_attn=FLOAT, yarn_fast=FLOAT,
    yarn_slow=FLOAT, yarn_ctx=UINT, defrag=FLOAT, cb_eval=POINTER, cb_data=POINTER, type_k=INT, type_v=INT,
    abort=POINTER, abort_data=POINTER, embeddings=BOOL, offload_kqv=BOOL, no_perf=BOOL, op_offload=BOOL, swa_full=BOOL,
    kv_unified=BOOL, samplers=POINTER, n_samplers=c.c_size_t, other=POINTER)
Batch = structure("Batch", n_tokens=INT, token=POINTER, embd=POINTER, pos=POINTER, n_seq_id=POINTER, seq_id=POINTER,
                  logits=POINTER)
MtmdParams = structure(
    "MtmdParams", use_gpu=BOOL, device=POINTER, print_timings=BOOL, n_threads=INT, image_marker=c.c_char_p,
    media_marker=c.c_char_p, flash_attn=INT, warmup=BOOL, min_tokens=INT, max_tokens=INT, cb_eval=POINTER,
    cb_data=POINTER, batch_max_tokens=INT, progress=POINTER, progress_data=POINTER)
Text = structure("Text", text=c.c_char_p, length=c.c_size_t, add_special=BOOL, parse_special=BOOL)
PictureOptions = structure("PictureOptions", fps=FLOAT, folder=c.c_char_p, interval=c.c_int64)
Picture = structure("Picture", bitmap=POINTER, video=POINTER)


def function(library, name, result, *arguments):
    found = getattr(library, name)
    found.restype, found.argtypes = result, list(arguments)
    return found


class Llama:

    def __init__(self, libraries, mtmd, made, form, threads, context):
        load = lambda pattern: c.CDLL(glob.glob(f"{libraries}/{pattern}")[0], mode=c.RTLD_GLOBAL)
        load("libggml-base.so")
        ggml, self.llama = load("libggml.v*.so"), load("libllama.v*.so")
        quiet = c.CFUNCTYPE(None, INT, c.c_char_p, POINTER)(lambda *_: None)
        self.quiet = quiet
        self.call("llama_log_set", None, type(quiet), POINTER)(quiet, None)
        function(ggml, "ggml_backend_load_all_from_path", None, c.c_char_p)(str(libraries).encode())
        params = self.call("llama_model_default_params", ModelParams)()
        options = self.call("llama_context_default_params", ContextParams)()
        assert (params.use_extra_bufts, params.n_gpu_layers, options.n_ctx, options.n_batch, options.n_ubatch,
                options.type_k) == (True, -1, 512, 2048, 512, 1), "another release of llama.cpp"
        self.model = self.call("llama_model_load_from_file", POINTER, c.c_char_p, ModelParams)(
            f"{made}/text-{form}.gguf".encode(), params)
        options.n_ctx, options.n_threads, options.n_threads_batch = context, threads, threads
        self.context = self.call("llama_init_from_model", POINTER, POINTER, ContextParams)(self.model, options)
        self.memory = self.call("llama_get_memory", POINTER, POINTER)(self.context)
        self.clear = self.call("llama_memory_clear", None, POINTER, BOOL)
        self.cut = self.call("llama_memory_seq_rm", BOOL, POINTER, INT, INT, INT)
        self.one = self.call("llama_batch_get_one", Batch, c.POINTER(INT), INT)
        self.decode = self.call("llama_decode", INT, POINTER, Batch)
        self.last = self.call("llama_get_logits_ith", c.POINTER(FLOAT), POINTER, INT)
        vocabulary = self.call("llama_model_get_vocab", POINTER, POINTER)(self.model)
        self.words = self.call("llama_vocab_n_tokens", INT, POINTER)(vocabulary)
        self.batch = options.n_batch
        self.pictures = None
        if mtmd != "none":
            self.open_pictures(mtmd, f"{made}/vision-{'fp32' if form == 'fp32' else 'q8'}.gguf", threads)

    def call(self, name, result, *arguments):
        return function(self.llama, name, result, *arguments)

    def open_pictures(self, library, file, threads):
        mtmd = c.CDLL(library)
        function(mtmd, "mtmd_helper_log_set", None, type(self.quiet), POINTER)(self.quiet, None)
        params = function(mtmd, "mtmd_context_params_default", MtmdParams)()
        assert params.batch_max_tokens == 1024, "another release of libmtmd"
        params.n_threads, params.use_gpu, params.print_timings, params.warmup = threads, False, False, False
        self.pictures = function(mtmd, "mtmd_init_from_file", POINTER, c.c_char_p, POINTER, MtmdParams)(
            file.encode(), self.model, params)
        assert self.pictures, "no vision part"
        self.options = function(mtmd, "mtmd_helper_init_opt_default", PictureOptions)()
        self.read = function(mtmd, "mtmd_helper_bitmap_init_from_file", Picture, POINTER, c.c_char_p, BOOL,
                             PictureOptions)
        self.chunks = function(mtmd, "mtmd_input_chunks_init", POINTER)
        self.tokenize = function(mtmd, "mtmd_tokenize", INT, POINTER, POINTER, POINTER, POINTER, c.c_size_t)
        self.size = function(mtmd, "mtmd_input_chunks_size", c.c_size_t, POINTER)
        self.chunk = function(mtmd, "mtmd_input_chunks_get", POINTER, POINTER, c.c_size_t)
        self.kind = function(mtmd, "mtmd_input_chunk_get_type", INT, POINTER)
        self.count = function(mtmd, "mtmd_input_chunk_get_n_tokens", c.c_size_t, POINTER)
        self.tokens = function(mtmd, "mtmd_input_chunk_get_tokens_text", c.POINTER(INT), POINTER, POINTER)
        self.text = function(mtmd, "mtmd_helper_eval_chunk_single", INT, POINTER, POINTER, POINTER, INT, INT, INT, BOOL,
                             c.POINTER(INT))
        self.encode_chunk = function(mtmd, "mtmd_encode_chunk", INT, POINTER, POINTER)
        self.encoded = function(mtmd, "mtmd_get_output_embd", POINTER, POINTER)
        self.put = function(mtmd, "mtmd_helper_decode_image_chunk", INT, POINTER, POINTER, POINTER, POINTER, INT, INT,
                            INT, c.POINTER(INT), POINTER, POINTER)
        self.free_chunks = function(mtmd, "mtmd_input_chunks_free", None, POINTER)
        self.free_picture = function(mtmd, "mtmd_bitmap_free", None, POINTER)

    def run(self, tokens):
        for start in range(0, len(tokens), self.batch):
            part = tokens[start:start + self.batch]
            held = (INT * len(part))(*part)  # the batch only points to it
            assert self.decode(self.context, self.one(held, len(part))) == 0

    def logits(self):
        return np.ctypeslib.as_array(self.last(self.context, -1), shape=(self.words,))

    def likely(self):
        return int(self.logits().argmax())

    def step(self, token):
        self.run([token])
        return self.likely()

    def measure(self, tokens, steps):
        self.clear(self.memory, True)
        prefill, token = peer.timed(lambda: (self.run(peer.ids(tokens)), self.likely())[1])
        return {"prefill": prefill, "decode": peer.steps(self.step, token, steps)}

    def of_ids(self, tokens):
        self.clear(self.memory, True)
        self.run(peer.ids(tokens))
        return {"logits": [float(x) for x in self.logits()[:64]], "token": self.likely()}

    def prepare(self, file, question):
        read = self.read(self.pictures, file.encode(), False, self.options)
        assert read.bitmap, "the picture cannot be read"
        text = peer.prompt(question).format(picture="<__media__>").encode()
        given, chunks = Text(text, len(text), False, True), self.chunks()
        assert self.tokenize(self.pictures, chunks, c.byref(given), c.byref(c.c_void_p(read.bitmap)), 1) == 0
        self.free_picture(read.bitmap)
        for i in range(self.size(chunks)):
            chunk = self.chunk(chunks, i)
            if self.kind(chunk) == 0:
                count = c.c_size_t()
                tokens = self.tokens(chunk, c.byref(count))
                for j in range(count.value):
                    # The vocabulary without meaning has no token of two line breaks.
                    tokens[j] = LINE_BREAK if tokens[j] < 0 else tokens[j]
        return chunks

    def answer(self, file):
        """The first token of a new picture, with the time of its encoder."""
        self.clear(self.memory, True)
        start, encode, tiles, tokens = peer.now(), 0, 0, 0
        chunks = self.prepare(file, peer.QUESTION)
        place, count = INT(0), self.size(chunks)
        for i in range(count):
            chunk = self.chunk(chunks, i)
            tokens += self.count(chunk)
            if self.kind(chunk) == 0:
                assert self.text(self.pictures, self.context, chunk, place, 0, self.batch, i == count - 1,
                                 c.byref(place)) == 0
            else:
                millis, code = peer.timed(lambda: self.encode_chunk(self.pictures, chunk))
                assert code == 0
                encode, tiles = encode + millis, tiles + 1
                assert self.put(self.pictures, self.context, chunk, self.encoded(self.pictures), place, 0, self.batch,
                                c.byref(place), None, None) == 0
                before = place.value
        token = self.likely()
        self.kept = before
        self.free_chunks(chunks)
        return {"first": peer.now() - start, "encode": encode, "tiles": tiles, "tokens": tokens, "token": token}

    def again(self, file):
        """The first token of a second question: the picture is read again, and its part of the cache reused."""
        start = peer.now()
        chunks = self.prepare(file, peer.SECOND)
        self.cut(self.memory, 0, self.kept, -1)
        place = INT(self.kept)
        last = self.chunk(chunks, self.size(chunks) - 1)
        assert self.text(self.pictures, self.context, last, place, 0, self.batch, True, c.byref(place)) == 0
        token = self.likely()
        self.free_chunks(chunks)
        return {"first": peer.now() - start, "token": token}

    def one_tile(self, file):
        chunks = self.prepare(file, peer.QUESTION)
        chunk = next(one for one in (self.chunk(chunks, i) for i in range(self.size(chunks))) if self.kind(one))
        millis, code = peer.timed(lambda: self.encode_chunk(self.pictures, chunk))
        assert code == 0
        values = np.ctypeslib.as_array(c.cast(self.encoded(self.pictures), c.POINTER(FLOAT)), shape=(64,)).tolist()
        self.free_chunks(chunks)
        return {"encode": millis, "features": values}

    def about(self):
        version = self.call("llama_version", c.c_char_p)().decode()
        return {"about": f"llama.cpp {version}: " + self.call("llama_print_system_info", c.c_char_p)().decode()}


def main(libraries, mtmd, made, form, threads, context="4096"):
    models = []
    peer.serve(
        lambda: models.append(Llama(libraries, mtmd, made, form, int(threads), int(context))),
        {
            "measure": lambda tokens, steps, plan=None: models[0].measure(tokens, steps),
            "ids": lambda tokens: models[0].of_ids(tokens),
            "picture": lambda file, plan=None: models[0].answer(file),
            "again": lambda file, plan=None: models[0].again(file),
            "tile": lambda file: models[0].one_tile(file),
            "about": lambda: models[0].about(),
        })


if __name__ == "__main__":
    main(*sys.argv[1:])
