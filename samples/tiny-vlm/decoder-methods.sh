#!/usr/bin/env bash
# Measures every method between decoder layers and on the KV cache at two or more budgets, and baselines at the same points:
# accuracy, tokens, operations, times and bytes on the held-out sets. Run it again to resume an interrupted run.
#
#   samples/tiny-vlm/decoder-methods.sh [--limit N] [more data sets and options of squint eval]
#
# The results of trained methods are in results/trained. The committed results are with --limit 60 on a machine with other load:
# times are at best comparable within one table.
set -euo pipefail
cd "$(dirname "$0")/../.."

plans=(--plan 'encoder:random(keep=0.5)' --plan 'encoder:random(keep=0.25)')
for keep in 0.5 0.25; do
  for method in random uniform-grid average-pool fastv pyramiddrop sparsevlm adaptinfer aim lrs; do
    plans+=(--plan "layer2:$method(keep=$keep)")
  done
  plans+=(
    --plan "layer2:pyramiddrop(keep=$keep) + layer4:pyramiddrop(keep=0.5) + layer6:pyramiddrop(keep=0.5)"
    --plan "layer2:sparsevlm(keep=$keep) + layer4:sparsevlm(keep=0.5)"
    --plan "layer2:sparsevlm(keep=$keep, recycle=true) + layer4:sparsevlm(keep=0.5, recycle=true)"
    --plan "layer2:atp-style(keep=0.0..$keep)"
    --plan "layer2:mustdrop(keep=0.0..$keep)"
    --plan "layer3:gemfilter(keep=$keep)"
  )
done
plans+=(
  --plan 'layer2:fastv(keep=0.1)'
  --plan 'layer4:fastv(keep=0.25)'
  --plan 'layer2:sparsevlm'
  --plan 'layer1:adaptinfer(keep=0.5) + layer3:adaptinfer(keep=0.25) + layer5:adaptinfer(keep=0.25)'
  --plan 'layer4:aim(keep=0.75) + layer5:aim(keep=0.67) + layer6:aim(keep=0.5)'
  --plan 'layer2:mustdrop(together=0.004, single=0.004) + layer4:mustdrop(together=0.004, single=0.004)'
  # Like G-Search and P-Sigmoid: fewer tokens at each layer. Like YOPO: no visual token after a layer.
  --plan 'layer2:fastv(tokens=120) + layer3:fastv(tokens=84) + layer4:fastv(tokens=48) + layer5:fastv(tokens=24) + layer6:fastv(tokens=12)'
  --plan 'layer4:uniform-grid(tokens=0)'
  --plan 'layer6:uniform-grid(tokens=0)'
  --plan 'decoder:skipdecode(fewest=0.75, answer=4)'
  --plan 'decoder:skipdecode(fewest=0.5, answer=4)'
  --plan 'encoder:cls-attention(keep=0.5) + layer2:fastv(keep=0.5)'
)
for keep in 0.5 0.2; do
  plans+=(
    --plan "cache:h2o(keep=$keep)"
    --plan "cache:snapkv(keep=$keep, window=16)"
    --plan "cache:streamingllm(keep=$keep)"
    --plan "cache:streamingllm(keep=$keep, inCache=true)"
    --plan "cache:lookm(keep=$keep)"
    --plan "cache:think(keep=$keep, recent=16)"
  )
done
plans+=(
  --plan cache:zipvl
  --plan 'cache:zipvl(mass=0.8)'
  --plan 'layer2:fastv(keep=0.25) + cache:mustdrop-cache(from=1)'
  --plan cache:gear
  --plan cache:quantised
  --plan 'cache:quantised(bits=4)'
  --plan 'layer2:fastv(keep=0.5) + cache:snapkv(keep=0.5, window=16) + cache:quantised'
)

exec ./squint eval samples/tiny-vlm/heldout/{shapes,text,charts}.zip "${plans[@]}" --no-baselines \
  --out samples/tiny-vlm/results/decoder "$@"
