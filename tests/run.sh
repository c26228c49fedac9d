#!/usr/bin/env bash
# Builds and runs every test. Installs the packages that are missing first; can be run again.
#
#   run.sh [PART]... [-- CTEST-OPTION...]
#
#   release   everything, against the release build
#   asan      unit and integration tests under AddressSanitizer, LeakSanitizer, UndefinedBehaviorSanitizer
#   tsan      the same under ThreadSanitizer
#   windows   the cross-build and its tests under Wine; without a PART only if TENON_TEST_WINDOWS=1, and then only if it will
#             be done within TENON_TEST_MINUTES (if that is set): a slow machine leaves it out, and the summary says so
#   installer the packages and the quick start, each in a fresh Debian; without a PART only if TENON_TEST_INSTALLER=1
#
# Without a PART: release (and the last two, as above); the sanitizers are asked for: run.sh release asan tsan. The trees
# are build/PART; the tests of `installer` are in that of `release`. All tests are one run of ctest, whose summary comes
# last and whose exit status is this script's: tests of another tree than `release` are named after it, asan.unit.base.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

parts=()
while [ $# -gt 0 ]; do
  case $1 in
    release | asan | tsan | windows | installer) parts+=("$1") ;;
    --) shift; break ;;
    *) sed -n '2,15p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2 ;;
  esac
  shift
done
if [ ${#parts[@]} -eq 0 ]; then
  parts=(release)
  [ "${TENON_TEST_WINDOWS:-0}" != 1 ] || parts+=(windows)
  [ "${TENON_TEST_INSTALLER:-0}" != 1 ] || parts+=(installer)
fi
asked() { [[ " ${parts[*]} " == *" $1 "* ]]; }
if asked installer && ! asked release; then parts=(release "${parts[@]}"); fi

say() { printf '\n[%02d:%02d] run.sh: %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"; }

purposes=(build test)
if asked windows; then purposes+=(windows); fi
if asked installer; then purposes+=(package); fi
say "packages"
./installer/packages.sh "${purposes[@]}"

# What several trees have in common is compiled once: the quick start in a fresh Debian 12 finds here what `release` made.
# shellcheck source=tests/support/ccache.sh
. tests/support/ccache.sh
compile_once "$PWD" "$PWD/build/ccache"

# What the Node.js programs need is fetched once for all trees.
build() {
  cmake --preset "$1" -DTENON_TESTS=ON -DCMAKE_COMPILE_WARNING_AS_ERROR=ON -DTENON_CONSOLE=ON "-DTENON_NODE_DIRECTORY=$PWD/build/node" \
    "-DTENON_TEST_INSTALLER=$(if asked installer; then echo ON; else echo OFF; fi)" && cmake --build --preset "$1"
}

broken=()
mkdir -p build
began=$SECONDS
for part in "${parts[@]}"; do
  case $part in
    windows | installer) ;; # built by their tests
    *) say "building $part"; build "$part" 2>&1 | tee "build/$part.log" || broken+=("$part") ;;
  esac
done

# Windows' libraries, server and tests take a good quarter more than a cold build of `release`; a warm one tells nothing.
if [ -n "${TENON_TEST_MINUTES:-}" ]; then
  built=$((SECONDS - began))
  export TENON_TEST_WINDOWS_BEFORE=$(($(date +%s) - SECONDS + 60 * TENON_TEST_MINUTES - (built > 600 ? built : 600) * 13 / 10))
fi

# A tree that did not build is a failed test of the run below, which says the end of its log: what did build is still tested.
cmake "-DBUILD=$PWD/build" "-DSOURCE=$PWD" "-DPARTS=$(IFS=';'; echo "${parts[*]}")" \
  "-DBROKEN=$(IFS=';'; echo "${broken[*]}")" -P tests/support/gather.cmake

say "testing ${parts[*]}"
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1}
export LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=$PWD/tests/support/lsan.supp:print_suppressions=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-suppressions=$PWD/tests/support/tsan.supp:second_deadlock_stack=1:die_after_fork=0}
# One more than there are processors: most tests wait rather than compute.
exec ctest --test-dir build/all --output-on-failure --no-tests=error -j "$(($(nproc) + 1))" "$@"
