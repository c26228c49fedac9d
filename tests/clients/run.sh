#!/usr/bin/env bash
# Runs a client program with the Node.js that its packages brought, or the system's where they brought none.
#
#   run.sh FOLDER PROGRAM ARGUMENT...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1 program=$2
shift 2
node=node
for bundled in "$folder"/node_modules/node-linux-*/bin/node; do
  [ ! -x "$bundled" ] || node=$bundled
done
export TENON_NODE_MODULES="$folder/node_modules"
case $program in /*) ;; *) program=$here/$program ;; esac
exec "$node" "$program" "$@"
