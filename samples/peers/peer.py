"""What all peers in Python share: one command as a line of JSON in, one line of JSON out."""

import json
import resource
import statistics
import sys
import time

QUESTION = "What is shown here?"
SECOND = "How many colours are there in it, and which?"


def prompt(question):
    """The prompt of a picture and a question; the picture's tokens replace `{picture}`."""
    return "<|im_start|>User:{picture}%s<end_of_utterance>\nAssistant:" % question


def ids(tokens):
    """Token ids that depend on nothing but their number."""
    return [256 + 7919 * i % 40000 for i in range(tokens)]


def now():
    return time.perf_counter() * 1000


def timed(run):
    start = now()
    result = run()
    return now() - start, result


def steps(step, first, count):
    """Median milliseconds of decoding a token, with the choice of the most likely one."""
    token, times = first, []
    for _ in range(count):
        millis, token = timed(lambda: step(token))
        times.append(millis)
    return statistics.median(times)


def serve(load, commands):
    """Loads the model, says how long that took, and answers commands until the input ends."""
    millis, _ = timed(load)
    commands["memory"] = lambda: {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6}
    out = sys.stdout
    sys.stdout = sys.stderr
    print(json.dumps({"load": millis}), file=out, flush=True)
    for line in sys.stdin:
        given = json.loads(line)
        try:
            reply = commands[given.pop("do")](**given)
        except Exception as error:  # the harness writes it beside the row
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=out, flush=True)
