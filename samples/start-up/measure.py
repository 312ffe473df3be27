"""Measures how long Squint takes to start: `python samples/start-up/measure.py OUT.json [--before CHECKOUT] [--rounds N]`.

Runs this checkout's ./squint and, if given, that of an older checkout; both must be built, with `./squint ask` and
`./squint serve`. The settings take turns, each round from another first one, after a round that does not count. Prints
medians: wall-clock seconds and processor seconds of the whole process, the launcher included. A server counts until
its health check answers. Needs Linux and the JDK.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
HOME = HERE.parent.parent
PICTURE, QUESTION = "samples/pictures/shapes.png", "What color is the heart?"
ASK = ["./squint", "ask", PICTURE, QUESTION]
HEAP = ["-XX:+UseSerialGC", "-Xms64m"]
THRESHOLDS = re.findall(r"-XX:Tier4\w+=\d+", (HOME / "squint").read_text())
ENVIRONMENT = {"SQUINT_HOME": str(HOME), "ORT_DISABLE_TELEMETRY": "1"}


def run(command, folder=HOME, **environment):
    """Wall-clock and processor seconds of a process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=os.environ | environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} failed in {folder}")
    return {"all": (time.perf_counter() - start, usage.ru_utime + usage.ru_stime)}


@contextlib.contextmanager
def without_archive(module):
    archive = HOME / module / "target/squint.jsa"
    hidden = archive.with_suffix(".hidden")
    archive.rename(hidden)
    archive.touch()  # an empty one is not made again
    try:
        yield
    finally:
        hidden.rename(archive)


def plain(module, of):
    with without_archive(module):
        return of()


def java(module, *options):
    """The command that ./squint starts, but with the JVM's own thresholds for compiling."""
    target = HOME / module / "target"
    return ["java", *options, f"-XX:SharedArchiveFile={target}/squint.jsa", "-Xshare:auto", "-Xlog:disable",
            "-jar", f"{target}/squint.jar"]


def healthy(port):
    for path in ("health", "actuator/health"):  # older servers have only the second
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5).close()
            return True
        except urllib.error.HTTPError as answer:
            if answer.code != 404:
                return False
        except OSError:
            return False
    return False


def serve(folder=HOME, command=("./squint", "serve"), **environment):
    """Seconds until the server is ready, and the processor seconds that it has used by then."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = time.perf_counter()
    process = subprocess.Popen([*command, f"--server.port={port}"], cwd=folder, env=os.environ | environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            if healthy(port):
                break
            if process.poll() is not None or time.perf_counter() - start > 120:
                raise SystemExit(f"the server of {folder} does not start")
            time.sleep(0.01)
        wall = time.perf_counter() - start
        ticks = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        return {"all": (wall, sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"))}
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def parts(mode, classes):
    """The parts of a start, with the options and the archive of ./squint."""
    jar, archive = HOME / "eval/target/squint.jar", HOME / "eval/target/squint.jsa"
    printed = subprocess.run(
        ["java", *HEAP, *THRESHOLDS, f"-XX:SharedArchiveFile={archive}", "-Xshare:auto", "-Xlog:disable",
         "-cp", f"{jar}:{classes}", "StartUp", mode, "samples/tiny-vlm/package", PICTURE, QUESTION],
        cwd=HOME, env=os.environ | {"ORT_DISABLE_TELEMETRY": "1"}, text=True, check=True, stdout=subprocess.PIPE).stdout
    rows = (line.split("\t") for line in printed.splitlines())
    return {name: (float(wall) / 1000, float(used) / 1000) for name, wall, used in rows}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--before")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as classes:
        subprocess.run(["javac", "-proc:none", "-cp", HOME / "eval/target/squint.jar", "-d", classes,
                        HERE / "StartUp.java"], check=True)
        settings = {
            "version": lambda: run(["./squint", "--version"]),
            "version, no archive": lambda: plain("eval", lambda: run(["./squint", "--version"])),
            "ask": lambda: run(ASK),
            "ask, no archive": lambda: plain("eval", lambda: run(ASK)),
            "ask, the JVM's own thresholds": lambda: run([*java("eval", *HEAP), *ASK[1:]], **ENVIRONMENT),
            "ask, the JVM's own heap": lambda: run(ASK, JDK_JAVA_OPTIONS="-Dnone=none"),
            "serve": serve,
            "serve, no archive": lambda: plain("webapp", serve),
            "serve, the JVM's own thresholds": lambda: serve(command=java("webapp"), **ENVIRONMENT),
            "together": lambda: parts("together", classes),
            "apart": lambda: parts("apart", classes),
        }
        if given.before:
            settings["ask, before"] = lambda: run(ASK, given.before)
            settings["serve, before"] = lambda: serve(given.before)
        load = [os.getloadavg()[0]]
        figures = measure(settings, given.rounds)
        load.append(os.getloadavg()[0])
    result = {"rounds": given.rounds, "cores": os.cpu_count(), "load": load, "figures": figures}
    pathlib.Path(given.out).write_text(json.dumps(result, indent=1) + "\n")
    for name, figure in figures.items():
        print(f"{name:40} {figure['wall']:7.3f} s  {figure['processors']:7.3f} s")


def measure(settings, rounds):
    values = {}
    names = list(settings)
    for turn in range(-1, rounds):
        for i in range(len(names)):
            name = names[(turn + i) % len(names)]
            for part, seconds in settings[name]().items():
                if turn >= 0:
                    values.setdefault(name if part == "all" else f"{name}: {part}", []).append(seconds)
    return {name: {"wall": round(statistics.median(w for w, _ in all), 3),
                   "processors": round(statistics.median(p for _, p in all), 3),
                   "walls": [round(w, 3) for w, _ in all]} for name, all in values.items()}


if __name__ == "__main__":
    main()
