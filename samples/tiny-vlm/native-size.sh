#!/usr/bin/env bash
# Measures the effect of the native-size cap: pictures of one tile at their own size, and enlarged into a global view and four
# crops, as without the cap.
#
#   samples/tiny-vlm/native-size.sh [--limit N] [more options of squint eval]
set -euo pipefail
cd "$(dirname "$0")/../.."

enlarging=samples/tiny-vlm/runs/enlarging
mkdir -p samples/tiny-vlm/runs
rm -rf "$enlarging"
cp -r samples/tiny-vlm/package "$enlarging"
sed -i.with '/"native_size_cap"/d; s/"do_pad": true,/"do_pad": true/' "$enlarging/preprocessor_config.json"
rm "$enlarging/preprocessor_config.json.with"

held=samples/tiny-vlm/heldout
results=samples/tiny-vlm/results/native-size
for cap in enlarged capped; do
  option=()
  if [ "$cap" = capped ]; then
    option=(--native-size-cap)
  fi
  ./squint eval samples/tiny-vlm/data/easy-vqa.zip "$held"/{shapes,text,charts}.zip --model "$enlarging" --no-baselines \
    "${option[@]}" --out "$results/$cap" "$@"
done
