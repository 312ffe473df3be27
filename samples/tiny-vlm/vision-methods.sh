#!/usr/bin/env bash
# Measures every method that acts before the decoder, and every baseline, at three shares of the visual tokens: accuracy on
# easy-VQA's test set and the held-out sets, or (tiled) on the held-out pictures of several tiles. Run it again to resume an
# interrupted run.
#
#   samples/tiny-vlm/vision-methods.sh [tiled] [--limit N] [more data sets and options of squint eval]
#
# Without quota, which acts on frames. The committed results are with --limit 60, with `tiled` 30, on a machine with other load:
# times are at best comparable within one table.
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

held=samples/tiny-vlm/heldout
sets=(samples/tiny-vlm/data/easy-vqa.zip "$held"/{shapes,text,charts,clips}.zip)
out=samples/tiny-vlm/results/vision-methods
if [ "${1:-}" = tiled ]; then
  shift
  sets=("$held"/large-{shapes,text}.zip)
  out+=-tiled
fi

exec ./squint eval "${sets[@]}" "${plans[@]}" --no-baselines \
  --out "$out" "$@"
