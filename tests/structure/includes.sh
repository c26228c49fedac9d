#!/usr/bin/env bash
# Compares every #include of server/ with the table of rooms in server/README.md, and, inside a room whose README names
# the order of its sub-rooms, with that order; sees that the SDK and the plugins include nothing of the server.
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

# "Order of sub-rooms: `config` `call` ...": each may include those before it, and itself.
for readme in server/*/README.md; do
  order=$(sed -n 's/^Order of sub-rooms: *//p' "$readme" | tr -d '`,.')
  [ -n "$order" ] || continue
  room=$(basename "$(dirname "$readme")")
  find "server/$room" -name '*.h' -o -name '*.cpp' | sort | xargs grep -Hn '^[[:space:]]*#[[:space:]]*include[[:space:]]*"'"$room/" |
    awk -v order="$order" -v room="$room" '
      BEGIN { count = split(order, names, " "); for (i = 1; i <= count; ++i) rank[names[i]] = i }
      # The longest name that the path begins with: "worker/channel" before "worker".
      function subroom(path,   parts, n, name) {
        n = split(path, parts, "/")
        if (n > 3 && (name = parts[2] "/" parts[3]) in rank) return name
        return n > 2 ? parts[2] : ""
      }
      {
        split($0, place, ":"); path = place[1]; sub(/^server\//, "", path)
        match($0, /"[^"]*"/); target = substr($0, RSTART + 1, RLENGTH - 2)
        from = subroom(path); to = subroom(target)
        if (from == "" || to == "") next
        if (!(from in rank)) { print place[1] ": " from " is not among the sub-rooms of " room; bad = 1; next }
        if (!(to in rank) || rank[to] > rank[from]) { print place[1] ":" place[2] ": " from " may not include " to; bad = 1 }
      }
      END { exit bad }
    '
done

if find sdk plugins tests/fixtures tests/bench tests/conformance/fixture \( -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.cpp' \) \
    -not -path '*/node_modules/*' -not -path 'sdk/attach/*' -print0 |
    xargs -0 grep -nE '#[[:space:]]*include[[:space:]]*"(app|ops|net|guard|mcp|plugin|schema|store|jsonrpc|base)/'; then
  echo "a plugin, or the SDK, includes headers of the server" >&2
  exit 1
fi

# The attach library is compiled from what workers speak, and from nothing that would need POCO.
if grep -rnE '#[[:space:]]*include[[:space:]]*"(app|ops|net|guard|mcp|plugin|schema|store|jsonrpc|base)/' sdk/attach |
    grep -vE '"plugin/(worker/channel/(Arrivals|ByteStream|Deadline|Frame|FrameChannel|FrameSplitter|PipeStream|Waker)|call/Memories)\.h"|"base/threads/DetachedThread\.h"'; then
  echo "the attach library includes more of the server than its frames" >&2
  exit 1
fi

# Nobody can use a header that says nothing about itself.
mute=$(find server sdk \( -name '*.h' -o -name '*.hpp' \) -print0 | xargs -0 grep -LE '///|/\*\*|//!')
[ -z "$mute" ] || { printf 'without a comment:\n%s\n' "$mute" >&2; exit 1; }
