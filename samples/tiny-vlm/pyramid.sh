#!/usr/bin/env bash
# Measures which crops LRS-VQA's step chooses, by the decoder's layers and by the trained head, beside a random choice, on the held-out
# pictures of five tiles. Run it again to resume an interrupted run.
#
#   samples/tiny-vlm/pyramid.sh [--limit N] [more options of squint eval]
#
# The committed results are with --limit 30 --threads 2, on a machine with other load: times are at best comparable within the table.
set -euo pipefail
cd "$(dirname "$0")/../.."

held=samples/tiny-vlm/heldout
exec ./squint eval "$held"/{large-shapes,large-text}.zip --no-baselines --out samples/tiny-vlm/results/pyramid \
  --plan 'tiles:random(keep=0.5)' --plan 'tiles:lrs-tiles(keep=0.5)' --plan 'tiles:lrs-tiles(keep=0.5, guide=head)' "$@"
