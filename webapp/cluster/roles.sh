#!/usr/bin/env bash
# Measures encoding apart from answering in two processes with a core each, their memory with the sizes of a larger model, and
# simulates 1 to 8 machines with the measured times. Writes webapp/results/roles.md. Needs two cores and taskset.
#
# webapp/cluster/roles.sh [MODEL]   MODEL is that of the table of memory (default: arch:smolvlm-256m)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mvn -o -q -B -Pquick -pl webapp -am test -Dtest=RoleMeasurement -Dsurefire.failIfNoSpecifiedTests=false \
  -Dresults.dir=results -Droles.large="${1:-arch:smolvlm-256m}"
