#!/usr/bin/env bash
# In a fresh Debian that runs systemd: installs the packages, uses, upgrades, removes and purges them as installer/README.md
# says, and looks for what is left.
#
#   package.sh SOURCE PACKAGES CACHE SUITE
set -euo pipefail
source=$1 packages=$2 cache=$3 suite=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/installer/fresh-root.sh
. "$here/fresh-root.sh"
fresh_root "$cache" "$suite"

cp "$packages"/tenon_*.deb "$packages"/tenon-dev_*.deb "$root/root/"
# The next version: the same but for its number and a changed default in the settings.
next=$work/next
dpkg-deb -R "$packages"/tenon_*.deb "$next"
sed -i 's/^Version: .*/Version: 0.2.1/' "$next/DEBIAN/control"
printf '\n# a new comment of the next version\n' >>"$next/etc/tenon/tenon.properties"
(cd "$next" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
dpkg-deb --root-owner-group -b "$next" "$root/root/tenon_0.2.1_amd64.deb" >/dev/null

mkdir "$root/transcript"
cp "$here/transcript.sh" "$here/package-inside.sh" "$source/tests/support/call.sh" "$source/installer/README.md" "$root/transcript/"
boot_root "/bin/bash /transcript/package-inside.sh"

left=$(find "$root" -xdev -iname '*tenon*' -not -path "$root/root/*" -not -path "$root/var/log/journal/*")
[ -z "$left" ] || { echo "FAILED: this is left: $left"; exit 1; }
! grep tenon "$root/etc/passwd" "$root/etc/group" || { echo "FAILED: the user is still there"; exit 1; }
! grep -A2 '^Package: tenon' "$root/var/lib/dpkg/status" || { echo "FAILED: dpkg still knows it"; exit 1; }
echo "== nothing is left"
