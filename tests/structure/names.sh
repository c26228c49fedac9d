#!/usr/bin/env bash
# Sees that a name means one thing: no two headers of server/ have the same name, but for a room's Settings.h, and no
# folder of sources holds more than thirty files.
#
#   names.sh ROOT
set -euo pipefail
cd "$1"
twice=$(find server -name '*.h' ! -name Settings.h -printf '%f\n' | sort | uniq -d)
[ -z "$twice" ] || { printf 'headers of one name in several rooms:\n%s\n' "$twice" >&2; exit 1; }
full=$(find server sdk plugins tests -name node_modules -prune -o \( -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.cpp' \) -printf '%h\n' |
  sort | uniq -c | awk '$1 > 30 { print $2 ": " $1 " files" }')
[ -z "$full" ] || { printf 'folders that want sub-rooms:\n%s\n' "$full" >&2; exit 1; }
