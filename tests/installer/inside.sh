#!/usr/bin/env bash
# What debian.sh does inside of the fresh root.
set -euo pipefail
step() { printf '== %s\n' "$*"; }
fail() { echo "FAILED: $*"; cat /var/log/tenon/*.log /packages/serve.log 2>/dev/null; exit 1; }
install() { apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "$@" >/packages/apt.log 2>&1 || { cat /packages/apt.log; exit 1; }; }

serve() {
  # Not runuser: that is a session, which ends by a signal when its program does.
  setpriv --reuid=tenon --regid=tenon --init-groups /usr/bin/tenon --config=/etc/tenon/tenon.properties --http.port=0 --log.file= >/packages/serve.log 2>&1 &
  server=$!
  for ((i = 0; i < 200; ++i)); do
    url=$(sed -n 's/.*Listening on \(http[^ ]*\).*/\1/p' /packages/serve.log | head -n 1)
    [ -z "$url" ] || return 0
    sleep 0.1
  done
  fail "it does not listen"
}
stop() {
  kill -TERM "$server"
  wait "$server" || fail "it ended with status $?"
}
call() { # TOOL ARGUMENTS
  curl -fsS "$url" -H 'Content-Type: application/json' -H 'MCP-Protocol-Version: 2026-07-28' \
    -H 'Mcp-Method: tools/call' -H "Mcp-Name: $1" -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{
      "name":"'"$1"'","arguments":'"$2"',"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",
      "io.modelcontextprotocol/clientCapabilities":{}}}}'
  echo
}

step "install"
apt-get -qq update
install curl
dpkg-query -W -f='${Package}\n' | sort >/packages/before
find / -xdev -not -path '/proc/*' -not -path '/packages*' | sort >/packages/files-before
install /packages/tenon_*.deb
getent passwd tenon
stat -c '%U:%G %a %n' /etc/tenon/tenon.properties /var/lib/tenon /var/lib/tenon/plugins /var/log/tenon
tenon --version
tenon validate-config --config=/etc/tenon/tenon.properties

step "serve and call a tool"
serve
curl -fsS "${url%/mcp}/health"
echo
call clock_now '{}' | tee /packages/answer
grep -q '"resultType":"complete"' /packages/answer || fail "no result"
stop

step "a plugin of one's own"
install /packages/tenon-dev_*.deb cmake g++ make
cp -r /usr/share/tenon/template /packages/plugin
cmake -S /packages/plugin -B /packages/plugin/build >/packages/cmake.log
cmake --build /packages/plugin/build >>/packages/cmake.log
cp /packages/plugin/build/hello.so /var/lib/tenon/plugins/
serve
call greet '{"name":"Ada"}' | tee /packages/answer
grep -q 'Hello, Ada!' /packages/answer || fail "the plugin was not called"
stop

step "upgrade with edited settings"
sed -i 's/^#log.level = .*/log.level = warning/' /etc/tenon/tenon.properties
grep -qx 'log.level = warning' /etc/tenon/tenon.properties || fail "the settings have no log.level"
install -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold /packages/next.deb
dpkg-query -W tenon
grep -qx 'log.level = warning' /etc/tenon/tenon.properties || fail "the edited settings were lost"
[ -e /var/lib/tenon/plugins/hello.so ] || fail "the operator's plugin was lost"
serve
call greet '{"name":"Ada"}' >/dev/null
stop

step "remove"
apt-get -qq remove -y tenon >/dev/null
[ ! -e /usr/bin/tenon ] || fail "the program is still there"
[ -e /etc/tenon/tenon.properties ] || fail "remove took the settings"
[ -e /var/lib/tenon/plugins/hello.so ] || fail "remove took the operator's plugin"

step "purge"
apt-get -qq purge -y tenon tenon-dev cmake g++ make >/dev/null
apt-get -qq autoremove --purge -y >/dev/null
dpkg-query -W -f='${Package}\n' | sort | comm -13 /packages/before - >/packages/left
[ ! -s /packages/left ] || fail "packages left: $(cat /packages/left)"
find / -xdev -not -path '/proc/*' -not -path '/packages*' | sort | comm -13 /packages/files-before - |
  grep -i tenon >/packages/left || true
[ ! -s /packages/left ] || fail "files left: $(cat /packages/left)"
! getent passwd tenon || fail "the user is still there"
step "nothing is left"
