#!/usr/bin/env bash
# The official server "everything" behind Tenon in the official suite: what passes alone passes behind, but for the checks
# that behind.txt names with the reason.
#
#   behind.sh TENON SUITE-MODULES CLIENT-MODULES RESULTS
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tenon=$1 suite=$2 clients=$3 results=$4
node=$suite/.bin/node
[ -x "$node" ] || node=node
everything=$clients/@modelcontextprotocol/server-everything/dist/index.js
rm -rf "$results"
mkdir -p "$results"
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true' EXIT

# Prints the URL of a server once it answers.
await() {
  for _ in $(seq 600); do
    ! curl -sf -o /dev/null -X POST -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \
      -d '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}' \
      "$1" || return 0
    sleep 0.1
  done
  echo "behind.sh: nothing answers at $1" >&2
  return 1
}

# It takes no port 0: the one that was free a moment ago may be somebody's by now.
for _ in 1 2 3 4 5; do
  port=$("$node" -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
  PORT=$port "$node" "$everything" streamableHttp >"$results/alone.log" 2>&1 &
  alone=$!
  until grep -q 'Failed to start' "$results/alone.log" || curl -s -o /dev/null "http://127.0.0.1:$port/mcp" || ! kill -0 $alone 2>/dev/null; do
    sleep 0.1
  done
  ! grep -q 'Failed to start' "$results/alone.log" || continue
  break
done
pids+=("$alone")
"$tenon" --http.port=0 --plugins.directory= --plugins.loadTimeoutMs=60s "--upstream.everything.command=$node $everything" \
  --upstream.everything.startMs=60s >"$results/behind.log" 2>&1 &
pids+=($!)
await "http://127.0.0.1:$port/mcp"
for _ in $(seq 600); do
  url=$(grep -o 'http://127\.0\.0\.1:[0-9]*/mcp' "$results/behind.log" | tail -n 1) && break
  sleep 0.1
done
await "$url"

failed=0
for set in 2025-11-25 2026-07-28; do
  for kind in alone behind; do
    target=$url
    [ $kind = behind ] || target=http://127.0.0.1:$port/mcp
    "$node" "$suite/.bin/conformance" server --url "$target" --requirements $set --output-dir "$results/$kind-$set" \
      >"$results/$kind-$set.txt" 2>&1 || true # what it fails alone is not the question
  done
  echo "$set:"
  "$node" "$here/runner/compare.mjs" "$results/alone-$set" "$results/behind-$set" "$here/behind.txt" || failed=1
done
exit $failed
