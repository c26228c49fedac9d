#!/usr/bin/env bash
# In a fresh Debian 12: a copy of the tree, quickstart.sh, and a call of a tool. It builds everything once more, so it
# runs only where TENON_TEST_QUICKSTART=1.
#
#   quickstart.sh SOURCE
set -euo pipefail
[ "${TENON_TEST_QUICKSTART:-0}" = 1 ] || { echo "not asked for: TENON_TEST_QUICKSTART=1"; exit 77; }
source=$1
# shellcheck source=tests/installer/fresh-root.sh
. "$(dirname "${BASH_SOURCE[0]}")/fresh-root.sh"
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root
fresh_root "$root" || exit $?
mkdir -p "$root/src"
tar -C "$source" --exclude=./build --exclude=./.git --exclude=node_modules -cf - . | tar -C "$root/src" -xf -
# shellcheck disable=SC2016 # expanded inside
in_root "$root" bash -ec '
  cd /src
  ./installer/quickstart.sh --http.port=0 >/quickstart.log 2>&1 &
  until url=$(sed -n "s/.*Listening on \(http[^ ]*\).*/\1/p" /quickstart.log | grep .); do
    kill -0 $! || { cat /quickstart.log; exit 1; }
    sleep 1
  done
  grep -A30 "^Connect to it" /quickstart.log
  apt-get -qq install -y --no-install-recommends curl >/dev/null 2>&1
  curl -fsS "${url%/mcp}/health"
  kill -TERM $!
  wait $!
'
