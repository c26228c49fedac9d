#!/usr/bin/env bash
# Makes the packages and looks at them without installing them.
#
#   packages.sh SOURCE BUILD
set -euo pipefail
source=$1 build=$2
for tool in dpkg-deb lintian mandoc; do
  command -v $tool >/dev/null || { echo "$tool is missing: installer/packages.sh package"; exit 77; }
done
rm -rf "$build/packages"
cmake --build "$build" --target package >"$build/package.log" 2>&1 || { tail -n 60 "$build/package.log"; exit 1; }
cd "$build/packages"
ls -l

fail() { echo "FAILED: $*"; exit 1; }
has() { # LISTING PATH...
  local listing=$1 path
  shift
  for path in "$@"; do grep -qE "$path" <<<"$listing" || fail "no $path in: $listing"; done
}

server=(tenon_*_amd64.deb) sdk=(tenon-dev_*.deb)
lintian --fail-on error,warning "${server[0]}" "${sdk[0]}" || fail "lintian has errors or warnings"
has "$(dpkg-deb --fsys-tarfile "${server[0]}" | tar -t)" \
  ./usr/bin/tenon ./etc/tenon/tenon.properties './usr/lib/.*/tenon/plugins/clock.so' systemd/system/tenon.service \
  man/man1/tenon.1.gz man/man5/tenon.properties.5.gz bash-completion/completions/tenon vendor-completions/_tenon
has "$(dpkg-deb --fsys-tarfile "${sdk[0]}" | tar -t)" \
  ./usr/include/tenon/plugin.h ./usr/include/tenon/plugin.hpp cmake/Tenon/TenonConfig.cmake tenon/template/hello.cpp
dpkg-deb --info "${server[0]}" conffiles | grep -qx /etc/tenon/tenon.properties || fail "no conffile"

if command -v rpm >/dev/null && command -v rpmbuild >/dev/null; then
  rpms=(tenon-[0-9]*.rpm)
  has "$(rpm -qlp "${rpms[0]}" 2>/dev/null)" /usr/bin/tenon /etc/tenon/tenon.properties
  rpm -qcp "${rpms[0]}" 2>/dev/null | grep -qx /etc/tenon/tenon.properties || fail "the .rpm would overwrite settings"
fi

# The archive runs where it is unpacked.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xzf tenon-*.tar.gz -C "$work" --strip-components=1
"$work/bin/tenon" --version
for page in "$work"/share/man/man*/tenon*.gz; do
  gzip -dc "$page" | mandoc -T lint -W error || fail "$page has errors"
done
bash -n "$work/share/bash-completion/completions/tenon"
# The folder of the log is made by the installation.
"$work/bin/tenon" validate-config "--config=$work/etc/tenon/tenon.properties" --log.file= --http.port=0

if command -v systemd-analyze >/dev/null; then
  systemd-analyze security --offline=true --threshold=25 "$source/installer/systemd/tenon.service" >/dev/null ||
    fail "the service is exposed more than 2.5"
fi
