"""Logs of the training legs -> curves.jsonl (one line a logged step, legs behind each other) and curves.png.

    python curves.py runs/a runs/b
"""

import json
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

HERE = pathlib.Path(__file__).parent


def main():
    rows, offset = [], 0.0
    for leg in sys.argv[1:]:
        last = 0.0
        for line in (pathlib.Path(leg) / "log.jsonl").read_text().splitlines():
            row = json.loads(line)
            last = row["minutes"]
            rows.append({"leg": pathlib.Path(leg).name} | row | {"minutes": round(offset + last, 2)})
        offset += last
    (HERE / "curves.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    checks = [r for r in rows if "held out" in r and any(r["held out"].values())]
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
    for family in checks[-1]["held out"]:
        left.plot([r["minutes"] for r in checks], [r["held out"][family] for r in checks], marker="o", markersize=3, label=family)
    left.set(xlabel="minutes of training", ylabel="held-out exact match, %", ylim=(0, 101))
    for name in ("dense", "answer/shapes", "answer/text", "answer/charts", "answer/clips"):
        points = [(r["minutes"], r[name]) for r in rows if r.get(name)]
        right.plot(*zip(*points), linewidth=1, label=name)
    right.set(xlabel="minutes of training", ylabel="cross-entropy", ylim=(0, 2.5))
    for axis in (left, right):
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(HERE / "curves.png", dpi=90)


if __name__ == "__main__":
    main()
