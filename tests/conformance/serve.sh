#!/usr/bin/env bash
# Starts the release build with the conformance fixture as its only plugin on 127.0.0.1:PORT, in the foreground: no
# authentication, every revision, every transport. PORT 0 takes a free one; the server prints it.
#
#   serve.sh PORT [SERVER-OPTION]...
#
# TENON_BUILD names another build tree than build/release.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ $# -lt 1 ]; then
  sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//' >&2
  exit 2
fi
port=$1
shift
build=${TENON_BUILD:-$here/../../build/release}
if [ ! -x "$build/bin/tenon" ] || [ ! -d "$build/conformance/plugins" ]; then
  echo "serve.sh: $build has no server with the fixture; build it: cmake --preset release && cmake --build --preset release" >&2
  exit 1
fi
exec "$build/bin/tenon" --http.host=127.0.0.1 "--http.port=$port" "--plugins.directory=$build/conformance/plugins" "$@"
