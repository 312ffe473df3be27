#!/usr/bin/env bash
# Tests a release: installs Squint into a separate Maven repository, copies the application beside this script outside of this tree,
# compares its libraries with those that the build tests, and asks it a question.
#
# samples/consumer/check.sh [MAVEN_REPOSITORY [MAVEN_OPTION...]]   default: a new, empty repository; the options are for the installation
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
repository=${1:-$work/repository}
mvn=(mvn -B -q -Dmaven.repo.local="$repository")

# Reads the output of dependency:list and prints each library as group:artifact:type[:classifier]:version, sorted. "provided" is
# included, because JSpecify is also a dependency of other libraries.
libraries() {
  sed -nE 's/^ +([^ ]+):(compile|runtime|provided).*/\1/p' | sort
}

# One Maven call for both goals, because the testing module is not installed and only known within this call.
"${mvn[@]}" -f "$root/pom.xml" -Prelease -Dmaven.test.skip=true "${@:2}" install dependency:list -DoutputFile=target/libraries.list
[ ! -e "$repository/dev/squint/squint-testing" ] || { echo "squint-testing was installed, but is not part of a release" >&2; exit 1; }

# Required by repositories: for each jar module its sources, Javadoc, bill of materials and POM.
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
  { echo "the application has other libraries (>) than the tested build (<)" >&2; exit 1; }
echo "same libraries as tested: $(wc -l <"$work/consumer.txt")"

"${mvn[@]}" -f "$work/consumer/pom.xml" compile dependency:build-classpath -Dmdep.outputFile="$work/classpath"
answer=$(cd "$work" && java -cp "$work/consumer/target/classes:$(cat "$work/classpath")" example.Ask \
  "$root/samples/tiny-vlm/package" "$root/samples/pictures/shapes.png" "What color is the heart?" 2>"$work/errors") ||
  { cat "$work/errors" >&2; exit 1; }
[ "$answer" = red ] || { echo "the answer is '$answer' instead of 'red'" >&2; exit 1; }
echo "answer: $answer"
