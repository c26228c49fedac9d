#!/usr/bin/env bash
# Runs the conformance tests against the release build: the official suite, and the message scripts.
#
#   run.sh [PART]...
#
#   2025-11-25, 2026-07-28   what the suite requires of that revision, and what it runs beyond without scoring it
#   all                      every scenario that the suite has
#   client-PART              the same three of the suite's client leg: client-2025-11-25, client-2026-07-28, client-all
#   scripts                  the message scripts of every revision
#   features                 the table of revisions by feature in docs/revisions.md
#   install                  nothing but the packages that the others need
#
# Without a PART: all of them. The packages from npm are put into TENON_NODE_MODULES, by default a folder of the build
# tree. TENON_BUILD names another build tree than build/release, TENON_SERVER what serve.sh starts instead of the server,
# TENON_RESULTS another folder for what the suite says.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${TENON_BUILD:-$here/../../build/release}
modules=${TENON_NODE_MODULES:-$build/node/conformance}
parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(2025-11-25 2026-07-28 all client-2025-11-25 client-2026-07-28 client-all scripts features)

# The lock file that was installed is kept beside the packages: a changed one is installed anew.
install_packages() {
  mkdir -p "$modules"
  if ! cmp -s "$here/package-lock.json" "$modules/installed.json"; then
    rm -f "$modules/installed.json"
    cp "$here/package.json" "$here/package-lock.json" "$modules/"
    (cd "$modules" && npm ci --no-audit --no-fund)
    cp "$here/package-lock.json" "$modules/installed.json"
  fi
}

server=
# Fails if the server does not end in order.
stop_server() {
  local status=0
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" || status=$?
    [ $status -eq 0 ] || { echo "run.sh: the server ended with status $status:"; tail -n 20 "$results/server.log"; }
  fi
  server=
  return $status
}

# Sets `url`.
start_server() {
  local log=$results/server.log
  "$here/serve.sh" 0 >"$log" 2>&1 &
  server=$!
  trap 'stop_server || true' EXIT
  for _ in $(seq 200); do
    url=$(grep -o 'http://127\.0\.0\.1:[0-9]*' "$log" | head -n 1) && break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  if [ -z "$url" ]; then
    echo "run.sh: the server did not start:" >&2
    cat "$log" >&2
    server=
    exit 1
  fi
}

suite() {
  results=${TENON_RESULTS:-$build/conformance/results}/$1${TENON_ATTACHED:+-attached}
  rm -rf "$results"
  mkdir -p "$results"
  start_server
  local selection=(--requirements "$1")
  [ "$1" != all ] || selection=(--suite all)
  local status=0
  "$modules/node_modules/.bin/node" "$modules/node_modules/.bin/conformance" server --url "$url/mcp" "${selection[@]}" \
    --expected-failures "$here/expected-failures.yml" --output-dir "$results" >"$results/report.txt" 2>&1 || status=$?
  stop_server || status=1
  sed -n '/^=== SUMMARY ===/,$p' "$results/report.txt"
  # What a requirement set runs without scoring does not decide the suite's own exit status; here it does.
  "$modules/node_modules/.bin/node" "$here/runner/report.mjs" "$results" "$here/expected-failures.yml" || status=1
  return $status
}

# The suite is the server; what is tested is the program that client/run.sh starts.
client_suite() {
  results=$build/conformance/results/client-$1
  rm -rf "$results"
  mkdir -p "$results"
  local selection=(--requirements "$1")
  [ "$1" != all ] || selection=(--suite all)
  local status=0
  TENON_BUILD=$(cd "$build" && pwd) "$modules/node_modules/.bin/node" "$modules/node_modules/.bin/conformance" client \
    --command "$here/client/run.sh" "${selection[@]}" \
    --expected-failures "$here/expected-failures.yml" --output-dir "$results" >"$results/report.txt" 2>&1 || status=$?
  [ $status -eq 0 ] || sed -n '/^=== SUITE SUMMARY ===/,$p' "$results/report.txt"
  "$modules/node_modules/.bin/node" "$here/runner/report.mjs" "$results" "$here/expected-failures.yml" || status=1
  return $status
}

install_packages
failed=0
for part in "${parts[@]}"; do
  case $part in
    install) ;;
    2025-11-25 | 2026-07-28 | all) suite "$part" || failed=1 ;;
    client-2025-11-25 | client-2026-07-28 | client-all) client_suite "${part#client-}" || failed=1 ;;
    scripts) TENON_BUILD=$build "$modules/node_modules/.bin/node" "$here/runner/run.mjs" --modules "$modules" || failed=1 ;;
    features) TENON_BUILD=$build "$modules/node_modules/.bin/node" "$here/runner/features.mjs" "$here/../../docs/revisions.md" || failed=1 ;;
    *) sed -n '2,15p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2 ;;
  esac
done
exit $failed
