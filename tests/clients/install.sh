#!/usr/bin/env bash
# Puts the npm packages of the client programs into a folder, unless they are there already.
#
#   install.sh FOLDER
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
cd "$1"
if cmp -s "$here/package-lock.json" installed.json; then
  echo "clients: packages are there"
  exit 0
fi
rm -f installed.json
cp "$here/package.json" "$here/package-lock.json" .
npm ci --ignore-scripts --no-audit --no-fund
cp package-lock.json installed.json
