#!/usr/bin/env bash
# Measures YOPO's strategies on the default model: layers without visual tokens, a window, and packages without 10, 25 and 50 % of
# the heads. Beside them plans between layers with about as many operations, and packages without 25 % of the heads at random.
# Run it again to resume an interrupted run. The committed results are with --limit 300 --threads 2.
#
#   samples/tiny-vlm/yopo.sh [packages|--limit N] [more options of squint eval]
#
# `packages` writes the packages alone, to samples/tiny-vlm/runs, from the committed lists of heads; `squint verify-results`
# needs them. The lists of heads are made by
#
#   squint calibrate --heads --keep KEEP --data samples/tiny-vlm/heldout/dialogue.zip --limit 32 \
#     --out samples/tiny-vlm/results/yopo/heads-KEEP.json
set -euo pipefail
cd "$(dirname "$0")/../.."

results=samples/tiny-vlm/results/yopo
runs=samples/tiny-vlm/runs
kept=(heads-{0.9,0.75,0.5})
drawn=(random-{1,2,3})
for heads in "${kept[@]}" "${drawn[@]}"; do
  [ -d "$runs/$heads" ] || ./squint slice-heads samples/tiny-vlm/package --heads "$results/$heads.json" --out "$runs/$heads"
done
[ "${1:-}" != packages ] || exit 0

held=samples/tiny-vlm/heldout
ask() {
  local out=$1
  shift
  ./squint eval samples/tiny-vlm/data/easy-vqa.zip "$held"/{shapes,text,charts,dialogue}.zip --no-baselines \
    --out "$results/$out" "$@"
}

plans=()
for from in 0.625 0.5 0.375 0.25; do plans+=(--plan "decoder:yopo(from=$from)"); done
for from in 0.625 0.5; do plans+=(--plan "decoder:yopo(from=$from, window=5)"); done
# As many visual tokens a layer as five, four and three of eight layers have.
for keep in 0.5 0.333 0.167; do
  for method in random uniform-grid fastv; do plans+=(--plan "layer2:$method(keep=$keep)"); done
done
for keep in 0.69 0.544; do
  plans+=(--plan "layer2:pyramiddrop(keep=$keep) + layer4:pyramiddrop(keep=$keep) + layer6:pyramiddrop(keep=$keep)")
done
ask whole "${plans[@]}" "$@"

plans=(--plan 'decoder:yopo(from=0.625)' --plan 'decoder:yopo(from=0.5)' --plan 'decoder:yopo(from=0.625, window=5)')
for heads in "${kept[@]}"; do ask "$heads" --model "$runs/$heads" "${plans[@]}" "$@"; done
for heads in "${drawn[@]}"; do ask "$heads" --model "$runs/$heads" "$@"; done
