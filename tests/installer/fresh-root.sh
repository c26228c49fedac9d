#!/usr/bin/env bash
# Makes a fresh, minimal Debian in a folder, and runs commands in it that see nothing else of this machine but its
# network. Read by the tests beside it.
#
#   fresh_root CACHE SUITE       makes it, bookworm (Debian 12) or trixie (13), from the archive CACHE/fresh-root-SUITE.tar, which
#                                is made once, and calls it $root; with all of $work it goes when the script ends, with
#                                status 77 where this machine cannot make it
#   in_root USER COMMAND...      runs a command in it
#   boot_root SCRIPT             starts it as a system, with systemd, runs a script of it as root, and stops it

# Empty but for what every machine has: somebody who may install packages, and an init.
fresh_root() {
  local archive=$1/fresh-root-$2.tar suite=$2 mirror
  if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null || ! command -v systemd-nspawn >/dev/null; then
    echo "a fresh root needs root, debootstrap and systemd-nspawn: installer/packages.sh package"
    exit 77
  fi
  work=$(mktemp -d) root=$work/root
  trap 'rm -rf --one-file-system "$work"' EXIT
  (
    flock 9
    [ ! -s "$archive" ] || exit 0
    # The archive that this machine uses is the one that can be reached from here.
    mirror=$(sed -n -e 's/^URIs: *\([^ ]*\/debian\/\{0,1\}\)$/\1/p' \
      -e 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\/debian\/\{0,1\}\) .*/\2/p' \
      /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1)
    [ -n "$mirror" ] || { echo "no Debian archive is configured here"; exit 77; }
    debootstrap --variant=minbase --include=dbus,sudo,systemd-sysv "$suite" "$root" "$mirror" >"$root.log" 2>&1 ||
      { tail -n 20 "$root.log"; exit 1; }
    tar -C "$root" -cf "$archive.part" .
    mv "$archive.part" "$archive"
    rm -rf --one-file-system "$root"
  ) 9>"$archive.lock" || exit $?
  mkdir "$root"
  tar -C "$root" -xf "$archive"
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  echo '127.0.1.1 debian' >>"$root/etc/hosts"
  echo 'Acquire::Retries "3";' >"$root/etc/apt/apt.conf.d/80retries"
  useradd --root "$root" --create-home --shell /bin/bash ada
  echo 'ada ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/ada"
  in_root root true || { echo "systemd-nspawn does not work here"; exit 77; }
}

# Landlock is what sandboxes of plugins are made of; systemd-nspawn of Debian 12 does not know it.
nspawn() {
  systemd-nspawn --quiet --hostname=debian --register=no --keep-unit --resolv-conf=off --timezone=off \
    '--system-call-filter=landlock_create_ruleset landlock_add_rule landlock_restrict_self' "$@" </dev/null
}

in_root() {
  local user=$1 home
  shift
  home=$(sed -n "s/^$user:\([^:]*:\)\{4\}\([^:]*\):.*/\2/p" "$root/etc/passwd")
  nspawn -D "$root" --as-pid2 --console=pipe "--user=$user" "--chdir=$home" "--setenv=LANG=C.UTF-8" "$@"
}

boot_root() {
  cat >"$root/etc/systemd/system/newcomer.service" <<UNIT
[Service]
Type=exec
WorkingDirectory=/root
Environment=HOME=/root LANG=C.UTF-8
StandardOutput=file:/newcomer.log
ExecStart=$1
ExecStopPost=/bin/sh -c 'echo \$EXIT_STATUS >/newcomer.status; systemctl --no-block poweroff'
UNIT
  ln -s ../newcomer.service "$root/etc/systemd/system/multi-user.target.wants/"
  nspawn -D "$root" --boot --console=passive >"$root.boot.log" 2>&1 || true
  rm "$root/etc/systemd/system/newcomer.service" "$root/etc/systemd/system/multi-user.target.wants/newcomer.service"
  cat "$root/newcomer.log" || { tail -n 40 "$root.boot.log"; return 1; }
  return "$(cat "$root/newcomer.status")"
}
