#!/usr/bin/env bash
# Compares conf/tenon.properties with what the program and the plugins that ship declare: every key with its default and
# its explanation, and no other.
#
#   settings.sh ROOT TENON
set -euo pipefail
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A key with the comment above it, on one line: "comment | key = default". Which keys the file sets is its own choice, so
# a "#" before a key does not count.
normal() {
  awk '
    /^#? ?[a-z][A-Za-z0-9]*\.[^ =]* *=/ || /^#?[a-z]+ *=/ { sub(/^# ?/, ""); sub(/ +$/, ""); print comment " | " $0; comment = ""; next }
    /^# ?----/ { comment = ""; next }
    /^#/ { sub(/^# ?/, ""); comment = comment (comment == "" ? "" : " ") $0; next }
    { comment = "" }' "$@" | sed 's/ *= */ = /' | sort
}

"$2" print-config >"$work/declared"
cat plugins/*/settings.properties >>"$work/declared"
normal "$work/declared" >"$work/expected"
# A key that is set may have another value than its default: of those only the key is compared.
set_keys=$(sed -n 's/^\([a-z][A-Za-z0-9]*\.[^ =]*\) *=.*/\1/p' conf/tenon.properties)
normal conf/tenon.properties >"$work/found"
for key in $set_keys; do
  for file in expected found; do
    sed -i "s#| ${key//./\\.} = .*#| $key = (set)#" "$work/$file"
  done
done
diff "$work/expected" "$work/found" || { echo "conf/tenon.properties (>) differs from what is declared (<)" >&2; exit 1; }
# Whether a port is free is the machine's affair.
TENON_HTTP_PORT=0 "$2" validate-config --config=conf/tenon.properties
