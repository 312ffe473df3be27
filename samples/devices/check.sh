#!/usr/bin/env bash
# Checks a device: conformance tests, answers beside those of the processor, and speed. Writes samples/devices/results/DEVICE.md.
# Ends with exit code 1 if a conformance test fails or an answer differs.
#
# samples/devices/check.sh DEVICE [MODEL]    DEVICE: cuda, cuda:1, coreml, ... (cpu tries the script itself);
#                                            MODEL: what is measured, default arch:smolvlm-256m
# ROUNDS=3 and PARTS=plans,pictures,clients choose what 'squint bench' does; MAVEN_OPTIONS are for the build, such as -o.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
device=${1:?"name a device: cpu, cuda, cuda:1, coreml, directml or openvino"}
model=${2:-arch:smolvlm-256m}
results=samples/devices/results
name=${device//[^a-z0-9]/-}
result=$results/$name.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
profiles=()
case $device in cuda*) profiles=(-Pgpu) ;; esac
read -ra options <<<"${MAVEN_OPTIONS:-}"
mvn=(mvn -B -q ${profiles[@]+"${profiles[@]}"} ${options[@]+"${options[@]}"})
mkdir -p "$results"

"${mvn[@]}" -Dmaven.test.skip=true -pl eval -am package
# Ends with the refusal if the device is not available.
./squint inspect --device "$device" --json >"$work/inspect.json"

tests=PackageConformanceTest,StagesConformanceTest,VideoConformanceTest
conformance=passed
"${mvn[@]}" -Pquick -pl llm-decoder -am test -Dtest=$tests -Dsurefire.failIfNoSpecifiedTests=false \
  -Dsquint.test.device="$device" >"$work/tests.log" 2>&1 || conformance="failed"

asked=0
equal=0
while IFS='|' read -r picture question; do
  for each in cpu "$device"; do
    ./squint ask --quiet --device "$each" --max-tokens 24 "samples/pictures/$picture" "$question" >"$work/${each//:/-}.txt"
  done
  asked=$((asked + 1))
  ! cmp -s "$work/cpu.txt" "$work/${device//:/-}.txt" || equal=$((equal + 1))
done <<'QUESTIONS'
shapes.png|What color is the heart?
shapes.png|How many shapes are there?
shapes.png|What is in the picture?
QUESTIONS

for each in cpu "$device"; do
  ./squint bench --model "$model" --device "$each" --parts "${PARTS:-plans,pictures,clients}" --rounds "${ROUNDS:-3}" \
    --out "$results/$name-bench-${each//[^a-z0-9]/-}" >/dev/null
done

{
  echo "# Device $device"
  echo
  echo "Written by \`samples/devices/check.sh $device $model\` on $(date -u +%Y-%m-%d)."
  echo
  echo "* machine: $(uname -sm), $(nproc 2>/dev/null || sysctl -n hw.ncpu) cores"
  ! command -v nvidia-smi >/dev/null || echo "* GPU: $(nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader | head -n 1)"
  echo "* ONNX Runtime runs on: $(jq -r '.devices | join(", ")' "$work/inspect.json")"
  echo "* sessions: $(jq -r '[.sessions[] | "\(.name) on \(.device)"] | join(", ")' "$work/inspect.json")"
  echo "* conformance ($tests): $conformance"
  echo "* answers of the default model equal to those of the processor: $equal of $asked"
  echo "* speed: [cpu]($name-bench-cpu.md), [$device]($name-bench-${device//[^a-z0-9]/-}.md)"
  if [ "$conformance" = failed ]; then
    printf '\n```\n'
    grep -m 12 -E 'ERROR|FAIL' "$work/tests.log" || tail -n 12 "$work/tests.log"
    printf '```\n'
  fi
} >"$result"
cat "$result"
# A report that shows a failure is not a success.
[ "$conformance" = passed ] && [ "$equal" -eq "$asked" ]
