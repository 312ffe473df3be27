"""Logs of the training legs -> one line a logged step, legs behind each other, and a picture of them.

    python curves.py runs/a runs/b                              # curves.jsonl, curves.png
    python curves.py --name second-edition runs/e runs/f        # second-edition.jsonl, second-edition.png
"""

import argparse
import json
import pathlib

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

HERE = pathlib.Path(__file__).parent


def read(legs):
    """Rows of all legs, minutes counted on; checks of the first edition's logs are named `held out`."""
    rows, offset = [], 0.0
    for leg in legs:
        last = 0.0
        for line in (leg / "log.jsonl").read_text().splitlines():
            row = json.loads(line)
            last = row["minutes"]
            rows.append({"leg": leg.name} | row | {"minutes": round(offset + last, 2)})
        offset += last
    return rows


def checks(row):
    return row.get("validation") or row.get("held out")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("legs", nargs="+", type=pathlib.Path)
    p.add_argument("--name", default="curves")
    args = p.parse_args()
    rows = read(args.legs)
    (HERE / f"{args.name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    checked = [r for r in rows if checks(r) and any(checks(r).values())]
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
    for number, family in enumerate(checks(checked[-1])):
        points = [(r["minutes"], checks(r)[family]) for r in checked if family in checks(r)]
        left.plot(*zip(*points), marker="o", markersize=3, label=family, linestyle="-" if number < 10 else "--")
    left.set(xlabel="minutes of training", ylabel="exact match on validation seeds, %", ylim=(0, 101))
    losses = [k for k in ("dense", "answer/shapes", "answer/text", "answer/charts", "answer/clips", "answer/drawn", "answer/large-shapes",
                          "answer/large-text", "answer/talks", "answer/dropped") if any(r.get(k) for r in rows)]  # fmt: skip
    for name in losses:
        right.plot(*zip(*[(r["minutes"], r[name]) for r in rows if r.get(name)]), linewidth=1, label=name)
    right.set(xlabel="minutes of training", ylabel="cross-entropy", ylim=(0, 2.5))
    for axis in (left, right):
        axis.grid(alpha=0.3)
        axis.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(HERE / f"{args.name}.png", dpi=90)


if __name__ == "__main__":
    main()
