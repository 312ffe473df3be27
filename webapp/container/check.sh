#!/usr/bin/env bash
# Runs the last stage of the Containerfile line by line in a folder of its own (chroot) and asks the server in it a question. For machines
# without a container engine; needs root, debootstrap, curl and a JDK 23 or later. What it cannot show: the first stage's image, networks
# and limits of memory.
#
# webapp/container/check.sh [ROOT]   after: mvn -B -Dmaven.test.skip=true -pl webapp -am package
# ROOT is a minimal Debian that debootstrap made; it is copied. JAVA_HOME is where the JRE of the image is made from.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
work=$(mktemp -d)
root=$work/root
server=
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  wait 2>/dev/null || true
  for mount in model proc dev; do mountpoint -q "$root/$mount" && umount --lazy "$root/$mount" 2>/dev/null || true; done
  rm -rf --one-file-system "$work"
}
trap cleanup EXIT
fail() {
  echo "container: $1" >&2
  [ ! -s "$work/log" ] || tail -n 20 "$work/log" >&2
  exit 1
}

# FROM: what the base image has and the steps use, Debian's tools and a JRE on the path.
if [ -n "${1:-}" ]; then cp -a "$1" "$root"; else debootstrap --variant=minbase bookworm "$root" >"$work/log" 2>&1; fi
mkdir -p "$root/opt/java"
modules=$("${JAVA_HOME:?is a JDK 23 or later}/bin/java" --list-modules | sed 's/@.*//' | grep -vxE 'jdk.(jlink|jpackage)' | paste -sd,)
"$JAVA_HOME/bin/jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages \
  --output "$root/opt/java/openjdk"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"

environment=(PATH=/opt/java/openjdk/bin:/usr/sbin:/usr/bin:/sbin:/bin)
directory=/ user=0:0 entrypoint='' health='' stage=0
words() { python3 -c 'import json, sys; sys.stdout.write("".join(w + "\0" for w in json.loads(sys.argv[1])))' "$1"; }
become() { # USER COMMAND...; the command takes the place of this process
  local as=$1
  shift
  exec chroot --userspec="$as" "$root" /usr/bin/env -i "${environment[@]}" /bin/sh -c 'cd "$0" && exec "$@"' "$directory" "$@"
}
inside() { (become "$@"); }
while IFS= read -r line; do
  instruction=${line%% *} rest=${line#* }
  if [ "$instruction" = FROM ]; then
    stage=$((stage + 1))
    continue
  fi
  [ "$stage" -eq 2 ] || continue
  case $instruction in '' | '#'*) continue ;; esac
  echo "$line"
  case $instruction in
    RUN) inside 0:0 sh -c "$rest" ;;
    COPY)
      read -ra parts <<<"${rest#--from=build }"
      to=$root${parts[-1]}
      case ${parts[-1]} in */) mkdir -p "$to" ;; *) mkdir -p "$(dirname "$to")" ;; esac
      for from in "${parts[@]:0:${#parts[@]}-1}"; do cp -r "$here/${from#/source/}" "$to"; done
      ;;
    ENV) environment+=("$rest") ;;
    WORKDIR) directory=$rest && mkdir -p "$root$rest" ;;
    USER) user=$rest ;;
    VOLUME) [ -d "$root$rest" ] || fail "$rest is a volume and no folder" ;;
    EXPOSE) port=$rest ;;
    HEALTHCHECK) health=${rest#*CMD } ;;
    ENTRYPOINT) entrypoint=$rest ;;
    *) fail "this script does not know $instruction" ;;
  esac
done <"$here/Containerfile"

mount --bind -o ro "$here/samples/tiny-vlm/package" "$root/model"
mount -o remount,bind,ro "$root/model"
mapfile -d '' -t command < <(words "$entrypoint")
mapfile -d '' -t check < <(words "$health")

! inside "$user" "${check[@]}" >/dev/null 2>&1 || fail "the health check is content although nothing runs; is port $port taken?"
environment+=(SQUINT_APIKEY=check) # without a key it does not listen for other machines
become "$user" "${command[@]}" >"$work/log" 2>&1 &
server=$!
for ((second = 0; second < 120; second++)); do
  kill -0 "$server" 2>/dev/null || fail "the server ended"
  if inside "$user" "${check[@]}" >/dev/null 2>&1; then break; fi
  sleep 1
done
[ "$second" -lt 120 ] || fail "the health check failed: $(inside "$user" "${check[@]}" 2>\&1 | tail -n 1)"
echo "healthy after about $second s"
[ "$(stat -c %u "/proc/$server")" -ne 0 ] || fail "the server runs as root"
for plan in none "layer2:fastv(keep=0.5)"; do # the second needs a place for the graphs that it cuts
  answer=$(curl -s -H "Authorization: Bearer check" -F files=@"$here/samples/pictures/shapes.png" -F "question=What color is the heart?" \
    -F "plan=$plan" "http://127.0.0.1:$port/api/ask") || fail "no answer with the plan $plan"
  case $answer in *'"text":"red"'*) ;; *) fail "the answer with the plan $plan is $answer" ;; esac
done
echo "answers: $(printf '%s' "$answer" | head -c 60)"
if [ -s "$work/log" ]; then echo "the server wrote:" && cat "$work/log"; fi
kill "$server"
wait "$server" || [ $? -eq 143 ] || fail "the server did not end in order"
server=
echo "ended in order"
