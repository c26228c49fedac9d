#!/usr/bin/env bash
# Tries the cross-built server and its installer under Wine: console mode over each transport, plugins, the service, the
# installer and the uninstaller.
#
#   run.sh
#
# build/windows is made by installer/windows/build.sh. This is how far the Windows build is tried: not on Windows itself.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build/windows
# shellcheck source=tests/support/call.sh
. "$root/tests/support/call.sh"
PATH=$PATH:/usr/lib/wine
command -v wine64 >/dev/null || command -v wine >/dev/null || { echo "wine is missing: installer/packages.sh windows"; exit 77; }
[ -e "$build/bin/tenon.exe" ] || { echo "build/windows is missing: installer/windows/build.sh" >&2; exit 1; }

work=$(mktemp -d)
export WINEPREFIX=$work/wine
# Wine has no icu.dll, which has Windows' time zones: the tools of `clock` that need them are not tried here.
export TENON_TEST_WITHOUT=clock_now
wineserver=$(command -v wineserver || command -v wineserver64)
cleanup() {
  "$wineserver" -k 2>/dev/null || true
  "$wineserver" -w 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

wine() { "$here/wine.sh" "$@"; }
# A program in the background that obeys Ctrl-C, which shells let such programs ignore; $! is its own process.
console() { exec env --default-signal=INT "$here/wine.sh" "$@"; }
# Services get the environment of when the system began.
restart_windows() {
  "$wineserver" -k || true
  "$wineserver" -w
  "$wineserver" -p
}
step() { printf '== [%03d s] %s\n' $SECONDS "$*"; }
fail() {
  echo "FAILED: $*"
  tail -n 40 "$work"/*.log 2>/dev/null || true
  exit 1
}
free_port() {
  local port
  while port=$((20000 + RANDOM % 10000)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}
poll() { # WHAT COMMAND...: until it succeeds
  local what=$1 i
  shift
  for ((i = 0; i < 150; ++i)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.2
  done
  fail "$what"
}
healthy() { curl -fsS --max-time 2 "http://127.0.0.1:$1/ready"; }
# What Windows calls a path of this machine.
windows_path() { printf 'Z:%s' "${1//\//\\}"; }
called() { grep -q '"resultType":"complete"' <<<"$1" && ! grep -q '"isError":true' <<<"$1"; }

step "a prefix"
# Without it Wine ends services two seconds after the last ordinary program.
mkdir "$WINEPREFIX"
"$wineserver" -p
wine wineboot.exe -i >"$work/wineboot.log" 2>&1
[ "$(wine "$build/bin/tenon.exe" --version | tr -d '\r')" = "tenon $(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")" ] ||
  fail "--version"

step "standard input and output, without carriage returns"
printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}' |
  wine "$build/bin/tenon.exe" --stdio "--plugins.directory=$(windows_path "$build/plugins")" >"$work/stdio.out" 2>"$work/stdio.log"
grep -q supportedVersions "$work/stdio.out" || fail "no answer over stdio"
! grep -q $'\r' "$work/stdio.out" || fail "a carriage return on standard output"

step "console mode, the official clients over each transport"
cat >"$work/tenon" <<WRAPPER
#!/bin/sh
exec "$here/wine.sh" "$build/bin/tenon.exe" "\$@"
WRAPPER
chmod +x "$work/tenon"
node=${TENON_NODE_DIRECTORY:-$root/build/node}/clients
"$root/tests/clients/install.sh" "$node" >/dev/null
for sdk in sdk1 sdk2; do
  TENON_STOP_SIGNAL=SIGINT "$root/tests/clients/run.sh" "$node" $sdk.mjs "$work/tenon" "$build/plugins" ||
    fail "$sdk"
done

step "workers"
port=$(free_port)
mkdir "$work/plugins"
cp "$build"/plugins/*.dll "$work/plugins/"
x86_64-w64-mingw32-gcc-posix -std=c11 -shared -I"$root/sdk/include" -I"$root/tests/fixtures" -o "$work/plugins/crashes.dll" \
  "$root/tests/fixtures/calls/crashes.c"
console "$build/bin/tenon.exe" "--http.port=$port" "--plugins.directory=$(windows_path "$work/plugins")" \
  --plugins.isolation=process >"$work/workers.log" 2>&1 &
server=$!
poll "it does not listen" healthy "$port"
called "$(call "$port" sysinfo_memory '{}')" || fail "a call in a worker"
grep -q 'crashed' <<<"$(call "$port" crash '{}')" || fail "a crash is no error of its call"
for ((i = 0; i < 50; ++i)); do
  ! grep -q '"text":"well"' <<<"$(call "$port" crashes_not '{}' || true)" || break
  sleep 0.2
done
[ $i -lt 50 ] || fail "the worker was not started again"
called "$(call "$port" sysinfo_memory '{}')" || fail "a crash ended another worker"
grep -q 'exception 0xC0000005 (access violation)' "$work/workers.log" || fail "the log does not say why it crashed"
kill -INT $server
wait $server || fail "it ended with status $?"

step "a limit of a worker, and a sandbox, which is refused"
console "$build/bin/tenon.exe" "--http.port=$port" "--plugins.directory=$(windows_path "$build/plugins")" \
  --plugins.isolation=process --plugin.sysinfo.limits.memoryMb=512 --plugin.sqlite.sandbox.network=false \
  >"$work/limits.log" 2>&1 &
server=$!
poll "it does not listen" healthy "$port"
called "$(call "$port" sysinfo_memory '{}')" || fail "a call in a limited worker"
grep -q 'sandbox' "$work/limits.log" || fail "a sandbox was not refused"
kill -INT $server
wait $server || fail "it ended with status $?"

step "a program that lends its tools, over a named pipe"
x86_64-w64-mingw32-gcc-posix -std=c11 -I"$root/sdk/include" -o "$work/attach_loop.exe" "$root/sdk/examples/attach_loop.c" \
  "$build/sdk/attach/libtenon-attach.dll.a"
cp "$build/bin/libtenon-attach.dll" "$work/"
attach_settings=("--http.port=$port" "--plugins.directory=$(windows_path "$work/none")" --attach.enabled=true
  "--attach.directory=$(windows_path "$work/offers")" "--attach.counter.users=$(id -un)" --attach.counter.waitMs=60s)
counts() { [ "$(call "$port" count '{}' | sed -n 's/.*"text": *"\([0-9]*\)".*/\1/p')" = "$1" ]; }
lend() {
  console "$work/attach_loop.exe" one >>"$work/loop.log" 2>&1 &
  lent=$!
}
lend # before the server
console "$build/bin/tenon.exe" "${attach_settings[@]}" >"$work/attach.log" 2>&1 &
server=$!
poll "it does not listen" healthy "$port"
poll "the program is not attached" grep -q "'one' is attached" "$work/attach.log"
counts 1 || fail "a call on the program's thread"
kill -INT $server
wait $server || fail "it ended with status $?"
console "$build/bin/tenon.exe" "${attach_settings[@]}" >>"$work/attach.log" 2>&1 &
server=$!
poll "it does not listen again" healthy "$port"
counts 2 || fail "the program noticed that the server was restarted"
kill -KILL $lent
wait $lent || true
lend
counts 1 || fail "a call did not wait for the program"
called "$(call "$port" quit '{}')" || fail "the program does not end"
wait $lent || fail "the program ended with status $?"
kill -INT $server
wait $server || fail "it ended with status $?"
console "$build/bin/tenon.exe" "${attach_settings[@]}" --attach.counter.users=Guest >"$work/refused.log" 2>&1 &
server=$!
poll "it does not listen" healthy "$port"
lend
poll "another user's program is not refused" grep -q "attach.counter.users does not name it" "$work/refused.log"
kill -KILL $lent
wait $lent || true
kill -INT $server
wait $server || fail "it ended with status $?"

step "threads that nobody joins all run"
x86_64-w64-mingw32-g++-posix -std=c++20 -O2 -static "-I$root/server" -o "$work/detached_threads.exe" \
  "$here/detached_threads.cpp" "$root/server/base/threads/DetachedThread.cpp"
timeout 60 "$here/wine.sh" "$work/detached_threads.exe" || fail "a thread was lost"

step "objects of a thread in a plugin end whole"
mkdir -p "$work/objects/plugins"
cat >"$work/objects/CMakeLists.txt" <<PROJECT
cmake_minimum_required(VERSION 3.16)
project(objects LANGUAGES CXX)
find_package(Tenon REQUIRED)
tenon_add_plugin(thread_objects SOURCES "$here/thread_objects.cpp")
PROJECT
cmake -S "$work/objects" -B "$work/objects/build" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$root/installer/windows/toolchain.cmake" \
  -DTenon_DIR="$build/sdk-installed/share/cmake/Tenon" >"$work/build.log" 2>&1 || fail "configuring"
cmake --build "$work/objects/build" >>"$work/build.log" 2>&1 || fail "building"
cp "$work/objects/build/thread_objects.dll" "$work/objects/plugins/"
# Wine writes over freed memory, as Windows does sooner or later.
WINEDEBUG=warn+heap console "$build/bin/tenon.exe" "--http.port=$port" \
  "--plugins.directory=$(windows_path "$work/objects/plugins")" >"$work/objects.log" 2>&1 &
server=$!
poll "it does not listen" healthy "$port"
called "$(call "$port" keep '{}')" || fail "a call"
kill -INT $server
wait $server || fail "it ended with status $?"
grep -q 'the object of a thread was whole' "$work/objects.log" || fail "freed before it ended"

step "a service"
environment='HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
port=$(free_port)
wine reg.exe add "$environment" /v TENON_HTTP_PORT /d "$port" /f >/dev/null
restart_windows
printf 'plugins.directory = %s\nlog.channel = eventlog\n' "Z:$build/plugins" >"$work/service.properties"
wine "$build/bin/tenon.exe" /registerService '/displayName=Tenon of the tests' \
  "--config=$(windows_path "$work/service.properties")" >"$work/register.log" 2>&1 || fail "/registerService"
wine net.exe start tenon >"$work/start.log" 2>&1 || true # whether it did is seen below
running() { wine sc.exe query tenon | grep -q RUNNING; }
poll "the service does not run" running
healthy "$port" >/dev/null || fail "it runs, but does not listen"
called "$(call "$port" sysinfo_memory '{}')" || fail "a call of the service"
wine reg.exe query 'HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\Tenon' >/dev/null ||
  fail "it does not write to the event log"
wine net.exe stop tenon >"$work/stop.log" 2>&1 || true
gone() { ! healthy "$1"; }
poll "the service does not stop" gone "$port"

step "a service says in the event log what is wrong with its settings"
printf 'plugins.direktory = plugins\n' >"$work/service.properties"
# Wine shows the event log on the standard error of whoever was first to run.
restart_windows
WINEDEBUG=err+eventlog wine net.exe start tenon >"$work/fault.log" 2>&1 || true
said() { grep -q "plugins.direktory" "$work/fault.log"; }
poll "it says nothing" said
wine "$build/bin/tenon.exe" /unregisterService >"$work/unregister.log" 2>&1 || fail "/unregisterService"
unregistered() { ! wine sc.exe query tenon; }
poll "the service is still registered" unregistered

step "the installer, as its page says"
wine reg.exe delete "$environment" /v TENON_HTTP_PORT /f >/dev/null
restart_windows
gone 8080 || fail "port 8080, which is a new installation's, is taken"
program="$WINEPREFIX/drive_c/Program Files/Tenon" data=$WINEPREFIX/drive_c/ProgramData/Tenon
downloads=$WINEPREFIX/drive_c/users/Public/Downloads
mkdir -p "$downloads"
cp "$build/packages/tenon-setup.exe" "$downloads/"
# Wine's own do nothing; this one keeps what it was told.
for name in netsh icacls; do
  x86_64-w64-mingw32-gcc-posix -o "$WINEPREFIX/drive_c/windows/system32/$name.exe" "$here/keeps_words.c"
done
told() { grep -qF -e "$1" "$WINEPREFIX/drive_c/told.txt"; }
chapter() {
  TRANSCRIPT_WINDOWS=$here/typed.sh TRANSCRIPT_PATIENCE=120 "$root/tests/installer/transcript.sh" \
    "$root/installer/windows/README.md" "$1" || fail "$1"
}
chapter "Install it"
[ -e "$program/plugins/clock.dll" ] || fail "no plugins"
told '\ProgramData\Tenon" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" "NT SERVICE\tenon:(OI)(CI)RX"' ||
  fail "others than administrators may write settings and plugins"
told '\ProgramData\Tenon\log" /grant "NT SERVICE\tenon:(OI)(CI)M"' || fail "the service may not write its log"

(cd "$root" && chapter "A plugin for Windows, on Debian")
cp "$root/build/hello/hello.dll" "$downloads/"
chapter "A plugin of one's own"
chapter "The next version"
poll "the upgraded service does not answer" healthy 8080

chapter "Taking it away"
poll "the program is still there" test ! -e "$program"
poll "the service still answers" gone 8080
poll "the service is still registered" unregistered
[ -e "$data/tenon.properties" ] || fail "it took the settings"
[ -e "$data/plugins/hello.dll" ] || fail "it took the operator's plugin"

step "a firewall rule, and taking everything away"
wine "$downloads/tenon-setup.exe" /S /FIREWALL=1
poll "there is no rule" \
  told 'advfirewall firewall add rule name="Tenon" dir=in action=allow program="C:\Program Files\Tenon\tenon.exe"'
wine "$program/uninstall.exe" /S /PURGE=1
poll "the program is still there" test ! -e "$program"
poll "the settings are still there" test ! -e "$data"
told 'advfirewall firewall delete rule name="Tenon"' || fail "the rule is still there"

step "a service that cannot start is no success"
node -e 'require("net").createServer().listen(8080, "127.0.0.1", () => console.log("listening"))' >"$work/holder.out" &
holder=$!
poll "the port is not held" grep -q listening "$work/holder.out"
status=0
wine "$downloads/tenon-setup.exe" /S || status=$?
kill $holder
[ $status = 2 ] || fail "the installer ended with $status"
grep -q 'Address already in use' "$data/log/tenon.log" || fail "the log does not say why"
wine "$program/uninstall.exe" /S /PURGE=1
poll "the program is still there" test ! -e "$program"

step "folders with spaces and other letters"
folder="$WINEPREFIX/drive_c/Grüße aus Köln"
mkdir -p "$folder/plugins"
cp "$build/bin/tenon.exe" "$folder/"
cp "$build/plugins/sysinfo.dll" "$folder/plugins/"
port=$(free_port)
printf 'http.port = %s\nplugins.directory = plugins\n' "$port" >"$folder/tenon.properties"
console 'C:\Grüße aus Köln\tenon.exe' '--config=C:\Grüße aus Köln\tenon.properties' >"$work/letters.log" 2>&1 &
server=$!
poll "it does not listen" healthy "$port"
called "$(call "$port" sysinfo_memory '{}')" || fail "a call"
kill -INT $server
wait $server || fail "it ended with status $?"
step "done"
