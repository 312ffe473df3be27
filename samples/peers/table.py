"""Writes the page of a measurement, or joins the parts of one that was measured in several runs:

    python table.py RESULT.json PAGE.md
    python table.py --merge RESULT.json PART.json...
"""

import json
import statistics
import sys

FORMS = {"fp32": "fp32", "q8": "8 bits", "q4": "4 bits"}
PEERS = ["Squint", "llama.cpp", "ONNX Runtime", "transformers"]
ROWS = {
    "encode 1": "encode, 1 tile", "encode 17": "encode, 17 tiles",
    "prefill 100": "prefill, 100 tokens", "prefill 1100": "prefill, 1,100 tokens",
    "prefill 2900": "prefill, 2,900 tokens", "decode 100": "decode a token, 100 cached",
    "decode 1100": "decode a token, 1,100 cached", "decode 2900": "decode a token, 2,900 cached",
    "load": "load", "start": "start of the process until loaded",
    "first token 2048x2048": "first token, 2048 x 2048 JPEG, 17 tiles",
    "first token 400x300": "first token, 400 x 300 JPEG, 13 tiles",
    "follow-up 2048x2048": "second question, 2048 x 2048", "follow-up 400x300": "second question, 400 x 300",
    "memory, loaded": "memory, loaded", "memory, one answer": "memory, after an answer about 400 x 300",
}
GOALS = [  # row, form or None for each, at most
    ("decode 1100", 1.0), ("decode 100", 1.1), ("load", 2.0), ("memory, one answer", 1.1),
    ("first token 2048x2048", 0.5), ("first token 400x300", 0.5)]


class Result:

    def __init__(self, file):
        with open(file) as opened:
            self.report = json.load(opened)

    def all(self, peer, form, row, plan=None):
        return [one for one in self.report["rows"]
                if (one["peer"], one["form"], one["row"], one.get("plan")) == (peer, form, row, plan)]

    def median(self, peer, form, row, plan=None):
        values = [one["value"] for one in self.all(peer, form, row, plan)]
        return statistics.median(values) if values else None

    def ratio(self, form, row, of="llama.cpp"):
        """The median over the rounds of Squint's figure by the peer's in the same round."""
        own, other = self.all("Squint", form, row), self.all(of, form, row)
        by_turn = {one.get("turn"): one["value"] for one in other}
        pairs = [one["value"] / by_turn[one.get("turn")] for one in own if one.get("turn") in by_turn]
        return statistics.median(pairs) if pairs else None


def number(value, digits=3):
    if value is None:
        return "-"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{max(0, digits - len(str(int(value))))}f}" if value >= 1 else f"{value:.2f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows] + [""]


def peers(result, form):
    here = [peer for peer in PEERS if result.median(peer, form, "load") is not None]
    rows = []
    for row, name in ROWS.items():
        values = [result.median(peer, form, row) for peer in here]
        if any(value is not None for value in values):
            rows.append([name] + [number(value) for value in values] + [number(result.ratio(form, row))])
    return [f"## {FORMS[form]}", ""] + table(["milliseconds; megabytes"] + here + ["Squint by llama.cpp"], rows)


def plans(result):
    named = list(dict.fromkeys(one["plan"] for one in result.report["rows"] if one.get("plan")))
    rows = []
    for plan in named:
        for row, name in ROWS.items():
            shares = []
            for form in FORMS:
                own, without = result.median("Squint", form, row, plan), result.median("Squint", form, row)
                other = result.median("llama.cpp", form, row)
                shares.append("-" if own is None else number(own))
                shares.append("-" if own is None or without is None else number(own / without))
                shares.append("-" if own is None or other is None else number(own / other))
            if any(share != "-" for share in shares):
                rows.append([f"`{plan}`, {name}"] + shares)
    head = ["plan and row"]
    for name in FORMS.values():
        head += [f"{name}, ms", "by none", "by llama.cpp"]
    return ["## With pruning plans (Squint)", ""] + table(head, rows)


def clients(result):
    lines = ["## Clients at the same time", ""]
    rows = []
    for form in FORMS:
        for peer in PEERS[:2]:
            one = result.median(peer, form, "clients 1")
            for count in (1, 2, 4, 8):
                found = result.all(peer, form, f"clients {count}")
                if found:
                    row = found[0]
                    rows.append([f"{FORMS[form]}, {peer}", str(count), number(row["value"]),
                                 number(row["value"] / one) if one else "-", number(row["first median"]),
                                 number(row["first p95"]), number(row["whole p95"])])
    head = ["server", "clients", "tokens a second", "by one client", "first token, median", "first token, p95",
            "answer, p95"]
    return lines + table(head, rows)


