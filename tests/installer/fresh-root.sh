#!/usr/bin/env bash
# Makes a fresh, minimal Debian 12 in a folder, and runs commands in it that see nothing else of this machine but its
# network. Read by the tests beside it.
#
#   fresh_root FOLDER            makes it; status 77 where this machine cannot
#   in_root FOLDER COMMAND...    runs a command in it, in mount and process spaces of its own

fresh_root() {
  local mirror
  if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null || ! unshare --mount --pid --fork true 2>/dev/null; then
    echo "a fresh root needs root, debootstrap and mount namespaces"
    return 77
  fi
  # The archive that this machine uses is the one that can be reached from here.
  mirror=$(sed -n -e 's/^URIs: *\([^ ]*\/debian\/\{0,1\}\)$/\1/p' -e 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\/debian\/\{0,1\}\) .*/\2/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1)
  [ -n "$mirror" ] || { echo "no Debian archive is configured here"; return 77; }
  debootstrap --variant=minbase bookworm "$1" "$mirror" >"$1.log" 2>&1 || { tail -n 20 "$1.log"; return 1; }
  cp -L /etc/resolv.conf /etc/hosts "$1/etc/"
  # Packages that bring services must not start them on this machine's network.
  printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
  chmod 755 "$1/usr/sbin/policy-rc.d"
}

in_root() {
  local root=$1
  shift
  # shellcheck disable=SC2016 # expanded inside
  unshare --mount --pid --fork --kill-child sh -ec '
    root=$1
    shift
    mount --make-rprivate /
    mount -t proc proc "$root/proc"
    mount -t sysfs sys "$root/sys" || true
    mount --rbind /dev "$root/dev"
    exec env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"' sh "$root" "$@"
}
