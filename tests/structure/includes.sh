#!/usr/bin/env bash
# Compares every #include of server/ with the table of rooms in server/README.md, and sees that the SDK and the
# plugins include nothing of the server.
#
#   includes.sh ROOT
set -euo pipefail
cd "$1"

# "room: room room …" a line, from rows like: | `net` | … | `guard` `mcp` |
table=$(sed -n 's/^| `\([a-z]*\)` |[^|]*| \(.*\) |$/\1: \2/p' server/README.md | tr -d '`,')
[ "$(wc -l <<<"$table")" -ge 10 ] || { echo "the table of rooms in server/README.md was not understood" >&2; exit 1; }

find server -name '*.h' -o -name '*.cpp' | sort | xargs grep -Hn '^[[:space:]]*#[[:space:]]*include' |
  awk -v table="$table" '
    BEGIN {
      count = split(table, rows, "\n")
      for (i = 1; i <= count; ++i) {
        n = split(rows[i], words, /[: ]+/)
        rooms[words[1]] = 1
        for (j = 2; j <= n; ++j) may[words[1], words[j]] = 1
      }
    }
    {
      split($0, place, ":"); split(place[1], path, "/"); room = path[2]
      if (!(room in rooms)) { print place[1] ": the folder is not in the table"; bad = 1; next }
      if (may[room, "everything"]) next
      target = ""
      if (match($0, /"[^"]*"/)) {
        target = substr($0, RSTART + 1, RLENGTH - 2)
        if (target !~ /\//) next  # beside the file
        sub(/\/.*/, "", target)
      } else if ($0 ~ /<tenon\//) target = "sdk/include"
      if (target == "" || target == room || may[room, target]) next
      print place[1] ":" place[2] ": " room " may not include " target; bad = 1
    }
    END { exit bad }
  '

if find sdk plugins tests/fixtures tests/bench tests/conformance/fixture \( -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.cpp' \) \
    -not -path '*/node_modules/*' -print0 |
    xargs -0 grep -nE '#[[:space:]]*include[[:space:]]*"(app|ops|net|guard|mcp|plugin|schema|store|jsonrpc|base)/'; then
  echo "a plugin, or the SDK, includes headers of the server" >&2
  exit 1
fi

# Nobody can use a header that says nothing about itself.
mute=$(find server sdk \( -name '*.h' -o -name '*.hpp' \) -print0 | xargs -0 grep -LE '///|/\*\*|//!')
[ -z "$mute" ] || { printf 'without a comment:\n%s\n' "$mute" >&2; exit 1; }
