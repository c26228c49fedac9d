#!/usr/bin/env bash
# What `tenon plugin new` makes, in each language: the lines that it prints are typed as they stand, then the plugin is looked
# over, which must find nothing and be quick, and its tool is called.
#
#   templates.sh TENON FOLDER [LANGUAGE...]     LANGUAGE is c++, c or rust; FOLDER is made anew
set -euo pipefail
tenon=$1 folder=$2
shift 2
MOST_SECONDS=10
PATH=$(dirname "$tenon"):$PATH
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"

fail() { echo "$*" >&2; exit 1; }

for language in "$@"; do
  name=try_${language//+/p}
  case $language in c++) option=() ;; *) option=("--$language") ;; esac
  tenon plugin new "$name" "${option[@]}" | tee "$name.lines"
  sed -n 's/^  //p' "$name.lines" >"$name.sh"
  grep -q 'tenon plugin check ' "$name.sh" || fail "$language: no line checks the plugin"
  # All but the last line build; that one is timed.
  sed '$d' "$name.sh" >"$name.build.sh"
  bash -euo pipefail "$name.build.sh" >"$name.build.log" 2>&1 || { cat "$name.build.log"; fail "$language: the lines do not work"; }
  begin=$SECONDS
  bash -euo pipefail <(tail -n 1 "$name.sh") >"$name.check.log" 2>&1 || { cat "$name.check.log"; fail "$language: the check fails"; }
  took=$((SECONDS - begin))
  cat "$name.check.log"
  # How long loading takes is the machine's affair.
  grep -q ' 0 failed' "$name.check.log" && ! grep '^warn  ' "$name.check.log" | grep -v '^warn  loads: ' ||
    fail "$language: the template is warned of"
  [ "$took" -lt "$MOST_SECONDS" ] || fail "$language: the check took $took s"
  library=$(tail -n 1 "$name.sh" | sed 's/.* //')
  tool=$(tenon plugin list "$library" | sed -n 's/^  tool \([^ ]*\) .*/\1/p')
  tenon plugin run "$library" "$tool" name=Ada | grep -q 'Hello, Ada!' || fail "$language: the tool does not greet"
  tenon plugin run --json "$library" "$tool" '{"name":"Ada"}' | grep -q '"text":"Hello, Ada!' || fail "$language: no JSON"
  echo "$language: $took s"
done
