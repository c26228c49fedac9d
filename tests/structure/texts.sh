#!/usr/bin/env bash
# Sees that no file names the host of a package registry or a folder of somebody's machine: the tree must build
# wherever it is put, from whichever registry its packages are taken. And that memory which is to be given back is.
#
#   texts.sh ROOT
set -euo pipefail
cd "$1"

# Written apart, so that this file does not find itself.
hosts="registry\.npm""js\.org|registry\.yarn""pkg|npm\.pkg\.git""hub|deb\.deb""ian\.org|security\.deb""ian\.org|snapshot\.deb""ian|file""s\.pythonhosted|crate""s\.io"
folders="/wo""rk/main|/wo""rk/shared|/tmp/no""tes|/tmp/re""f/|/tmp/bu""ild-"

if grep -rnIE "$hosts|$folders" . --exclude-dir=.git --exclude-dir=build --exclude-dir=node_modules; then
  echo "these lines name a registry's host or a folder of one machine" >&2
  exit 1
fi
if grep -rnE '^[^=]*[^ =] = std::string\(\);' server sdk/attach --include=*.cpp --include=*.h | grep -vE '(std::string|auto) [A-Za-z_]+ = '; then
  echo "these lines empty a text that keeps its memory: base::giveBack gives it back" >&2
  exit 1
fi
if grep -n '"resolved"' -r . --include=package-lock.json --exclude-dir=build --exclude-dir=node_modules; then
  echo "these lock files name download addresses" >&2
  exit 1
fi
