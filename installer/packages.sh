#!/usr/bin/env bash
# Installs the Debian packages that a purpose needs, those that are missing only.
#
#   packages.sh [--list] PURPOSE...
#
#   build     to build the server, the plugins and the SDK
#   test      to run the tests, beyond `build`
#   bench     to run tests/bench/run.sh, beyond `build`
#   package   to make and to check the .deb, .rpm and .tar.gz, and the quick start, beyond `build`
#   windows   to build for Windows and to try it under Wine
#
# --list prints the names and installs nothing. It can be run again, and where nothing is missing it changes
# nothing and needs no rights. On systems without apt-get it says so and leaves the packages to you.
set -euo pipefail

# One line a package: purpose, package, and, where another source of the same program will do, its command.
packages() {
  cat <<'LIST'
build   ca-certificates
build   g++
build   gcc
build   libc6-dev
build   cmake
build   ninja-build
build   pkg-config
build   libpoco-dev
build   libssl-dev
build   libsimdjson-dev
build   libre2-dev
build   libsqlite3-dev
build   libseccomp-dev
build   zlib1g-dev
build   libedit-dev
build   libhiredis-dev
build   libcppunit-dev
build   tzdata
build   nodejs                      node
build   npm                         npm
test    chromium                    chromium
test    clang-format                clang-format
test    caddy                       caddy
test    ccache                      ccache
test    curl                        curl
test    iproute2                    ip
test    git                         git
test    haproxy                     haproxy
test    json-schema-test-suite
test    libfaketime
test    make                        make
test    nginx                       nginx
test    openssl                     openssl
test    procps                      ps
test    prometheus                  promtool
test    python3                     python3
test    python3-locust              locust
test    redis-server                redis-server
test    shellcheck                  shellcheck
test    zsh                         zsh
bench   curl                        curl
bench   nginx                       nginx
bench   nodejs                      node
bench   npm                         npm
bench   procps                      ps
bench   strace                      strace
bench   util-linux                  taskset
bench   valgrind                    valgrind
bench   binutils                    objdump
bench   wrk                         wrk
package debootstrap                 debootstrap
package dpkg-dev                    dpkg-shlibdeps
package fakeroot                    fakeroot
package file                        file
package lintian                     lintian
package mandoc                      mandoc
package rpm                         rpmbuild
package systemd-container           systemd-nspawn
windows dpkg-dev                    dpkg-source
windows g++-mingw-w64-x86-64-posix  x86_64-w64-mingw32-g++-posix
windows libz-mingw-w64-dev
windows make                        make
windows mingw-w64-tools
windows nsis                        makensis
windows perl                        perl
windows python3-six
windows tcl                         tclsh
windows unicode-data
windows wine64
LIST
}

usage() { sed -n '2,14p' "$0" | sed 's/^# \{0,1\}//'; }

list=0
purposes=()
for argument in "$@"; do
  case $argument in
    --list) list=1 ;;
    --help | -h) usage; exit 0 ;;
    build | test | bench | package | windows) purposes+=("$argument") ;;
    *) usage >&2; exit 2 ;;
  esac
done
[ ${#purposes[@]} -gt 0 ] || purposes=(build)

wanted() {
  local purpose package command
  packages | while read -r purpose package command; do
    case " ${purposes[*]} " in *" $purpose "*) echo "$package $command" ;; esac
  done | sort -u
}

if [ $list = 1 ]; then
  wanted | cut -d' ' -f1
  exit 0
fi

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "packages: no apt-get here; taking it that the packages named in CONTRIBUTING.md are installed"
  exit 0
fi

installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
missing=()
while read -r package command; do
  if [ -n "$command" ] && PATH="$PATH:/usr/sbin:/sbin" command -v "$command" >/dev/null; then continue; fi
  grep -qxF "$package" <<<"$installed" || missing+=("$package")
done < <(wanted)

if [ ${#missing[@]} -eq 0 ]; then
  echo "packages: everything for '${purposes[*]}' is installed"
  exit 0
fi

as_root=()
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null; then
    as_root=(sudo)
  else
    echo "packages: these are missing, and there is no sudo to install them with. As root:" >&2
    echo "  apt-get install ${missing[*]}" >&2
    exit 1
  fi
fi

echo "packages: installing for '${purposes[*]}': ${missing[*]}"
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
    apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@"
}

# Some of the packages bring services (nginx, prometheus) that would begin to listen on the network. Only their
# programs are wanted here, so they are not started; on a machine with a policy of its own that one stays.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap '"${as_root[@]}" rm -f $policy' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin $policy
fi

apt update
apt install -y --no-install-recommends "${missing[@]}" >/dev/null
echo "packages: done"
