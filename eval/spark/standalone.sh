#!/usr/bin/env bash
# Measures and breaks a real standalone Spark cluster on this machine: a master and two workers on loopback, each worker pinned
# to one core. Writes eval/spark/results/standalone.md:
#   rows/s of `squint spark` with one and with two executors, and of `squint eval` in one and in two processes on the same cores;
#   a killed executor and a killed driver, resumed; the rows and figures of each against those of `squint eval`.
# SPARK_HOME names the Spark installation; without it, Maven's jars of the version that the module is built with are used.
#
# eval/spark/standalone.sh [ROUNDS [QUESTIONS]]    default: 3 rounds of 1000 questions under 2 plans, some 8 minutes
#   RESULT=FILE writes there, CORES="0 1" names the two cores, PORT=17077 is the master's first port
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
rounds=${1:-3}
questions=${2:-1000}
result=${RESULT:-eval/spark/results/standalone.md}
read -r -a cores <<<"${CORES:-0 1}"
port=${PORT:-17077}
work=$PWD/eval/spark/target/standalone
model=$PWD/samples/tiny-vlm/package
set=$PWD/samples/tiny-vlm/heldout/shapes.zip
plans=(--plan none --plan 'encoder:cls-attention(keep=0.25)')
master=spark://127.0.0.1:$port
started=$SECONDS
rm -rf "$work/run"
mkdir -p "$work/run"

say() { printf '%4d s  %s\n' $((SECONDS - started)) "$*" >&2; }
fail() {
  say "failed: $*"
  exit 1
}

children=()
stop() { # a process and its descendants
  local child
  for child in $(pgrep -P "$1"); do stop "$child"; done
  kill -9 "$1" 2>/dev/null || true
}
trap 'for one in "${children[@]}"; do stop "$one"; done' EXIT

