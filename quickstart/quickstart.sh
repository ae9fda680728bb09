#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds what is missing and runs the demo: see --help.
set -euo pipefail

readonly JAVA_NEEDED=17

fail() {
  echo "quickstart: $*" >&2
  exit 1
}

# The root of the checkout: the nearest folder, from this script's own upwards, with mvnw in it.
find_root() {
  local script=${BASH_SOURCE[0]}
  [[ -L $script ]] && script=$(readlink -f "$script")
  local folder
  folder=$(cd "$(dirname "$script")" && pwd -P)
  while [[ ! -e $folder/mvnw ]]; do
    [[ $folder != / ]] || fail "no mvnw in any folder above $script; run it inside a checkout"
    folder=$(dirname "$folder")
  done
  echo "$folder"
}

find_java() {
  if [[ -n ${JAVA_HOME:-} ]]; then
    [[ -x $JAVA_HOME/bin/java ]] || fail "there is no bin/java in JAVA_HOME ($JAVA_HOME)"
    echo "$JAVA_HOME/bin/java"
  else
    command -v java \
      || fail "Claimstream needs Java $JAVA_NEEDED or newer; found none; install one or set JAVA_HOME"
  fi
}

check_java() {
  local version major
  version=$("$1" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p' | head -n 1)
  major=${version#1.}
  major=${major%%[!0-9]*}
  if [[ -z $major ]] || ((major < JAVA_NEEDED)); then
    fail "Claimstream needs Java $JAVA_NEEDED or newer; found ${major:-an unknown version} at $1;" \
      "set JAVA_HOME"
  fi
}

exists() {
  compgen -G "$1" >/dev/null
}

is_built() {
  exists "$target/claimstream-quickstart-*.jar" \
    && exists "$target/lib/*.jar" \
    && exists "packaging/target/*.zip" \
    && exists "quickstart/servers/target/stack/redis/*" \
    && exists "quickstart/servers/target/stack/registry/*" \
    && exists "quickstart/servers/kafka/target/stack/kafka/*" \
    && exists "quickstart/servers/avro-converter/target/stack/avro-converter/*" \
    && [[ -e $stamp ]] \
    && [[ -z $(find . -path '*/target' -prune -o \
      \( -path '*/src/main/*' -o -name pom.xml \) -newer "$stamp" -print -quit) ]]
}

build() {
  local log=$target/build.log
  mkdir -p "$target"
  touch "$stamp.begun"
  echo "Building Claimstream; the first time this downloads about 250 MB (log: $log)"
  if ! ./mvnw -B -ntp -DskipTests -pl packaging,quickstart -am package >"$log" 2>&1; then
    if grep -qiE 'could not transfer|unknown ?host|network is unreachable|connection (refused|timed out|reset)|temporary failure in name|offline mode|failed to (fetch|download)|could not resolve host' "$log"; then
      fail "cannot download what is missing: is the network there, and a proxy set if one is needed?" \
        "Details: $log"
    fi
    grep -m 5 -F '[ERROR]' "$log" >&2 || tail -n 5 "$log" >&2
    fail "the build has failed. Details: $log"
  fi
  # what was edited while the build ran is built again next time
  mv "$stamp.begun" "$stamp"
}

root=$(find_root)
java=$(find_java)
check_java "$java"

terminal=false
[[ -t 1 ]] && terminal=true

# Relative paths of the caller stay what they are: only the build runs in the root.
pushd "$root" >/dev/null
target=$root/quickstart/target
stamp=$target/.quickstart-built
is_built || build
popd >/dev/null

exec "$java" -Xmx768m \
  -Dclaimstream.home="$root" \
  -Dclaimstream.stack="$root/quickstart/servers" \
  -Dclaimstream.terminal="$terminal" \
  -cp "$(compgen -G "$target/claimstream-quickstart-*.jar" | grep -vE -- '-(tests|sources|javadoc)\.jar$' | head -n 1):$target/lib/*" \
  io.claimstream.quickstart.demo.Quickstart "$@"
