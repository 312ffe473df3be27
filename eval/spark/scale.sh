#!/usr/bin/env bash
# Computes what 10 million pictures take, from measured figures: docs/bench/smolvlm-256m-*.json, and for the default model
# eval/spark/results/standalone.json, or without it a run of `squint eval` on two cores. Writes eval/spark/results/scale.md.
#
# eval/spark/scale.sh [PICTURES [TOKENS]]    default: 10000000 pictures, captions of 32 tokens
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
pictures=${1:-10000000}
tokens=${2:-32}
standalone=eval/spark/results/standalone.json
one_tile=docs/bench/smolvlm-256m-patches-512-q8.json
tiles=docs/bench/smolvlm-256m-patches-q8.json
decoding=docs/bench/smolvlm-256m-plans.json # fp32, so q8 takes less
serial=samples/tiny-vlm/results/throughput/threads-1.json

figure() { # file, section, plan, column
  jq -r --arg section "$2" --arg plan "$3" --arg column "$4" \
    '.sections[] | select(.name == $section) | .rows[] | select(.plan == $plan) | .[$column]' "$1"
}
first() { figure "$1" "time to first token" "$2" "encode and prefill, processors"; }
link() { printf '[%s](../../../%s)' "$(basename "${1%.json}")" "${1%.json}.md"; }
token=$(figure "$decoding" plans "encoder:uniform-grid(keep=0.25)" "decode a token, processors")
if [ -f "$standalone" ]; then
  small=$(jq '1000 / .rows_per_second.spark.one_core' "$standalone")
  small_from="[standalone](standalone.md)"
  shared="two executors on two cores reached $(jq '.rows_per_second.spark | .two_cores / (2 * .one_core) * 100 | round' \
    "$standalone") % ([standalone](standalone.md))"
  bytes=$(jq '.bytes_of_answers / .rows' "$standalone")
  answers="$(printf '%.0f' "$bytes") bytes a row as JSON lines ([standalone](standalone.md)), \
$(awk -v each="$bytes" -v n="$pictures" 'BEGIN { printf "%.1f", each * n / 1e9 }') GB for one question and one plan"
else
  small=$(jq '2 * 60000 / .per_minute' "$serial") # both cores counted, though one thread uses them in part
  small_from="[threads-1](../../../$serial), at most"
  shared="\`eval/spark/standalone.sh\` measures it"
  answers="some 800 bytes a row as JSON lines"
fi

row() { # name, milliseconds a row, source
  awk -v name="$1" -v ms="$2" -v from="$3" -v n="$pictures" 'BEGIN {
    hours = ms * n / 3600e3
    printf "| %s | %.0f | %s | %.0f | %.1f | %.1f |\n", name, ms, from, hours, hours / 64, hours / 1024 }'
}
sum() { awk -v a="$1" -v b="$2" -v n="$3" 'BEGIN { print a + b * (n - 1) }'; }
size() { awk -v each="$1" -v n="$pictures" 'BEGIN { printf "%.1f", each * n / 1e9 }'; }

{
  cat <<TEXT
# What $(sed -E ':a; s/([0-9])([0-9]{3})($|,)/\1,\2\3/; ta' <<<"$pictures") pictures take

\`\`\`
eval/spark/scale.sh $pictures $tokens
\`\`\`

**Measured** are the milliseconds of one core for one row, in the file that is named. Everything else is **computed** from
them: core-hours = milliseconds x $pictures / 3,600,000; hours = core-hours / cores, as if all cores were as fast as the
measured one and none waited.

| one question about each picture | core ms a row | measured in | core-hours | hours, 64 cores | hours, 1,024 cores |
|---|---:|---|---:|---:|---:|
$(row "default model, a word" "$small" "$small_from")
$(row "SmolVLM-256M, q8, 1 tile, a label" "$(first "$one_tile" none)" "$(link "$one_tile")")
$(row "the same, \`patches:glance(keep=0.25)\`" "$(first "$one_tile" "patches:glance(keep=0.25)")" "$(link "$one_tile")")
$(row "the same, 1 tile, caption of $tokens tokens" "$(sum "$(first "$one_tile" none)" "$token" "$tokens")" "that and $(link "$decoding"), fp32")
$(row "SmolVLM-256M, q8, 17 tiles, a label" "$(first "$tiles" none)" "$(link "$tiles")")
$(row "the same, \`patches:globalcom2(keep=0.25)\`" "$(first "$tiles" "patches:globalcom2(keep=0.25)")" "$(link "$tiles")")
$(row "the same, \`tiles:downsample(keep=0.25)\`: 1 tile" "$(first "$tiles" "tiles:downsample(keep=0.25)")" "$(link "$tiles")")

SmolVLM-256M has random weights here, so this is its speed and says nothing about its answers. Its rows are the processor
time of encoding and prefill, and of each further token; reading and decoding a picture comes on top.

* **Price.** core-hours / efficiency x the price of a core-hour. The efficiency is what executors beside each other reach:
  $shared. A second question about the same picture costs no encoding, which is nine tenths of the time.
* **Answers.** $answers. With \`--commit-rows 1000\` these are $((pictures / 1000)) files.
* **Pictures.** Each is read once. At B bytes a picture, $pictures x B are read: $(size 100000) GB at 100 kB, over 1,024
  cores and the hours above.
* **Memory.** An executor needs its heap and the overhead that the driver prints: 1.6 x the graphs and 400 MiB, once for
  all its cores.
* **A killed driver** loses at most 1,000 rows a core, which are asked again: $(awk -v ms="$(first "$one_tile" none)" 'BEGIN {
    printf "%.0f", ms }') core-seconds a core for SmolVLM-256M with 1 tile. A killed executor loses the same for its cores.
TEXT
} >eval/spark/results/scale.md
