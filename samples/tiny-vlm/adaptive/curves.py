"""Logs of the trainings -> curves.jsonl and curves.png in this folder.

    python curves.py --runs ../runs/adaptive
"""

import argparse
import json
import pathlib

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

HERE = pathlib.Path(__file__).resolve().parent
PANELS = {
    "relevance": ["spread", "inside", "mass"],
    "gates": ["loss", "left out"],
    "gates-no-dropout": ["loss", "left out"],
    "atp": ["answer", "share"],
    "atp-ranked": ["answer", "share"],
    "pmod": ["answer"],
    "gamma": ["answer", "away", "router", "share"],
    "gamma-anew": ["answer", "away", "router", "share"],
    "gamma-arank-anew": ["answer", "away", "router", "share"],
}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--runs", default=str(HERE.parent / "runs/adaptive"))
    args = p.parse_args()
    out = []
    logs = {name: pathlib.Path(args.runs) / name / "log.jsonl" for name in PANELS}
    made = {name: path for name, path in logs.items() if path.exists()}
    figure, axes = plt.subplots(1, len(made), figsize=(3 * len(made), 3.2), squeeze=False)
    for axis, (name, path) in zip(axes[0], made.items()):
        keys = PANELS[name]
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        out += [{"training": name, **r} for r in rows]
        # A leg that continues another one counts steps from 0 again.
        steps, offset, last = [], 0, 0
        rows = [r for r in rows if keys[0] in r]
        for r in rows:
            offset += last if r["step"] < last else 0
            last = r["step"]
            steps.append(offset + r["step"])
        for key in keys:
            axis.plot(steps, [r[key] for r in rows], label=key)
        axis.set_title(name)
        axis.set_xlabel("steps")
        axis.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(HERE / "curves.png", dpi=80)
    (HERE / "curves.jsonl").write_text("".join(json.dumps(r) + "\n" for r in out))


if __name__ == "__main__":
    main()
