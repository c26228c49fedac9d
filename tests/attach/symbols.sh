#!/usr/bin/env bash
# Sees that libtenon-attach shows nothing but the functions of its interface, and needs no library that a program would notice.
#
#   symbols.sh LIBRARY
set -euo pipefail
export LC_ALL=C
shown=$(nm -D --defined-only "$1" | awk '$2 != "A" { print $3 }' | sed 's/@.*//' | sort -u)
expected=$(sed -n 's/.*TENON_ATTACH_API [^(]*[ *]\(tenon_[a-z_]*\)(.*/\1/p' "$(dirname "$0")/../../sdk/include/tenon/attach.h" | sort -u)
if [ "$shown" != "$expected" ]; then
  echo "shown and not in attach.h, or the other way round:"
  diff <(echo "$expected") <(echo "$shown") || true
  exit 1
fi
needed=$(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -v -E '^(libc|libm|libgcc_s|libstdc\+\+|ld-linux.*)\.so' || true)
[ -z "$needed" ] || { echo "it needs $needed"; exit 1; }
echo "$(wc -l <<<"$shown") functions"
