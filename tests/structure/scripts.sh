#!/usr/bin/env bash
# Runs shellcheck over every shell script.
#
#   scripts.sh ROOT
set -euo pipefail
cd "$1"
if ! command -v shellcheck >/dev/null; then
  echo "shellcheck is not installed"
  exit 77
fi
find . \( -name .git -o -name build -o -name node_modules \) -prune -o -type f -size -200k -print0 |
  xargs -0 grep -lIE '^#!(/usr/bin/env (ba)?sh|/bin/(ba)?sh)$' | sort | tr '\n' '\0' |
  xargs -0 shellcheck --severity=warning
