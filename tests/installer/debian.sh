#!/usr/bin/env bash
# In a fresh Debian 12: installs the package, serves and calls a tool, adds a plugin built against tenon-dev and calls it,
# upgrades with edited settings, removes, purges, and looks for what is left.
#
#   debian.sh FOLDER-OF-PACKAGES
set -euo pipefail
packages=$(cd "$1" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/installer/fresh-root.sh
. "$here/fresh-root.sh"
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root
fresh_root "$root" || exit $?

mkdir "$root/packages"
cp "$packages"/tenon_*.deb "$packages"/tenon-dev_*.deb "$root/packages/"

# The next version: the same but for its number and a changed default in the settings.
next=$work/next
dpkg-deb -R "$packages"/tenon_*.deb "$next"
sed -i 's/^Version: .*/&.1/' "$next/DEBIAN/control"
printf '\n# a new comment of the next version\n' >>"$next/etc/tenon/tenon.properties"
(cd "$next" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
dpkg-deb --root-owner-group -b "$next" "$root/packages/next.deb" >/dev/null

cp "$here/inside.sh" "$root/packages/"
in_root "$root" bash /packages/inside.sh
