"""easy-VQA (MIT licence, Victor Zhou): 64 x 64 pictures of one shape each, with questions. Read from its zip file."""

import functools
import io
import json
import os
import pathlib
import zipfile

from PIL import Image

ZIP = pathlib.Path(os.environ.get("EASY_VQA_ZIP", pathlib.Path(__file__).parent / "data" / "easy-vqa.zip"))


@functools.lru_cache(None)
def archive():
    if not ZIP.exists():
        raise FileNotFoundError(f"{ZIP.name} not found; put the easy-VQA data there or name it in EASY_VQA_ZIP")
    return zipfile.ZipFile(ZIP)


@functools.lru_cache(None)
def questions(split):
    """All (question, answer, picture number) of split train or test."""
    return json.loads(archive().read(f"easy-vqa/{split}/questions.json"))


@functools.lru_cache(None)
def by_picture(split):
    grouped = {}
    for q, a, n in questions(split):
        grouped.setdefault(n, []).append((q, a))
    return grouped


@functools.lru_cache(8000)
def picture(split, number):
    return Image.open(io.BytesIO(archive().read(f"easy-vqa/{split}/images/{number}.png"))).convert("RGB")
