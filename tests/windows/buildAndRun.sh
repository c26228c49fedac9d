#!/usr/bin/env bash
# Builds for Windows (installer/windows/build.sh), and tries the result (run.sh).
#
#   buildAndRun.sh
#
# Status 77: it would not be done in time. TENON_TEST_WINDOWS_BEFORE is when it has to begin, in seconds since 1970.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ "$(date +%s)" -gt "${TENON_TEST_WINDOWS_BEFORE:-$(date +%s)}" ]; then
  echo "left out: the tests before took too long on this machine; tests/run.sh windows"
  exit 77
fi
# Nobody compiles the same for Windows twice.
CCACHE_DISABLE=1 "$here/../../installer/windows/build.sh"
"$here/run.sh"
