#!/usr/bin/env bash
# transcript.sh itself: what it must let pass, and what it must not.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/document.md" <<'DOCUMENT'
# Terminals
```console
$ cd / && pwd
/
$ printf 'no newline [at] * the \ end?'
no newline [at] * the \ end?
$ pwd; \
  echo "of several
lines"
/
of several
lines
$ true
$ seq 5; echo "five → done"
1
...
5
five ... done
$ (exit 3) || echo "status $?"
status 3
```

## Two of them
```console server
$ sh -c 'trap "echo bye; exit 0" INT; echo up; while :; do sleep 0.1; done'
up
```
```console other
$ echo meanwhile
meanwhile
```
```console server
$ ^C
bye
$ echo more
more
```

## Too little
```console
$ seq 3
1
2
3
4
```

## Too much
```console
$ seq 3
1
2
```

## Something else
```console
$ seq 3
...
2
...
4
```

## A failure
```console
$ echo text; false
text
```

## Never said
```console server
$ sh -c 'trap "exit 0" INT; echo down; while :; do sleep 0.1; done'
up
```
```console server
$ ^C
```
DOCUMENT

run() { TRANSCRIPT_PATIENCE=${2:-60} "$here/transcript.sh" "$work/document.md" "$1" >"$work/output" 2>&1; }
fail() { echo "FAILED: $*"; cat "$work/output"; exit 1; }
for heading in "Terminals" "Two of them"; do
  run "$heading" || fail "'$heading' is as it says"
done
for heading in "Too little" "Too much" "Something else" "A failure"; do
  ! run "$heading" || fail "'$heading' is not as it says"
  grep -q 'this should have appeared' "$work/output" || fail "'$heading' does not say why"
done
! run "Never said" 1 || fail "'Never said' is not as it says"
! run "No such heading" || fail "there is no such heading"