def goals(result):
    rows = []
    for row, most in GOALS:
        for form, name in FORMS.items():
            ratio = result.ratio(form, row)
            if ratio is not None:
                rows.append([f"{ROWS[row]}, {name}, by llama.cpp", f"<= {most}", number(ratio),
                             "yes" if ratio <= most else "no"])
    # In 8 bits rows of a batch change each other's rounding, so there is no goal by one client.
    for form, least in (("q4", 2.5), ("fp32", 3.3), ("q8", None)):
        eight, one = (result.median("Squint", form, f"clients {count}") for count in (8, 1))
        if eight and one and least:
            rows.append([f"tokens a second, 8 clients by one, {FORMS[form]}", f">= {least}", number(eight / one),
                         "yes" if eight / one >= least else "no"])
        other = result.median("llama.cpp", form, "clients 8")
        if eight and other:
            rows.append([f"tokens a second, 8 clients, {FORMS[form]}, by llama-server", ">= 1.3",
                         number(eight / other), "yes" if eight / other >= 1.3 else "no"])
    own = {count: result.all("Squint", "q4", f"clients {count}") for count in (1, 8)}
    if own[1] and own[8]:
        ratio = own[8][0]["first p95"] / own[1][0]["first p95"]
        rows.append(["first token, p95, 8 clients by one, 4 bits", "<= 3", number(ratio),
                     "yes" if ratio <= 3 else "no"])
    return ["## Goals", ""] + table(["ratio", "goal", "measured", "met"], rows)


def differences(result):
    rows = []
    for form, name in FORMS.items():
        for what in ("logits", "features"):
            values = [result.median(peer, form, f"difference of {what}") for peer in PEERS]
            if any(value is not None for value in values):
                rows.append([f"{name}, {what}"] + ["-" if value is None else f"{value:.1e}" for value in values])
    text = ["## The same model", "",
            "Largest difference from ONNX Runtime in Python by the largest of 64 values: logits after 12 tokens of text,",
            "features of one tile. Another model would differ by about 1. In 8 and 4 bits the peers round differently, and",
            "they resample pictures differently.", ""]
    return text + table(["form"] + PEERS, rows)


def turns(report):
    return 1 + max((row["turn"] for row in report["rows"] if row.get("turn") is not None), default=-1)


def merge(target, *sources):
    """Joins parts of one machine and version; rounds of a later part follow those of the parts before it."""
    parts = []
    for source in sources:
        with open(source) as opened:
            parts.append(json.load(opened))
    whole = {**parts[0], "parts": len(parts)}
    for field in ("machine", "threads", "versions"):
        if any(part[field] != whole[field] for part in parts):
            sys.exit(f"the parts have different {field}; join runs of one machine and version only")
    first = turns(whole)
    for part in parts[1:]:
        moved = [row if row.get("turn") is None else {**row, "turn": row["turn"] + first} for row in part["rows"]]
        first += turns(part)
        whole |= {"rows": whole["rows"] + moved, "took": whole["took"] + part["took"],
                  "commands": {**part["commands"], **whole["commands"]}, "errors": whole["errors"] + part["errors"]}
    with open(target, "w") as file:
        json.dump(whole, file, indent=1)


def main(source, page):
    result = Result(source)
    report = result.report
    machine = report["machine"]
    lines = ["# Peers on the same weights", "",
             "Random weights of SmolVLM-256M's architecture: for speed only. Made by `samples/peers/run.sh`; figures in",
             f"[{source.split('/')[-1]}]({source.split('/')[-1]}). Wall-clock times are medians of the rounds, ratios are",
             "medians of the rounds' ratios. Below 1, Squint is faster or smaller; for tokens a second it is above 1.", ""]
    lines += [f"* {report['written'][:10]}, {machine['processor']} (family {machine['family']}, model "
              f"{machine['model']}), {machine['cores']} cores, {report['threads']} threads for each peer",
              f"* instructions: {', '.join(machine['features'])}"]
    lines += [f"* {version}" for version in report["versions"]]
    about = sorted({value for key, value in report["commands"].items() if key.startswith("about") and value})
    lines += [f"* {value.strip(' |')}" for value in about] + [""]
    lines += goals(result)
    for form in FORMS:
        if any(one["form"] == form for one in report["rows"]):
            lines += peers(result, form)
        else:
            lines += [f"## {FORMS[form]}", "", "Not measured.", ""]
    lines += plans(result) + clients(result) + differences(result)
    if report["errors"]:
        lines += ["## Notes", ""] + [f"* {error[:200]}" for error in report["errors"]] + [""]
    with open(page, "w") as file:
        file.write("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    (merge if sys.argv[1] == "--merge" else main)(*(argument for argument in sys.argv[1:] if argument != "--merge"))
