#!/usr/bin/env bash
# Shows that a release can be used: installs Squint into a Maven repository of its own, copies the application beside this script to a
# folder outside of this tree, compares its libraries with those that the build tests, and lets it answer a question.
#
# samples/consumer/check.sh [MAVEN_REPOSITORY [MAVEN_OPTION...]]   a new, empty one unless it is named; options for the installation
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
repository=${1:-$work/repository}
mvn=(mvn -B -q -Dmaven.repo.local="$repository")

# Lines as dependency:list writes them, on standard input; to standard output each library as group:artifact:type[:classifier]:version,
# sorted. "provided" is for the compiler (JSpecify) and comes with other libraries all the same.
libraries() {
  sed -nE 's/^ +([^ ]+):(compile|runtime|provided).*/\1/p' | sort
}

# In one call with the installation, because the tests' own module is not installed and known to this call alone.
"${mvn[@]}" -f "$root/pom.xml" -Prelease -Dmaven.test.skip=true "${@:2}" install dependency:list -DoutputFile=target/libraries.list
[ ! -e "$repository/dev/squint/squint-testing" ] || { echo "installed, though no part of a release: squint-testing" >&2; exit 1; }

# What a repository asks for: of each module that is a jar its sources, Javadoc, list of parts and POM.
for pom in "$repository"/dev/squint/squint-*/*/squint-*.pom; do
  module=${pom%.pom}
  grep -q '<packaging>pom</packaging>' "$pom" && continue
  for suffix in .jar -sources.jar -javadoc.jar -cyclonedx.json; do
    [ -f "$module$suffix" ] || { echo "missing: $(basename "$module")$suffix" >&2; exit 1; }
  done
done

cp -r "$here" "$work/consumer"
"${mvn[@]}" -f "$work/consumer/pom.xml" dependency:list -DoutputFile="$work/consumer.list"
libraries <"$work/consumer.list" >"$work/consumer.txt"
version=$(sed -nE 's:.*<squint.version>(.*)</squint.version>.*:\1:p' "$here/pom.xml")
{ cat "$root/llm-decoder/target/libraries.list"; echo "   dev.squint:squint-llm-decoder:jar:$version:compile"; } | libraries >"$work/tested.txt"
diff "$work/tested.txt" "$work/consumer.txt" ||
  { echo "the application gets other libraries (>) than the build tests (<)" >&2; exit 1; }
echo "same libraries as tested: $(wc -l <"$work/consumer.txt")"

"${mvn[@]}" -f "$work/consumer/pom.xml" compile dependency:build-classpath -Dmdep.outputFile="$work/classpath"
answer=$(cd "$work" && java -cp "$work/consumer/target/classes:$(cat "$work/classpath")" example.Ask \
  "$root/samples/tiny-vlm/package" "$root/samples/pictures/shapes.png" "What color is the heart?" 2>"$work/errors") ||
  { cat "$work/errors" >&2; exit 1; }
[ "$answer" = red ] || { echo "the answer is '$answer' and should be 'red'" >&2; exit 1; }
echo "answer: $answer"
