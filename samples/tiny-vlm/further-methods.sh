#!/usr/bin/env bash
# Measures methods that were added after the other tables, at three shares of the visual tokens, beside a random choice and a grid
# at the same points: accuracy on easy-VQA's test set and the held-out sets of pictures. Run it again to resume an interrupted run.
#
#   samples/tiny-vlm/further-methods.sh [--limit N] [more data sets and options of squint eval]
#
# The committed results are with --limit 60, on a machine with other load: times are at best comparable within the table.
set -euo pipefail
cd "$(dirname "$0")/../.."

plans=()
for keep in 0.5 0.25 0.125; do
  # The layer of the other tables, and about the authors' depth, 16 of 28.
  for layer in 2 4; do
    for method in random uniform-grid ivc-prune; do
      plans+=(--plan "layer$layer:$method(keep=$keep)")
    done
  done
  for method in random uniform-grid visiontrim agilepruner; do
    plans+=(--plan "encoder:$method(keep=$keep)")
  done
  plans+=(--plan "encoder:visiontrim(keep=$keep, variant=code)")
done

held=samples/tiny-vlm/heldout
exec ./squint eval samples/tiny-vlm/data/easy-vqa.zip "$held"/{shapes,text,charts}.zip "${plans[@]}" --no-baselines \
  --out samples/tiny-vlm/results/further-methods "$@"
