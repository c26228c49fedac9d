#!/usr/bin/env bash
# Sees that every source is laid out as .clang-format says. Needs clang-format 14, Debian 12's: other versions break lines
# in other places.
#
#   format.sh ROOT
set -euo pipefail
cd "$1"
for program in clang-format-14 clang-format; do
  if command -v "$program" >/dev/null && "$program" --version | grep -q ' 14\.'; then formatter=$program; break; fi
done
if [ -z "${formatter:-}" ]; then
  echo "clang-format 14 is not installed"
  exit 77
fi
find server sdk plugins tests \( -name node_modules -o -name corpus \) -prune -o -type f \
  \( -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.cpp' \) -print0 |
  xargs -0 "$formatter" --dry-run --Werror
