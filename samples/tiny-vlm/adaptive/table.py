"""A run of squint eval -> trained.md beside it: one line a plan, means over the data sets.

    python table.py ../results/trained

Rows: tokens that the decoder's layers processed, prompt and answer, as a share of those without pruning, from the bytes of the
cache, which holds exactly these. All products with weights cost in proportion to it. Milliseconds are medians, means over sets.
"""

import json
import pathlib
import sys


def main():
    folder = pathlib.Path(sys.argv[1])
    rows = [json.loads(line) for line in (folder / "answers.jsonl").read_text().splitlines()]
    plans = list(dict.fromkeys(r["plan"] for r in rows))
    sets = list(dict.fromkeys(r["set"] for r in rows))
    median = lambda v: sorted(v)[len(v) // 2]  # noqa: E731
    mean = lambda v: sum(v) / len(v)  # noqa: E731
    of = {(p, s): [r for r in rows if r["plan"] == p and r["set"] == s] for p in plans for s in sets}
    out = ["| plan | accuracy, mean of sets, % | of the unpruned | rows processed | KV, kB | prefill, ms | decode, ms |", "|---|---:|---:|---:|---:|---:|---:|"]
    base = None
    for p in plans:
        accuracy = mean([100 * mean([r["score"] for r in of[p, s]]) for s in sets])
        kv = [mean([r["kv_bytes"] for r in of[p, s]]) for s in sets]
        prefill, decode = (mean([median([r["timings_ms"][k] for r in of[p, s]]) for s in sets]) for k in ("prefill", "decode"))
        base = base or (accuracy, kv)
        share = mean([a / b for a, b in zip(kv, base[1])])
        out.append(f"| `{p}` | {accuracy:.1f} | {100 * accuracy / base[0]:.1f} % | {100 * share:.0f} % | {mean(kv) / 1000:.0f} | {prefill:.1f} | {decode:.1f} |")
    (folder / "trained.md").write_text(f"# {len(rows) // len(plans)} questions of {', '.join(sets)}\n\n" + "\n".join(out) + "\n")


if __name__ == "__main__":
    main()
