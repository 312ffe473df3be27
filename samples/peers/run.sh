#!/usr/bin/env bash
# Measures Squint beside transformers, ONNX Runtime in Python and llama.cpp on the same random weights:
#   samples/peers/run.sh [WORK]            prepares what is missing in WORK, measures, writes docs/bench/peers.md
#   samples/peers/run.sh [WORK] --prepare  prepares only
# Needs Python 3.11, npm, git, CMake, a C++ compiler and 8 GB of disk; measuring takes half an hour.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
work=${1:-$HOME/.cache/squint/peers}
threads=2
llama=3.22.1 # of node-llama-cpp: llama.cpp 0.5.0
export ORT_DISABLE_TELEMETRY=1
mkdir -p "$work"
cd "$work"

python=$work/venv/bin/python
[ -x "$python" ] || python3.11 -m venv venv
"$python" -c 'import gguf, transformers, torch, onnxruntime, onnx' 2>/dev/null ||
  "$python" -m pip install -q -r "$here/requirements.txt"

# Compiled libraries for all kinds of processors, and the source of the same release for what they lack.
libraries=$work/llama/package/bins/linux-x64
if [ ! -d llama ]; then
  mkdir -p llama source
  npm pack --silent "@node-llama-cpp/linux-x64@$llama" "node-llama-cpp@$llama"
  tar xzf "node-llama-cpp-linux-x64-$llama.tgz" -C llama
  tar xzf "node-llama-cpp-$llama.tgz" -C source
fi
[ -d llama.cpp ] || git clone -q source/package/llama/gitRelease.bundle llama.cpp
if [ ! -x build/llama-server ]; then
  cmake -S "$here/llama" -B build -DSOURCE="$work/llama.cpp" -DLIBRARIES="$libraries" -DCMAKE_BUILD_TYPE=Release
  cmake --build build --parallel
fi

"$top/squint" --version >/dev/null
"$top/squint" serve --help >/dev/null
jar=$top/eval/target/squint.jar
mkdir -p classes
[ classes/SquintPeer.class -nt "$here/SquintPeer.java" ] || javac -proc:none -cp "$jar" -d classes "$here/SquintPeer.java"
package=$(java -cp "$jar:classes" SquintPeer package)
[ -d made/transformers ] || "$python" "$here/convert.py" "$package" made
[ -d pictures ] || "$python" "$here/pictures.py" pictures

cat >settings.json <<EOF
{"libraries": "$libraries", "mtmd": "$work/build/libmtmd.so", "server": "$work/build/llama-server",
 "made": "$work/made", "package": "$package", "pictures": "$work/pictures", "jar": "$jar",
 "classes": "$work/classes", "serve": ["$top/squint", "serve"], "threads": $threads, "seconds": 1500,
 "versions": ["Squint $(git -C "$top" rev-parse --short HEAD)", "llama.cpp as compiled for node-llama-cpp $llama"]}
EOF
if [ "${2:-}" = --prepare ]; then
  "$python" "$here/measure.py" settings.json none --warm
  exit
fi
"$python" "$here/measure.py" settings.json "$top/docs/bench/peers.json"
"$python" "$here/table.py" "$top/docs/bench/peers.json" "$top/docs/bench/peers.md"
cat "$top/docs/bench/peers.md"
