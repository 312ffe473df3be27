#!/usr/bin/env bash
# Measures every method that acts before the language model, and every baseline, at three shares of the visual tokens:
# accuracy on easy-VQA's test set and the held-out sets. Stopped, it goes on where it was when started again.
#
#   samples/tiny-vlm/vision-methods.sh [--limit N] [more data sets and options of squint eval]
#
# Not among them: quota, which is about frames. The results that are committed are of --limit 60, on a busy machine: times
# compare within one table at best.
set -euo pipefail
cd "$(dirname "$0")/../.."

plans=(--plan tiles:skip-plain)
for keep in 0.5 0.25 0.125; do
  for method in random uniform-grid average-pool cls-attention text-guided globalcom2 hired visionzip divprune vispruner \
    cdpruner prumerge tokencorr aim-merge tome; do
    plans+=(--plan "encoder:$method(keep=$keep)")
  done
  plans+=(
    --plan "encoder:prumerge(keep=$keep, plus=true)"
    --plan "encoder:mustdrop-vision(keep=$keep..$keep)"
    --plan "encoder1:mustdrop-vision(keep=$keep..$keep)"
    --plan "encoder1:tome(keep=$keep)"
    --plan "encoder2:tome(keep=$keep)"
    --plan "tiles:downsample(keep=$keep)"
    --plan "tiles:random(keep=$keep)"
    --plan "tiles:thumbnail(keep=$keep)"
    --plan "tiles:text(keep=$keep)"
  )
done

sets=(samples/tiny-vlm/data/easy-vqa.zip)
for set in shapes text charts clips; do
  sets+=("samples/tiny-vlm/heldout/$set.zip")
done

exec ./squint eval "${sets[@]}" "${plans[@]}" --no-baselines --threads 2 \
  --out samples/tiny-vlm/results/vision-methods "$@"
