#!/usr/bin/env bash
# Measures methods inside the encoder at a half and a quarter of the visual tokens, beside choices after it that keep as
# many. IPCV puts all tokens back before the projector. Run it again to resume an interrupted run. The committed results
# are with --limit 60.
#
#   samples/tiny-vlm/inside-encoder.sh [--limit N] [more options of squint eval]
set -euo pipefail
cd "$(dirname "$0")/../.."

plans=(--plan none)
for keep in 0.5 0.25; do
  plans+=(
    --plan "encoder:random(keep=$keep)"
    --plan "encoder:uniform-grid(keep=$keep)"
    --plan "encoder:cls-attention(keep=$keep)"
    --plan "encoder:flowcut(keep=$keep)"
    --plan "encoder1:flowcut(keep=$keep)"
    --plan "encoder1:tome(keep=$keep)"
    --plan "encoder2:tome(keep=$keep)"
    --plan "encoder2:ipcv(keep=$keep, stabilised=0)"
    --plan "encoder2:ipcv(keep=$keep, stabilised=1)"
  )
done

held=samples/tiny-vlm/heldout
exec ./squint eval samples/tiny-vlm/data/easy-vqa.zip "$held"/{shapes,text,charts}.zip "${plans[@]}" --no-baselines \
  --out samples/tiny-vlm/results/inside-encoder "$@"
