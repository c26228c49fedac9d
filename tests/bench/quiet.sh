#!/usr/bin/env bash
# The figures that need a quiet machine, in one command: builds the release twice, as it is (build/release) and with
# profile-guided optimisation (build/profiled), and measures both and nginx in turn, both eras. Takes an hour, of which the
# builds are the most.
#
#   quiet.sh [--seconds N] [--repetitions N]
set -euo pipefail
case ${1:-} in --help | -h) sed -n '2,6p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;; esac
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TENON_BUILD=$root/build/profiled "$root/installer/profile.sh" -DTENON_TESTS=ON >&2
cmake --build "$root/build/profiled" --target bench bench_load >&2
TENON_BESIDE=$root/build/profiled "$root/tests/bench/run.sh" "$@" cost calls unpinned
TENON_BUILD=$root/build/profiled "$root/tests/bench/run.sh" "$@" cost threads tls sizes packed isolation
