#!/usr/bin/env bash
# Puts npm packages into a folder, unless they are there already.
#
#   install.sh FOLDER [SOURCE]
#
# SOURCE has the package.json and the lock file; without it, those of the client programs.
set -euo pipefail
source=${2:-$(dirname "${BASH_SOURCE[0]}")}
source=$(cd "$source" && pwd)
mkdir -p "$1"
cd "$1"
if cmp -s "$source/package-lock.json" installed.json; then
  echo "npm packages are there"
  exit 0
fi
rm -f installed.json
cp "$source/package.json" "$source/package-lock.json" .
npm ci --ignore-scripts --no-audit --no-fund
cp package-lock.json installed.json
