#!/usr/bin/env bash
# Measures what other tables leave out: one table a call. Run it again to resume an interrupted run (not `turns`).
#
#   samples/tiny-vlm/evidence.sh TABLE [--limit N] [more options of squint eval]
#
#   turns      second questions of conversations, with the tokens of each turn and with those of the first one
#   grounding  questions about one thing: its tokens that are kept, beside the accuracy
#   pointing   the pointing game: the one token that a method keeps lies on the thing that is asked about
#   presence   whether something is there (yes or no; precision, recall, F1 and share of yes, as POPE)
#   absent     questions about what is not there, whose answer is unknown
#   places     questions about positions, relations and numbers
#
# grounding, pointing and places have sets with pictures of one tile and of several; turns, presence and absent have pictures of
# one tile only (90 of the 630 second questions are about clips of 4 frames).
#
# Every method that chooses or merges tokens after the encoder, beside a random choice, a grid, means and smaller pictures, at 50, 25
# and 12.5 % of the tokens.
set -euo pipefail
cd "$(dirname "$0")/../.."

table=${1:?give a table: turns, grounding, pointing, presence, absent or places}
shift
held=samples/tiny-vlm/heldout
out=samples/tiny-vlm/results/evidence/$table
baselines=(random uniform-grid average-pool)
methods=(cls-attention text-guided globalcom2 hired visionzip divprune vispruner cdpruner scope holov hiprune vscan prumerge tokencorr)
merging=(aim-merge tome)

plans=()
add() {
  for method in "$@"; do
    plans+=(--plan "encoder:$method($budget)")
  done
}
if [ "$table" = pointing ]; then
  budget=tokens=1
  add random uniform-grid "${methods[@]}"
else
  for keep in 0.5 0.25 0.125; do
    budget=keep=$keep
    add "${baselines[@]}" "${methods[@]}" "${merging[@]}"
    [ "$table" = turns ] || plans+=(--plan "tiles:downsample(keep=$keep)")
  done
fi

case $table in
  turns) exec ./squint turns "$held/dialogue.zip" "${plans[@]}" --out "$out" "$@" ;;
  grounding | pointing) asked=("$held"/{shapes,large-shapes,text,large-text}.zip --kind color,kind,size,position,read,letter) ;;
  presence) asked=(presence --data "$held/absent.zip" --kind exist) ;;
  absent) asked=("$held/absent.zip" --kind absent) ;;
  places) asked=("$held"/{shapes,large-shapes,text,large-text}.zip --kind position,relation,count) ;;
  *)
    echo "unknown table '$table'; choose turns, grounding, pointing, presence, absent or places" >&2
    exit 2
    ;;
esac
exec ./squint eval "${asked[@]}" "${plans[@]}" --no-baselines --out "$out" "$@"
