#!/usr/bin/env bash
# A client that vanishes without a word, as a machine does that loses its power or its network: its stream is gone within
# timeouts.idleMs. Server and client have a network each (namespaces, which need no privileges
# where the system lets users have them); status 77, which ctest reads as skipped, where it does not.
#
#   vanished.sh TENON
set -euo pipefail

if [ -z "${IN_NAMESPACE:-}" ]; then
    if ! unshare --user --map-root-user --net ip link add one type veth peer name two 2>/dev/null; then
        echo "skipped: there are no network namespaces here"
        exit 77
    fi
    IN_NAMESPACE=1 exec unshare --user --map-root-user --net "$0" "$@"
fi

tenon=$1
folder=$(mktemp -d)
started=()
end() {
    kill "${started[@]}" 2>/dev/null || true
    wait "${started[@]}" 2>/dev/null || true
    rm -rf "$folder"
}
trap end EXIT

wait_for() { # SECONDS WHAT CONDITION...
    local until=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        [ $SECONDS -lt $until ] || { echo "no $what"; cat "$folder/log"; exit 1; }
        sleep 0.1
    done
}
logged() { [ "$(grep -c "$1" "$folder/log")" -ge "$2" ]; }
connections() { # as the system counts them: whatever the server forgets it still holds here
    [ "$(ss -Htn state established "sport = :8080" | wc -l)" -eq "$1" ]
}

ip link set lo up
ip link add server type veth peer name client
unshare --net sleep 300 &
there=$!
started+=("$there")
own=$(readlink /proc/self/ns/net)
apart() { [ "$(readlink "/proc/$there/ns/net")" != "$own" ]; }
wait_for 10 "second network" apart
ip link set client netns "$there"
client=(nsenter "--net=/proc/$there/ns/net") # becomes what it starts, so that a pid is that of the program
ip addr add 10.77.0.1/24 dev server
ip link set server up
"${client[@]}" ip addr add 10.77.0.2/24 dev client
"${client[@]}" ip link set client up

"$tenon" --http.host=10.77.0.1 --http.port=8080 --auth.allowAnonymous=true --timeouts.idleMs=4s --timeouts.heartbeatMs=1s \
    >"$folder/log" 2>&1 &
started+=($!)
wait_for 30 "server" logged "10.77.0.1:8080" 1

"${client[@]}" curl -sN --max-time 200 http://10.77.0.1:8080/sse >"$folder/stream" &
started+=($!)
wait_for 30 "stream" logged "stream opened" 1
sleep 6 # longer than the time
connections 1 || { echo "a client that is there was dropped"; exit 1; }

"${client[@]}" ip addr del 10.77.0.2/24 dev client
began=$(date +%s%N)
wait_for 20 "end of the stream" logged "stream closed" 1
wait_for 20 "end of the connection" connections 0
echo "gone $((($(date +%s%N) - began) / 1000000)) ms after they vanished"
