#!/usr/bin/env bash
# In a fresh Debian, as an ordinary user with nothing but the sources: the quick start of installer/README.md, and the
# packages, made, which are left in CACHE/packages-SUITE.
#
#   quickstart.sh SOURCE CACHE SUITE
set -euo pipefail
source=$1 cache=$2 suite=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/installer/fresh-root.sh
. "$here/fresh-root.sh"
fresh_root "$cache" "$suite"

mkdir "$root/home/ada/tenon" "$root/transcript"
tar -C "$source" --exclude=./build --exclude=./.git --exclude=node_modules -cf - . | tar -C "$root/home/ada/tenon" -xf -
chown -R --reference="$root/home/ada" "$root/home/ada/tenon"
cp "$here/transcript.sh" "$root/transcript/"
for chapter in "Quick start" "Debian package, made"; do
  in_root ada env TRANSCRIPT_PATIENCE=1500 bash /transcript/transcript.sh tenon/installer/README.md "$chapter"
done
rm -rf "$cache/packages-$suite"
cp -r "$root/home/ada/tenon/build/release/packages" "$cache/packages-$suite"