# Spark as it is installed: bin/spark-class, bin/spark-submit and jars.
spark_of_maven() {
  local home=$work/spark version scala
  version=$(sed -n 's/.*<spark.version>\(.*\)<.*/\1/p' eval/spark/pom.xml)
  scala=$(sed -n 's/.*<spark.scala.version>\(.*\)<.*/\1/p' eval/spark/pom.xml)
  if [ ! -f "$home/$version" ]; then
    rm -rf "$home"
    mkdir -p "$home/bin" "$home/jars"
    cat >"$work/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.squint</groupId><artifactId>spark-home</artifactId><version>1</version><packaging>pom</packaging>
  <dependencyManagement><dependencies><dependency>
    <groupId>org.scala-lang</groupId><artifactId>scala-library</artifactId><version>$scala</version>
  </dependency></dependencies></dependencyManagement>
  <dependencies><dependency>
    <groupId>org.apache.spark</groupId><artifactId>spark-mllib_2.13</artifactId><version>$version</version>
  </dependency></dependencies>
</project>
POM
    mvn -q -B ${MAVEN_FLAGS:-} -f "$work/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
      -DoutputDirectory="$home/jars" >&2
    cat >"$home/bin/spark-class" <<'CLASS'
#!/usr/bin/env bash
opens=()
for package in lang lang.invoke lang.reflect io net nio util util.concurrent util.concurrent.atomic; do
  opens+=("--add-opens=java.base/java.$package=ALL-UNNAMED")
done
for package in jdk.internal.ref sun.nio.ch sun.nio.cs sun.security.action sun.util.calendar; do
  opens+=("--add-opens=java.base/$package=ALL-UNNAMED")
done
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" "${opens[@]}" -cp "$SPARK_HOME/jars/*" "$@"
CLASS
    printf '#!/usr/bin/env bash\nexec "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.SparkSubmit "$@"\n' \
      >"$home/bin/spark-submit"
    chmod +x "$home"/bin/*
    touch "$home/$version"
  fi
  printf '%s\n' "$home"
}

if [ -z "${SPARK_HOME:-}" ]; then
  SPARK_HOME=$(spark_of_maven)
  spark="$(basename "$(ls "$SPARK_HOME"/jars/spark-core_*)" .jar) from Maven"
else
  spark="$(basename "$(ls "$SPARK_HOME"/jars/spark-core_*)" .jar) of a distribution"
fi
export SPARK_HOME SPARK_SCALA_VERSION=2.13 SPARK_LOCAL_IP=127.0.0.1 SPARK_NO_DAEMONIZE=1
./squint spark --help >/dev/null 2>&1 || ./squint spark --help >&2 # builds it
./squint eval --help >/dev/null

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
wait_for() { # seconds, what, command
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ $SECONDS -lt $end ] || fail "waited too long for $what"
    sleep 0.1
  done
}

say "starting a master and two workers"
"$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "$port" --webui-port $((port + 1)) \
  >"$work/run/master.log" 2>&1 &
children+=($!)
wait_for 60 "the master" listening "$port"
workers=()
for i in 0 1; do
  taskset -c "${cores[$i]}" "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 \
    --port $((port + 2 + 2 * i)) --webui-port $((port + 3 + 2 * i)) --cores 1 --memory 2g \
    --work-dir "$work/run/worker$i" "$master" >"$work/run/worker$i.log" 2>&1 &
  children+=($!)
  workers+=($!)
done
registered() { [ "$(grep -c 'Registering worker' "$work/run/master.log")" -ge 2 ]; }
wait_for 60 "the workers" registered

# job OUT EXECUTORS [MORE...]: asks all rows; its log is OUT.log.
job() {
  local out=$work/run/$1 executors=$2
  shift 2
  ./squint spark --master "$master" --installed "$PWD/eval/spark/target/lib" --conf spark.cores.max="$executors" \
    --conf spark.executor.cores=1 --conf spark.executor.memory=1g --conf spark.driver.bindAddress=127.0.0.1 \
    --conf spark.driver.host=127.0.0.1 --conf spark.ui.enabled=false --in "$set" --limit "$questions" "${plans[@]}" \
    --model "$model" --out "$out" "$@" >"$out.log" 2>&1
}
rate() { sed -n 's/.*(\([0-9.]*\) rows\/s).*/\1/p' "$work/run/$1.log"; }
line() { grep 'rows/s' "$work/run/$1.log" | sed 's/; answers are in.*//'; }

# serial OUT CORES [MORE...]: the same rows by `squint eval`, without baselines.
serial() {
  local out=$work/run/$1 on=$2
  shift 2
  taskset -c "$on" ./squint eval "$set" --limit "$questions" "${plans[@]}" --no-baselines --model "$model" --out "$out" "$@" \
    >"$out.log" 2>&1
}
processes() { # rows/s of one or two processes: the sum of what each says
  jq -s 'map(.per_minute) | add / 60' "${@/%//throughput.json}"
}
# The rows without their times, sorted.
rows() { sed -E 's/"(timings_ms|ms)":\{[^}]*\},?//g' "$1/answers.jsonl" | LC_ALL=C sort; }
same() { # whether a job has the rows and the figures of the serial run
  ./squint report "$work/run/$1" --out "$work/run/$1-report" >/dev/null
  cmp "$work/run/$1-report/summary.json" "$work/run/serial/summary.json" || fail "the figures of $1 differ"
  cmp <(rows "$work/run/$1-report") <(rows "$work/run/serial") || fail "the rows of $1 differ"
}

say "squint eval, for comparison"
serial serial "${cores[0]}"
total=$(rows "$work/run/serial" | wc -l)

for round in $(seq "$rounds"); do
  say "round $round of $rounds"
  serial "eval1-$round" "${cores[0]}"
  serial "eval2a-$round" "${cores[0]}" --shard 1/2 &
  first=$!
  serial "eval2b-$round" "${cores[1]}" --shard 2/2
  wait "$first"
  processes "$work/run/eval1-$round" >>"$work/run/eval1.rates"
  processes "$work/run/eval2a-$round" "$work/run/eval2b-$round" >>"$work/run/eval2.rates"
  for executors in 1 2; do
    job "spark$executors-$round" "$executors"
    rate "spark$executors-$round" >>"$work/run/spark$executors.rates"
    same "spark$executors-$round"
  done
done
./squint report "$work/run/eval2a-1" "$work/run/eval2b-1" --out "$work/run/shards" >/dev/null
cmp "$work/run/shards/summary.json" "$work/run/serial/summary.json" || fail "the figures of the merged shards differ"

answered() { ls "$work/run/$1/answers"/part-* >/dev/null 2>&1; }
# The descendant of a process whose command line has a word.
descendant() {
  local child
  for child in $(pgrep -P "$1"); do
    if tr '\0' ' ' <"/proc/$child/cmdline" | grep -q "$2"; then
      printf '%s\n' "$child"
    fi
    descendant "$child" "$2"
  done
}

say "killing an executor"
job executor 2 --commit-rows 40 &
running=$!
children+=("$running")
wait_for 120 "a first commit" answered executor
kill -0 "$running" 2>/dev/null || fail "the job ended before the kill"
kill -9 "$(descendant "${workers[0]}" CoarseGrainedExecutorBackend | head -n 1)"
wait "$running" || fail "the job with a killed executor failed; see $work/run/executor.log"
same executor
lost=$(grep -c 'Lost executor' "$work/run/executor.log" || true)
[ "$lost" -ge 1 ] || fail "no executor was lost"

say "killing the driver"
job driver 2 --commit-rows 40 &
running=$!
children+=("$running")
wait_for 120 "a first commit" answered driver
driver=$(descendant "$running" org.apache.spark.deploy.SparkSubmit | tail -n 1)
kill -9 "$driver"
wait "$running" && fail "the driver ended before the kill"
kept=$(cat "$work/run/driver/answers"/part-*.json | wc -l)
mv "$work/run/driver.log" "$work/run/driver-killed.log"
job driver 2
same driver
resumed=$(line driver)

median() { sort -g "$1" | awk '{ v[NR] = $1 } END { printf "%.1f", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
all() { awk '{ printf "%s%.1f", (NR > 1 ? ", " : ""), $1 }' "$1"; }
table_row() { # name, rates of one, rates of two
  local one two
  one=$(median "$2")
  two=$(median "$3")
  awk -v name="$1" -v one="$one" -v two="$two" -v ones="$(all "$2")" -v twos="$(all "$3")" 'BEGIN {
    printf "| %s | %.1f (%s) | %.1f (%s) | %.2f | %.0f %% |\n", name, one, ones, two, twos, two / one, 100 * two / (2 * one) }'
}
mkdir -p "$(dirname "$result")"
bytes=$(cat "$work/run/spark1-1/answers"/part-*.json | wc -c)
jq -n --arg command "eval/spark/standalone.sh $rounds $questions" --argjson rows "$total" --argjson bytes "$bytes" \
  --argjson spark1 "$(median "$work/run/spark1.rates")" --argjson spark2 "$(median "$work/run/spark2.rates")" \
  --argjson eval1 "$(median "$work/run/eval1.rates")" --argjson eval2 "$(median "$work/run/eval2.rates")" \
  '{command: $command, rows: $rows, bytes_of_answers: $bytes, rows_per_second: {
    spark: {one_core: $spark1, two_cores: $spark2}, eval: {one_core: $eval1, two_cores: $eval2}}}' >"${result%.md}.json"
{
  cat <<TEXT
# Spark on one machine: two pinned executors, and what a kill costs

\`\`\`
eval/spark/standalone.sh $rounds $questions
\`\`\`

$spark, standalone: a master and two workers on loopback, each worker and its executor on one core (\`taskset\`).
$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1), $(nproc) cores, of which cores ${cores[0]} and ${cores[1]} \
were used; siblings of core ${cores[0]}: $(cat "/sys/devices/system/cpu/cpu${cores[0]}/topology/thread_siblings_list").
Java $(sed -n 's/.*version "\([^"]*\)".*/\1/p' <("${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1)).
Load average of the last minute when this was written: $(cut -d ' ' -f 1 /proc/loadavg).

The default model, $questions questions of \`samples/tiny-vlm/heldout/shapes.zip\`, two plans: $total rows a run.
One thread a question. Median of $rounds rounds, and each round.

| rows/s | one core | two cores | speed-up | efficiency |
|---|---:|---:|---:|---:|
$(table_row "\`squint spark\`, executors" "$work/run/spark1.rates" "$work/run/spark2.rates")
$(table_row "\`squint eval\`, processes with \`--shard\`" "$work/run/eval1.rates" "$work/run/eval2.rates")

The second line is what the two cores give without Spark. Both count from the first question; Spark's executors load
the model and warm up within that time, and the driver and the master share the cores.

| check | outcome |
|---|---|
| $((2 * rounds)) jobs with one and two executors | rows and \`summary.json\` equal those of \`squint eval\` |
| two shards, merged by \`squint report\` | \`summary.json\` equals that of the whole run |
| an executor killed after the first commit | lost executors: $lost; all $total rows, none twice, equal |
| the driver killed after the first commit | $kept rows were kept |
| the same command again | $resumed; equal, none twice |

Rows are compared without their times, \`summary.json\` byte for byte.
TEXT
} >"$result"
say "written: $result"
