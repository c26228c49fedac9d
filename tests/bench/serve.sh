#!/usr/bin/env bash
# Starts the release build with the plugin of the figures (tools `echo`, `sleep`, `sleep_async`, `text`) on
# 127.0.0.1:PORT, in the foreground, with the settings that the figures are for.
#
#   serve.sh PORT [--SETTING=VALUE]...
#
# TENON_BUILD names another build tree than build/release.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${TENON_BUILD:-$root/build/release}
if [ ! -x "$build/bin/tenon" ] || [ ! -e "$build/bench/plugins/bench.so" ]; then
  [ -n "${TENON_BUILD:-}" ] || (cd "$root" && cmake --preset release -DTENON_TESTS=ON) >&2
  cmake --build "$build" --target tenon bench >&2
fi
port=$1
shift
exec "$build/bin/tenon" --http.host=127.0.0.1 "--http.port=$port" "--plugins.directory=$build/bench/plugins" \
  --limits.maxSessions=20000 --limits.share=100 --timeouts.requestMs=0 --log.level=warning "$@"
