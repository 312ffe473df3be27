"""Runs the peers in turn and writes what they took: `python measure.py SETTINGS.json OUT.json [--quick]`.

SETTINGS has the folders that run.sh has made. Each peer is a process of its own that waits until it is asked, so two
never compute at the same time. Rounds go through the peers in turn, each round from another first peer. With --quick
every figure is measured once, on short prompts: only to see that all of it works.
"""

import datetime
import json
import os
import platform
import re
import subprocess
import sys
import time

import clients

FORMS = ["q8", "q4", "fp32"]
LENGTHS = {100: (4, 40), 1100: (2, 32), 2900: (1, 24)}  # rounds and decoded tokens
PLANS = ["patches:globalcom2(keep=0.25)", "tiles:text(crops=4)", "layer2:fastv(keep=0.5)"]
# 4 bits are those of the decoder: all peers encode in 8 bits then.
VARIANTS = {"fp32": "fp32", "q8": "q8", "q4": "vision=q8,embed=q4,decoder=q4"}


class Worker:

    def __init__(self, name, command):
        start = time.perf_counter()
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.load = self.read()
        self.start = 1000 * (time.perf_counter() - start)

    def read(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"error": f"{self.name} ended"}

    def ask(self, **command):
        if self.process.poll() is not None:
            return {"error": f"{self.name} ended"}
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self.read()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Measurement:

    def __init__(self, settings, out, quick):
        self.s, self.out, self.quick = settings, out, quick
        self.began = time.time()
        self.rows, self.errors, self.commands = [], [], {}

    def note(self, text):
        print(f"{time.time() - self.began:5.0f} s  {text}", file=sys.stderr, flush=True)

    def left(self):
        return self.s["seconds"] - (time.time() - self.began)

    def add(self, peer, form, row, value, **more):
        self.rows.append({"peer": peer, "form": form, "row": row, "value": value, **more,
                          "at": round(time.time() - self.began)})

    def command(self, peer, form):
        s, python, threads = self.s, sys.executable, str(self.s["threads"])
        here = os.path.dirname(os.path.abspath(__file__))
        # With the options and the archive of classes that ./squint uses.
        archive = s["jar"].replace(".jar", ".jsa")
        with open(s["serve"][0]) as launcher:
            thresholds = re.findall(r"-XX:Tier4\w+=\d+", launcher.read())
        java = ["java", *thresholds, "-XX:+UseSerialGC", "-Xms64m", f"-XX:SharedArchiveFile={archive}", "-Xshare:auto", "-Xlog:disable", "-Xlog:all=error:stderr",
                "-cp", s["jar"] + ":" + s["classes"], "SquintPeer", s["package"], VARIANTS[form], threads]
        return {
            "Squint": java,
            "Squint, plans": java + PLANS,
            "llama.cpp": [python, f"{here}/llama_peer.py", s["libraries"], s["mtmd"], s["made"], form, threads],
            "ONNX Runtime": [python, f"{here}/onnx_peer.py", s["package"], form, threads],
            "transformers": [python, f"{here}/torch_peer.py", s["made"], form, threads],
        }[peer]

    def open(self, peer, form, turn=0):
        command = self.command(peer, form)
        self.commands[f"{peer}, {form}"] = " ".join(command)
        worker = Worker(peer, command)
        if "error" in worker.load:
            self.errors.append(f"{peer}, {form}: {worker.load['error']}")
            return None
        self.add(peer, form, "load", worker.load["load"], turn=turn)
        self.add(peer, form, "start", worker.start, turn=turn)
        return worker

    def one(self, worker, form, **command):
        reply = worker.ask(**command)
        if "error" in reply:
            self.errors.append(f"{worker.name}, {form}, {command}: {reply['error']}")
            return None
        return reply

    def text(self, workers, form, plans):
        # A JVM compiles while it runs; the others get the same questions.
        for worker in workers + plans:
            for _ in range(1 if self.quick else 2):
                self.one(worker, form, do="measure", tokens=100, steps=4 if self.quick else 64)
        lengths = {100: (1, 8), 300: (1, 8)} if self.quick else LENGTHS
        most = max(rounds for rounds, _ in lengths.values())
        for turn in range(most):
            for tokens, (rounds, steps) in lengths.items():
                if turn >= rounds:
                    continue
                for i in range(len(workers)):
                    worker = workers[(turn + i) % len(workers)]
                    reply = self.one(worker, form, do="measure", tokens=tokens, steps=steps)
                    if reply:
                        self.add(worker.name, form, f"prefill {tokens}", reply["prefill"], turn=turn)
                        self.add(worker.name, form, f"decode {tokens}", reply["decode"], turn=turn)
                for worker in plans if tokens > 100 else []:
                    reply = self.one(worker, form, do="measure", tokens=tokens, steps=steps, plan=PLANS[2])
                    if reply:
                        self.add("Squint", form, f"prefill {tokens}", reply["prefill"], turn=turn, plan=PLANS[2])
                        self.add("Squint", form, f"decode {tokens}", reply["decode"], turn=turn, plan=PLANS[2])
            self.note(f"{form}: text, round {turn + 1}")

    def tile(self, workers, form):
        for turn in range(1 if self.quick else 4):
            for i in range(len(workers)):
                worker = workers[(turn + i) % len(workers)]
                reply = self.one(worker, form, do="tile", file=self.file("400x300", 7))
                if reply and turn > 0 or reply and self.quick:
                    self.add(worker.name, form, "encode 1", reply["encode"], turn=turn)

    def file(self, size, number):
        return f"{self.s['pictures']}/{size}-{number}.jpg"

    def picture(self, workers, form, size, number, plan=None):
        for worker in workers:
            given = {"plan": plan} if plan else {}
            reply = self.one(worker, form, do="picture", file=self.file(size, number), **given)
            if not reply:
                continue
            name = "Squint" if plan else worker.name
            self.add(name, form, f"first token {size}", reply["first"], turn=number, **given,
                     tiles=reply["tiles"], tokens=reply["tokens"])
            if size == "2048x2048":
                self.add(name, form, "encode 17", reply["encode"], turn=number, **given)
            if not plan and worker.name in ("Squint", "llama.cpp"):
                reply = self.one(worker, form, do="again", file=self.file(size, number))
                if reply:
                    self.add(name, form, f"follow-up {size}", reply["first"], turn=number)
        self.note(f"{form}: picture {size} {plan or ''}")

    def checks(self, workers, form):
        """The same model everywhere: logits of a text and features of a tile, compared with ONNX Runtime's."""
        for what, command in {"logits": {"do": "ids", "tokens": 12},
                              "features": {"do": "tile", "file": self.file("400x300", 7)}}.items():
            replies = {worker.name: self.one(worker, form, **command) for worker in workers}
            base = replies.get("ONNX Runtime")
            for name, reply in replies.items():
                if base and reply:
                    scale = max(abs(x) for x in base[what])
                    far = max(abs(a - b) for a, b in zip(base[what], reply[what])) / scale
                    self.add(name, form, f"difference of {what}", far)

    def form(self, form):
        names = ["Squint", "llama.cpp", "ONNX Runtime", "transformers"]
        names = [name for name in names if (name, form) != ("transformers", "q4")]
        workers = [worker for worker in (self.open(name, form) for name in names) if worker]
        plans = [worker for worker in [self.open("Squint, plans", form)] if worker]
        for worker in workers:
            reply = worker.ask(do="about")
            self.commands.setdefault("about " + worker.name, reply.get("about"))
        self.checks(workers, form)
        self.text(workers, form, plans)
        self.tile(workers, form)
        both = [worker for worker in workers if worker.name in ("Squint", "llama.cpp")]
        # In 4 bits all encode with the same 8-bit graphs as before, so one size is enough there.
        if not self.quick and form != "q4":
            self.picture(both, form, "2048x2048", 0)
            for plan in PLANS[:2]:
                for worker in plans:
                    # The first question of a plan opens the encoder's stages.
                    self.one(worker, form, do="picture", file=self.file("400x300", 5), plan=plan)
                self.picture(plans, form, "2048x2048", 1, plan)
        if form != "fp32":
            self.picture(both, form, "400x300", 0)
        if not self.quick and form != "q4" and self.left() > 60:
            self.picture([worker for worker in workers if worker not in both], form, "2048x2048", 0)
        for worker in workers + plans:
            worker.close()
        self.save()

    def again(self, form):
        """Another round of the ratios that have goals, if time is left."""
        workers = [worker for worker in (self.open(name, form, 1) for name in ("llama.cpp", "Squint")) if worker]
        for worker in workers:
            self.one(worker, form, do="measure", tokens=100, steps=4)
            self.one(worker, form, do="tile", file=self.file("400x300", 7))
        for size in ["2048x2048", "400x300"]:
            self.picture(workers, form, size, 2)
        for worker in workers:
            worker.close()
        self.save()

    def serving(self, form, counts):
        for name, command, folder, port in clients.servers(self.s, form, VARIANTS[form]):
            self.commands[f"{name} server, {form}"] = " ".join(command)
            try:
                for row in clients.measure(command, folder, port, counts, self.quick):
                    self.rows.append({"peer": name, "form": form, **row})
            except Exception as error:
                self.errors.append(f"{name} server, {form}: {type(error).__name__}: {error}")
            self.note(f"{form}: clients of {name}")
        self.save()

    def memory(self):
        """Most memory that a fresh process takes for one question about a small picture; work beside it does no harm."""
        for form in FORMS:
            for name in ["Squint", "llama.cpp", "ONNX Runtime", "transformers"]:
                if (name, form) == ("transformers", "q4"):
                    continue
                command = self.command(name, form) + (["2048"] if name == "llama.cpp" else [])
                worker = Worker(name, command)
                loaded = self.one(worker, form, do="memory")
                self.one(worker, form, do="picture", file=self.file("400x300", 3))
                reply = self.one(worker, form, do="memory")
                if loaded and reply:
                    self.add(name, form, "memory, loaded", loaded["peak"])
                    self.add(name, form, "memory, one answer", reply["peak"])
                worker.close()
            self.note(f"{form}: memory")
        self.save()

    def save(self):
        with open("/proc/cpuinfo") as file:
            lines = dict(line.split(":", 1) for line in file.read().split("\n\n")[0].splitlines())
        lines = {key.strip(): value.strip() for key, value in lines.items()}
        wanted = ["avx2", "fma", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_int8"]
        hidden = {value: key.upper() for key, value in self.s.items() if isinstance(value, str) and "/" in value}
        hidden[self.s["jar"].replace(".jar", ".jsa")] = "ARCHIVE"
        hidden[self.s["serve"][0]] = "./squint"
        hidden |= {sys.executable: "python", os.path.dirname(os.path.abspath(__file__)): "samples/peers"}
        commands = json.dumps(self.commands)
        for path in sorted(hidden, key=len, reverse=True):
            commands = commands.replace(path, hidden[path])
        report = {
            "written": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "quick": self.quick,
            "machine": {
                "processor": lines["model name"], "family": lines["cpu family"], "model": lines["model"],
                "cores": os.cpu_count(), "features": [one for one in wanted if one in lines["flags"].split()],
                "system": platform.system() + " " + platform.release(),
            },
            "threads": self.s["threads"], "versions": self.s["versions"], "commands": json.loads(commands),
            "took": time.time() - self.began, "errors": self.errors, "rows": self.rows,
        }
        with open(self.out, "w") as file:
            json.dump(report, file, indent=1)


    def warm(self):
        """Loads everything once, so that what peers cache on disk is there."""
        for form in FORMS:
            for name in ["Squint", "Squint, plans", "llama.cpp", "ONNX Runtime", "transformers"]:
                Worker(name, self.command(name, form)).close()
            self.note(f"{form}: loaded once")


def main(settings, out, *options):
    with open(settings) as file:
        measurement = Measurement(json.load(file), out, "--quick" in options)
    if "--warm" in options:
        measurement.warm()
        return
    only = [option[7:] for option in options if option.startswith("--only=")]
    for form in FORMS:
        if only and form not in only:
            continue
        measurement.form(form)
        if form == "q4" and "--no-clients" not in options:
            measurement.serving(form, [1, 2, 4, 8])
    for form, counts in (("fp32", [1, 8]), ("q8", [1, 8])):
        if measurement.left() > 90 and not only and not measurement.quick:
            measurement.serving(form, counts)
    for form in ("q8", "q4"):
        if measurement.left() > 130 and not only and not measurement.quick:
            measurement.again(form)
    if "--no-memory" not in options:
        measurement.memory()


if __name__ == "__main__":
    main(*sys.argv[1:])
