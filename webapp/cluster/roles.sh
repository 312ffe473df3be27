#!/usr/bin/env bash
# Measures encoding apart from answering in two processes with a core each, their memory with the sizes of a larger
# model, and simulates 1 to 8 machines with the measured times. Writes webapp/results/roles.md, at the end. Needs two
# cores that do nothing else, taskset, 6 GB of memory, and a built project (mvn install, or verify before).
#
# webapp/cluster/roles.sh [MODEL [QUESTIONS [RESULTS]]]
#   MODEL      of the table of memory (default: arch:smolvlm-256m)
#   QUESTIONS  in each measured arrangement (default: 48); fewer are for a trial
#   RESULTS    folder of the result, from webapp (default: results)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command -v taskset > /dev/null || { echo "taskset is missing (Debian: util-linux)" >&2; exit 1; }
[ "$(nproc)" -ge 2 ] || { echo "two cores are needed" >&2; exit 1; }
results=${3:-results}
rm -f "webapp/$results/roles.md" webapp/target/replicas.log
mvn -o -q -B -Pquick -pl webapp -am test -Dtest=RoleMeasurement -Dsurefire.failIfNoSpecifiedTests=false \
  -Dresults.dir="$results" -Droles.large="${1:-arch:smolvlm-256m}" -Droles.questions="${2:-48}"
[ -s "webapp/$results/roles.md" ] || { echo "nothing was written; see webapp/target/replicas.log" >&2; exit 1; }
