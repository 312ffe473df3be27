#!/usr/bin/env bash
# Measures three replicas behind a real nginx: hit rates of caches with and without X-Squint-Picture, and a replica that is
# killed. Writes webapp/results/sticky.md. Needs nginx (Debian: nginx-light).
#
# webapp/cluster/sticky.sh [PICTURES]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mvn -o -q -B -Pquick -pl webapp -am test -Dtest=StickyMeasurement -Dsurefire.failIfNoSpecifiedTests=false \
  -Dresults.dir=results -Dsticky.pictures="${1:-24}"
