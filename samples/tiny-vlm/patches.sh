#!/usr/bin/env bash
# Measures what the default model answers if groups of patches are never encoded: plans at `patches` at 50, 25 and 12.5 % of the
# groups, beside plans after the encoder (the same tokens, all encoded), plans that leave out whole crops, and a smaller picture
# (the same encoder operations). Run it again to resume an interrupted run.
#
#   samples/tiny-vlm/patches.sh [tiled|spread] [--limit N] [more options of squint eval]
#
# `tiled` asks about the held-out pictures of several tiles, where the global view guides the choice. Without it the sets are
# easy-VQA and the held-out sets of one tile or of clips; methods by the global view save nothing there and are left out.
# `spread` asks more questions of them, about plans that spend a part of their groups evenly spaced.
set -euo pipefail
cd "$(dirname "$0")/../.."

held=samples/tiny-vlm/heldout
out=samples/tiny-vlm/results/patches
# glance: half of the groups are encoded first, evenly spaced; they decide which others are.
declare -A first=([0.5]=0.25 [0.25]=0.125 [0.125]=0.0625)
# Two steps that keep this share together: one by pixels, and one by the question among what is left.
declare -A pixels=([0.5]=0.75 [0.25]=0.5 [0.125]=0.25)
declare -A question=([0.5]=0.667 [0.25]=0.5 [0.125]=0.5)
if [ "${1:-}" = spread ]; then
  shift
  half="patches:plain(keep=0.5, spread=0.5)"
  placed=("$half" "patches:pixelprune(keep=0.5, spread=0.5)" "patches:glance(keep=0.5, guide=words)"
    "patches:plain(keep=0.25, spread=0.5)" "patches:plain(keep=0.25, spread=0.35)" "patches:uniform-grid(keep=0.25)"
    "$half + encoder:cdpruner(keep=0.5)" "$half + encoder:text-guided(keep=0.5)"
    "patches:plain(keep=0.125, spread=0.5)" "patches:uniform-grid(keep=0.125)"
    "patches:plain(keep=0.25, spread=0.5) + encoder:cdpruner(keep=0.5)" "$half + encoder:cdpruner(keep=0.25)")
  plans=(--plan "encoder:text-guided(keep=0.5)" --plan "encoder:uniform-grid(keep=0.5)"
    --plan "encoder:cdpruner(keep=0.25)" --plan "encoder:uniform-grid(keep=0.25)"
    --plan "encoder:cdpruner(keep=0.125)" --plan "encoder:uniform-grid(keep=0.125)"
    --plan "tiles:downsample(keep=0.5)" --plan "tiles:downsample(keep=0.25)" --plan "tiles:downsample(keep=0.125)")
  for step in "${placed[@]}"; do plans+=(--plan "$step + encoder:in-place"); done
  exec ./squint eval samples/tiny-vlm/data/easy-vqa.zip "$held"/{shapes,text,charts,clips}.zip "${plans[@]}" \
    --no-baselines --out "$out-spread" "$@"
fi
glances=()
placed=()
plans=(--plan patches:pixelprune --plan "patches:pixelprune(threshold=0.05)" --plan patches:plain --plan patches:duplicates)
if [ "${1:-}" = tiled ]; then
  shift
  sets=("$held"/large-{shapes,text}.zip)
  out+=-tiled
  patches=(random uniform-grid pixelprune plain globalcom2 hired text cdpruner)
  encoder=(random uniform-grid globalcom2 hired text-guided cdpruner)
  tiles=(random thumbnail text downsample)
  plans+=(--plan patches:atp-style)
  guided="patches:text(keep=%s)"
else
  sets=(samples/tiny-vlm/data/easy-vqa.zip "$held"/{shapes,text,charts,clips}.zip)
  patches=(random uniform-grid pixelprune plain)
  glances=(attention words head)
  encoder=(random uniform-grid cls-attention text-guided cdpruner)
  tiles=(downsample)
  plans+=(--plan patches:static --plan "patches:static + encoder:in-place")
  # Frames of clips are told apart by where their tokens stand.
  placed=("patches:pixelprune(keep=%s)" "patches:glance(keep=%s, first=%s, guide=words)")
  guided="patches:glance(keep=%s, first=0.3, guide=words)"
fi
for keep in 0.5 0.25 0.125; do
  for method in "${patches[@]}"; do plans+=(--plan "patches:$method(keep=$keep)"); done
  for guide in "${glances[@]}"; do plans+=(--plan "patches:glance(keep=$keep, first=${first[$keep]}, guide=$guide)"); done
  # shellcheck disable=SC2059 # the step is the format
  for step in "${placed[@]}"; do plans+=(--plan "$(printf "${step//first=%s/first=${first[$keep]}}" "$keep") + encoder:in-place"); done
  for step in "$guided" "encoder:text-guided(keep=%s)"; do
    # shellcheck disable=SC2059
    plans+=(--plan "patches:pixelprune(keep=${pixels[$keep]}) + $(printf "$step" "${question[$keep]}")")
  done
  for method in "${encoder[@]}"; do plans+=(--plan "encoder:$method(keep=$keep)"); done
  for method in "${tiles[@]}"; do plans+=(--plan "tiles:$method(keep=$keep)"); done
done

exec ./squint eval "${sets[@]}" "${plans[@]}" --no-baselines \
  --out "$out" "$@"
