#!/usr/bin/env bash
# Builds the preset `release` with profile-guided optimisation: once instrumented, trained with the load of tests/bench,
# then again with what was learnt. Packages are made of the result; without this step they work the same, some five percent
# slower.
#
#   profile.sh [CMAKE-OPTION]...     e.g. profile.sh -DTENON_TESTS=OFF: options of the second build
#
# The tree is build/release, of which `--target package` makes packages afterwards, or the one that TENON_BUILD names.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case ${1:-} in --help | -h) sed -n '2,8p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;; esac
build=${TENON_BUILD:-build/release}

echo "profile: 1 of 3: building with instruments"
cmake --preset release -B "$build" -DTENON_TESTS=ON -DTENON_PROFILE=generate >/dev/null
cmake --build "$build" --target tenon bench bench_load clock

echo "profile: 2 of 3: training"
rm -rf "$build/profile"
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true' EXIT
log=$(mktemp)
"$build/bin/tenon" --http.port=0 --plugins.directory="$build/bench/plugins" --log.level=information --log.channel=console \
  2>"$log" >"$log.out" &
server=$!
port=
for ((i = 0; i < 300; ++i)); do
  port=$(sed -n 's#.*Listening on http://127\.0\.0\.1:\([0-9]*\)/.*#\1#p' "$log" "$log.out" | head -n 1)
  [ -z "$port" ] || break
  kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.1
done
[ -n "$port" ] || { echo "profile: the server did not come up" >&2; exit 1; }
for era in modern legacy; do "$build/bin/bench_load" calls "$port" 40000 "$era"; done
"$build/bin/bench_load" churn "$port" 20 3 echo '{"text":"hello"}'
kill -TERM "$server"
wait "$server"
server=
rm -f "$log" "$log.out"
[ -n "$(find "$build/profile" -name '*.gcda' -print -quit)" ] || { echo "profile: nothing was learnt" >&2; exit 1; }

echo "profile: 3 of 3: building with what was learnt"
cmake --preset release -B "$build" -DTENON_PROFILE=use "$@" >/dev/null
cmake --build "$build" --target quickstart
