#!/usr/bin/env bash
# What package.sh does inside of the fresh root: the chapters of installer/README.md, and between them what a new user does
# not look at.
set -euo pipefail
cd /root
export DEBIAN_FRONTEND=noninteractive
# shellcheck source=tests/support/call.sh
. /transcript/call.sh
chapter() { /bin/bash /transcript/transcript.sh /transcript/README.md "$1"; }
fail() { echo "FAILED: $*"; systemctl status tenon; journalctl -u tenon; tail -n 40 /var/log/tenon/tenon.log; exit 1; }
settings=/etc/tenon/tenon.properties
set_settings() { # LINE...: added to the settings, and taken back at the next time
  sed -i '/^# of the test$/,$d' $settings
  printf '%s\n' '# of the test' "$@" >>$settings
  systemctl restart tenon
}
until_restarted() { # COUNT
  local i
  for ((i = 0; i < 600; ++i)); do
    if [ "$(systemctl show -P NRestarts tenon)" = "$1" ] && systemctl -q is-active tenon; then return 0; fi
    sleep 0.1
  done
  fail "it was not started again"
}

installed() { dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort; }
installed >packages-before
chapter "Debian package, installed"

echo "== the server may write its data and its log, and not its plugins"
stat -c '%U:%G %a %n' /etc/tenon/tenon.properties /var/lib/tenon /var/lib/tenon/* /var/log/tenon | tee owners
diff owners - <<'OWNERS' || fail "other owners"
root:root 644 /etc/tenon/tenon.properties
root:root 755 /var/lib/tenon
tenon:tenon 750 /var/lib/tenon/data
root:root 755 /var/lib/tenon/plugins
tenon:tenon 750 /var/log/tenon
OWNERS

echo "== workers, their limits and sandboxes within the service's own"
set_settings 'plugins.isolation = process' 'plugin.clock.sandbox.network = false' 'plugin.clock.limits.memoryMb = 256' \
  'plugin.sqlite.database = /var/lib/tenon/data/new.db' 'plugin.sqlite.readOnly = false'
# Each has a keeper beside it.
[ "$(systemctl status tenon | grep -o -e '--plugin-worker [a-z]*' | sort -u | wc -l)" = 4 ] || fail "not four workers"
grep -q '"resultType":"complete"' <<<"$(call 8080 clock_now '{}')" || fail "a sandboxed worker"
[ -e /var/lib/tenon/data/new.db ] || fail "no database"
set_settings

echo "== a crash, and a server that does not answer its watchdog"
kill -SEGV "$(systemctl show -P MainPID tenon)"
until_restarted 1
kill -STOP "$(systemctl show -P MainPID tenon)"
until_restarted 2
grep -q 'Watchdog timeout' <<<"$(journalctl -u tenon)" || fail "it was not the watchdog"

echo "== started by the first client"
systemctl disable -q --now tenon
systemctl enable -q --now tenon.socket
! systemctl -q is-active tenon || fail "it is running"
grep -q '"resultType":"complete"' <<<"$(call 8080 clock_now '{}')" || fail "no answer"
systemctl -q is-active tenon || fail "it is not running"
systemctl disable -q --now tenon.socket
systemctl stop tenon
systemctl enable -q --now tenon

chapter "A plugin of one's own"
chapter "Settings"
chapter "The next version"
grep -q 'Hello, Ada!' <<<"$(call 8080 greet '{"name":"Ada"}')" || fail "the operator's plugin is not called after the upgrade"
chapter "Taking it away"

echo "== no other package stays because of it"
apt-get -qq purge -y curl cmake g++ make >/dev/null
# Nothing stays because something else suggests it, either.
apt-get -qq autoremove --purge -y -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false >/dev/null
left=$(installed | comm -13 packages-before -)
[ -z "$left" ] || fail "packages left: $left"
