#!/usr/bin/env bash
# Measures which crops LRS-VQA's step chooses with one level and with two, by the decoder's layers and by the trained head, beside
# other choices of as many tiles: on the held-out pictures of five tiles, and on pictures whose things are a small part of them.
# Run it again to resume an interrupted run.
#
#   samples/tiny-vlm/pyramid.sh [--limit N] [more options of squint eval]
#
# The committed results are with --limit 60 --threads 2. Times are at best comparable within the table.
set -euo pipefail
cd "$(dirname "$0")/../.."

plans=(--plan 'tiles:random(keep=0.5)' --plan 'tiles:lrs-tiles(keep=0.5)' --plan 'tiles:lrs-tiles(keep=0.5, guide=head)')
for crops in 1 2; do
  plans+=(--plan "tiles:random(crops=$crops)" --plan "tiles:thumbnail(crops=$crops)" --plan "tiles:text(crops=$crops)")
  plans+=(--plan "tiles:lrs-tiles(crops=$crops)" --plan "tiles:lrs-tiles(crops=$crops, guide=head)")
done
for crops in 2 4; do
  for levels in 1 2; do
    plans+=(--plan "tiles:lrs-tiles(crops=$crops, levels=$levels, zoom=2)")
    plans+=(--plan "tiles:lrs-tiles(crops=$crops, levels=$levels, zoom=2, guide=head)")
  done
done

held=samples/tiny-vlm/heldout
exec ./squint eval "$held"/{large-shapes,large-text,distant}.zip --no-baselines --out samples/tiny-vlm/results/pyramid \
  "${plans[@]}" "$@"
