"""Clients that ask a server at the same time, over OpenAI's chat completions: the same questions for both servers.

Each client asks its next question when its last one is answered. Prompts differ in their first words, so no cache of
prompts helps. Times are those of the clients; p95 is the time within which 95 % of the questions are served.
"""

import http.client
import itertools
import json
import math
import os
import subprocess
import threading
import time

TOKENS = 64
CHARACTERS = 72
HERE = os.path.dirname(os.path.abspath(__file__))


def servers(settings, form, variant):
    """Name, command, working folder and port of each server."""
    threads = str(settings["threads"])
    squint = settings["serve"] + [
        f"--model={settings['package']}", f"--variant={variant}", "--port=8391", f"--squint.onnx.threads={threads}",
        "--squint.work.answers=8", "--squint.work.batch=8", "--squint.work.batch-inexact=true"]
    yield "Squint", squint, HERE, 8391
    if settings["server"] != "none":
        yield "llama.cpp", [
            settings["server"], "--model", f"{settings['made']}/text-{form}.gguf", "--port", "8392", "--threads",
            threads, "--threads-batch", threads, "--parallel", "8", "--ctx-size", "4096", "--no-ui",
        ], settings["libraries"], 8392


class Asked:

    def __init__(self, port, number, extra):
        words = f"Question {number}. " * CHARACTERS
        body = {"messages": [{"role": "user", "content": words[:CHARACTERS]}], "max_tokens": TOKENS, "stream": True,
                "temperature": 0, "stream_options": {"include_usage": True}} | extra
        self.begin, self.first, self.tokens, self.prompt = time.perf_counter(), None, 0, 0
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            raise RuntimeError(f"{response.status} {response.read(300)!r}")
        for line in response:
            text = line.decode("utf-8", "replace").strip()
            if not text.startswith("data:") or text.endswith("[DONE]"):
                continue
            event = json.loads(text[5:])
            if any(choice["delta"].get("content") for choice in event.get("choices", [])) and self.first is None:
                self.first = time.perf_counter()
            if event.get("usage"):
                self.tokens = event["usage"]["completion_tokens"]
                self.prompt = event["usage"]["prompt_tokens"]
        self.end = time.perf_counter()
        connection.close()


def load(port, clients, questions, numbers, extra):
    """Runs so many clients until all questions are answered."""
    left, answers, failures, lock = itertools.count(), [], [], threading.Lock()

    def client():
        while next(left) < questions:
            try:
                with lock:
                    number = next(numbers)
                answer = Asked(port, number, extra)
                with lock:
                    answers.append(answer)
            except Exception as error:
                failures.append(error)
                return

    begin = time.perf_counter()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begin
    if failures:
        raise failures[0]
    return took, answers


def late(values, share):
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1]


def measure(command, folder, port, counts, quick):
    begin = time.perf_counter()
    with open(os.devnull, "w") as nothing:
        process = subprocess.Popen(command, cwd=folder, stdout=nothing, stderr=nothing)
    try:
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                pass
            if process.poll() is not None or time.perf_counter() - begin > 90:
                raise RuntimeError("the server did not start")
            time.sleep(0.02)
        yield {"row": "server start", "value": 1000 * (time.perf_counter() - begin)}
        extra = {"ignore_eos": True, "cache_prompt": False} if port == 8392 else {}
        numbers = itertools.count(1000 + port % 10 * 1000)
        load(port, 2, 2, numbers, extra)
        for clients in counts:
            took, answers = load(port, clients, max(2 if quick else 4, (1 if quick else 2) * clients), numbers, extra)
            tokens = sum(answer.tokens for answer in answers)
            first = [1000 * (answer.first - answer.begin) for answer in answers if answer.first]
            yield {"row": f"clients {clients}", "value": tokens / took, "tokens": tokens / len(answers),
                   "prompt": answers[0].prompt, "questions": len(answers), "first median": late(first, 0.5),
                   "first p95": late(first, 0.95),
                   "whole p95": late([1000 * (one.end - one.begin) for one in answers], 0.95)}
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
