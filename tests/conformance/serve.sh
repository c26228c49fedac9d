#!/usr/bin/env bash
# Starts the release build with the conformance fixture as its only plugin on 127.0.0.1:PORT, in the foreground: no
# authentication, every revision, every transport. PORT 0 takes a free one; the server prints it.
#
#   serve.sh PORT [SERVER-OPTION]...
#
# TENON_BUILD names another build tree than build/release, TENON_SERVER a program that stands in for the server. With TENON_ATTACHED=1 the fixture is lent by a program of its own, and
# the server says where it listens when that is attached.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ $# -lt 1 ]; then
  sed -n '2,8p' "$0" | sed 's/^# \{0,1\}//' >&2
  exit 2
fi
port=$1
shift
build=${TENON_BUILD:-$here/../../build/release}
if [ ! -x "$build/bin/tenon" ] || [ ! -d "$build/conformance/plugins" ]; then
  echo "serve.sh: $build has no server with the fixture; build it: cmake --preset release && cmake --build --preset release" >&2
  exit 1
fi
server=("${TENON_SERVER:-$build/bin/tenon}" --http.host=127.0.0.1 "--http.port=$port")
# Who names other plugins means those.
if [ -z "${TENON_ATTACHED:-}" ] || [[ " $* " = *--plugins.directory=* ]]; then
  exec "${server[@]}" "--plugins.directory=$build/conformance/plugins" "$@"
fi
work=$(mktemp -d)
"${server[@]}" "--plugins.directory=$work/none" --attach.enabled=true "--attach.socket=$work/attach.sock" \
  '--attach.conformance.users=*' "$@" >"$work/server.log" 2>&1 &
pid=$!
trap 'kill -TERM $pid' TERM INT
TENON_ATTACH_SOCKET=$work/attach.sock "$build/bin/bench_attached" "$build"/conformance/plugins/conformance.so conformance \
  >/dev/null &
program=$!
for _ in $(seq 400); do
  ! grep -q 'is attached' "$work/server.log" || break
  sleep 0.05
done
cat "$work/server.log"
status=0
while kill -0 $pid 2>/dev/null; do
  status=0
  wait $pid || status=$?
done
kill $program
rm -rf "$work"
exit $status
