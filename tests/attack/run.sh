#!/usr/bin/env bash
# Runs the attacks of a build tree, each for so many seconds a kind.
#
#   run.sh SECONDS [BUILD]
set -euo pipefail
seconds=${1:?usage: run.sh SECONDS [BUILD]}
build=${2:-$(dirname "$0")/../../build/debug}
TENON_ATTACK_SECONDS=$seconds ctest --test-dir "$build" -C long -L '^long$' --output-on-failure --timeout $((seconds * 10 + 1500))
