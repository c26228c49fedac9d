#!/usr/bin/env bash
# Measures the release build beside nginx and the official TypeScript servers, interleaved in one run, and prints
# medians, ratios and latencies as the tables of RESULTS.md.
#
#   run.sh [--seconds N] [--repetitions N] [--steady N] [SECTION]...
#
#   calls         tools/call beside nginx `return 200`, at 1, 8, 64, 256 and 1,000 connections, one core for the server
#   unpinned      the same at 64 and 256, nothing pinned, as many threads as there are cores
#   peers         the TypeScript servers 1.x and 2.x, at the same connections, fewer repetitions
#   process       exec to first answer, memory, with the plugins that ship
#   streams       10,000 idle streams: threads, memory, broadcast, what calls lose meanwhile
#   blocked       /health while tools hold threads
#   cost          system calls (strace), instructions and locked instructions (callgrind) of one request
#   path          the functions and files of server/ that one tools/call passes (callgrind, in build/debug, not inlined)
#   connections   a connection for each request
#   threads       calls a second with two threads beside one, on two cores; the load has what is left of them
#   tls           tools/call over TLS beside nginx with TLS, and handshakes with and without session reuse
#   sizes         results of 100 kB and 1 MB
#   packed        other calls while results of 10 MB are compressed, and what stays resident a minute after them
#   isolation     the same call in the server's process, in a worker, in a pool of four, and in a fresh process for each
#                 call, at 1 and 64 connections, nothing pinned
#   attach        the same call in a worker and in an attached program, and how soon clients hear of one that ends or comes back
#   upstream      a call of a server behind the server beside the same call without it, and 100 idle ones
#   churn         sessions opened, used once and deleted by 50 users
#   steady        100 HTTP+SSE clients and 1,000 requests a minute, for five minutes (--steady N: for N seconds)
#
# Without a SECTION: all. Nothing here asserts anything about time. TENON_BUILD names a build tree to take as it is,
# instead of build/release, which is brought up to date first. TENON_BESIDE names a second one, which `calls` and
# `unpinned` measure in turn with the first (rows with a dash): build/profiled, as installer/profile.sh makes it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${TENON_BUILD:-$root/build/release}
seconds=5
repetitions=3
steady=300
sections=()
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) seconds=$2; shift ;;
    --repetitions) repetitions=$2; shift ;;
    --steady) steady=$2; shift ;;
    calls | unpinned | peers | process | streams | blocked | cost | path | connections | threads | tls | sizes | packed | isolation | attach | upstream | churn | steady) sections+=("$1") ;;
    *) sed -n '2,32p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2 ;;
  esac
  shift
done
[ ${#sections[@]} -gt 0 ] || sections=(calls unpinned peers process streams blocked cost path connections threads tls sizes packed isolation attach upstream churn steady)

PATH=$PATH:/usr/sbin
for tool in wrk nginx taskset curl; do
  command -v $tool >/dev/null || { echo "run.sh: $tool is missing: installer/packages.sh bench" >&2; exit 1; }
done
if [ -z "${TENON_BUILD:-}" ]; then
  (cd "$root" && cmake --preset release -DTENON_TESTS=ON && cmake --build --preset release --target quickstart bench_load bench_attached) >/dev/null
fi

work=$(mktemp -d)
started=()
cleanup() {
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
ulimit -n "$(ulimit -Hn)"

server_core=0
load_core=$(($(nproc) - 1))
pin() { if [ "$pinned" = 1 ]; then echo "taskset -c $1"; fi; }
pinned=1
threads=1 # of the server, where it is pinned

free_port() {
  # From the range that the system gives to nobody by itself, so that no client's connection sits on it.
  local port
  while port=$((20000 + RANDOM % 10000)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

await_ready() { # PORT: until the server there has its plugins
  local i
  await "$1"
  for ((i = 0; i < 1200; ++i)); do
    if curl -fs -o /dev/null "http://127.0.0.1:$1/ready"; then return; fi
    sleep 0.05
  done
  echo "run.sh: the server on $1 does not become ready" >&2
  exit 1
}

await() { # PORT: until it listens
  local i
  for ((i = 0; i < 1200; ++i)); do # under valgrind it takes its time
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
    sleep 0.05
  done
  echo "run.sh: nothing listens on $1" >&2
  cat "$work"/*.log >&2
  exit 1
}

start() { # NAME COMMAND...: in the background; sets $last
  local name=$1
  shift
  # shellcheck disable=SC2046 # words of a command
  $(pin $server_core) "$@" >"$work/$name.log" 2>&1 &
  last=$!
  started+=("$last")
}

stop() {
  local pid
  for pid in "$@"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
}

start_tenon() { # SETTING...: sets $tenon_port and $tenon_pid
  tenon_port=$(free_port)
  start tenon "$here/serve.sh" "$tenon_port" "--http.threads=$threads" "$@"
  tenon_pid=$last
  case " $* " in *tls.enabled=true*) await "$tenon_port" ;; *) await_ready "$tenon_port" ;; esac
}

start_nginx() { # BODY-SIZE [SERVER-LINES [LISTEN-OPTION]]: sets $nginx_port and $nginx_pid
  nginx_port=$(free_port)
  mkdir -p "$work/nginx"
  cat >"$work/nginx.conf" <<CONF
worker_processes $threads;
daemon off;
pid $work/nginx/pid;
error_log $work/nginx/error.log;
worker_rlimit_nofile 20000;
events { worker_connections 10000; }
http {
  access_log off;
  keepalive_requests 100000000;
  keepalive_timeout 600;
  client_body_temp_path $work/nginx; proxy_temp_path $work/nginx; fastcgi_temp_path $work/nginx;
  uwsgi_temp_path $work/nginx; scgi_temp_path $work/nginx;
  default_type application/json;
  server { listen 127.0.0.1:$nginx_port ${3:-} backlog=4096; ${2:-} return 200 '$(head -c "$1" /dev/zero | tr '\0' x)'; }
}
CONF
  start nginx nginx -p "$work/nginx" -c "$work/nginx.conf"
  nginx_pid=$last
  await "$nginx_port"
}

# A 200-byte call of a session, and the same call of 2026-07-28, whose _meta makes it longer.
text=$(head -c 96 /dev/zero | tr '\0' a)
legacy_body='{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"'$text'"}}}'
modern_body='{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"'$text'"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}'
common=$'Content-Type: application/json\nAccept: application/json, text/event-stream'
modern_headers=$common$'\nMCP-Protocol-Version: 2026-07-28\nMcp-Method: tools/call\nMcp-Name: echo'

open_session() { # PORT [SCHEME]: sets $legacy_headers
  local id url=${2:-http}://127.0.0.1:$1/mcp
  id=$(curl -sk -D - -o /dev/null "$url" -H 'Content-Type: application/json' \
    -H 'Accept: application/json, text/event-stream' -d '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{
      "protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}' |
    sed -n 's/^mcp-session-id: *\([^\r]*\).*/\1/Ip')
  [ -n "$id" ] || { echo "run.sh: no session" >&2; exit 1; }
  legacy_headers=$common$'\nMCP-Protocol-Version: 2025-11-25\nMcp-Session-Id: '$id
  curl -sk -o /dev/null "$url" -H 'Content-Type: application/json' -H "Mcp-Session-Id: $id" \
    -H 'MCP-Protocol-Version: 2025-11-25' -d '{"jsonrpc":"2.0","method":"notifications/initialized"}'
}

processes_of() { # PID: it and what came of it
  local child
  echo "$1"
  for child in $(pgrep -P "$1" || true); do processes_of "$child"; done
}

cpu_ticks() { # PID: of it and what came of it, the ended included, user and system
  local pid total=0 stat
  for pid in $(processes_of "$1"); do
    stat=$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null) || continue
    # shellcheck disable=SC2086 # fields
    set -- $stat
    total=$((total + ${12} + ${13} + ${14} + ${15}))
  done
  echo $total
}

# measure NAME PID URL CONNECTIONS HEADERS BODY: one run of wrk; a line of $work/runs:
# name connections requests/s p50us p99us maxus errors cpu-us-per-request
measure() {
  local before after line
  before=$(cpu_ticks "$2")
  # shellcheck disable=SC2046 # words of a command
  line=$(BENCH_HEADERS=$5 BENCH_BODY=$6 $(pin "$load_core") wrk -t1 "-c$4" "-d${seconds}s" --timeout 10s \
    -s "$here/post.lua" "$3" | sed -n 's/^RESULT //p')
  after=$(cpu_ticks "$2")
  # shellcheck disable=SC2086 # fields
  set -- "$1" "$4" "$((after - before))" $line
  awk -v ticks="$3" -v hz="$(getconf CLK_TCK)" -v rate="$4" -v seconds="$seconds" -v name="$1" -v c="$2" \
    -v p50="$5" -v p99="$6" -v max="$7" -v errors="$8" \
    'BEGIN { printf "%s %d %.0f %.1f %.1f %.1f %d %.2f\n", name, c, rate, p50, p99, max, errors,
      (rate > 0 ? ticks / hz * 1e6 / (rate * seconds) : 0) }' >>"$work/runs"
}

# table BASE: medians of $work/runs as a table, with ratios to the row BASE of the same connections.
table() {
  sort -s -k2,2n -k1,1 "$work/runs" | awk -v base="$1" '
    function median(list,   n, values, i, j, swap) {
      n = split(list, values, " ")
      for (i = 1; i <= n; ++i) for (j = i + 1; j <= n; ++j)
        if (values[j] + 0 < values[i] + 0) { swap = values[i]; values[i] = values[j]; values[j] = swap }
      return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
    }
    {
      key = $2 " " $1
      if (!(key in seen)) { seen[key] = 1; order[++keys] = key }
      rate[key] = rate[key] " " $3; p50[key] = p50[key] " " $4; p99[key] = p99[key] " " $5
      max[key] = max[key] " " $6; errors[key] += $7; cpu[key] = cpu[key] " " $8
    }
    END {
      print "| connections | server | requests/s | of " base " | p50 ms | p99 ms | max ms | CPU µs/request | " base " over it | errors |"
      print "|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|"
      for (i = 1; i <= keys; ++i) {
        split(order[i], part, " ")
        reference = median(rate[part[1] " " base])
        spent = median(cpu[order[i]])
        printf "| %d | %s | %.0f | %s | %.3f | %.3f | %.1f | %.2f | %s | %d |\n", part[1], part[2], median(rate[order[i]]),
          reference ? sprintf("%.2f", median(rate[order[i]]) / reference) : "", median(p50[order[i]]) / 1000,
          median(p99[order[i]]) / 1000, median(max[order[i]]) / 1000, spent,
          spent ? sprintf("%.2f", median(cpu[part[1] " " base]) / spent) : "", errors[order[i]]
      }
    }'
  rm -f "$work/runs"
}

heading() { printf '\n## %s\n\n' "$*"; }

answer_size() { # bytes of Tenon's answer body, for nginx to answer as many
  curl -s "http://127.0.0.1:$tenon_port/mcp" -H 'Content-Type: application/json' -H 'Mcp-Name: echo' \
    -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -d "$modern_body" | wc -c
}

compare() { # CONNECTIONS...: nginx, modern and legacy, interleaved
  local repetition connections beside=0 beside_port beside_headers
  start_tenon
  start_nginx "$(answer_size)"
  open_session "$tenon_port"
  if [ -n "${TENON_BESIDE:-}" ]; then
    local first=$tenon_pid first_port=$tenon_port first_headers=$legacy_headers
    TENON_BUILD=$TENON_BESIDE start_tenon
    open_session "$tenon_port"
    beside=$tenon_pid beside_port=$tenon_port beside_headers=$legacy_headers
    tenon_pid=$first tenon_port=$first_port legacy_headers=$first_headers
  fi
  for ((repetition = 0; repetition < repetitions; ++repetition)); do
    for connections in "$@"; do
      measure nginx "$nginx_pid" "http://127.0.0.1:$nginx_port/mcp" "$connections" "$modern_headers" "$modern_body"
      measure modern "$tenon_pid" "http://127.0.0.1:$tenon_port/mcp" "$connections" "$modern_headers" "$modern_body"
      measure legacy "$tenon_pid" "http://127.0.0.1:$tenon_port/mcp" "$connections" "$legacy_headers" "$legacy_body"
      [ "$beside" != 0 ] || continue
      measure modern-beside "$beside" "http://127.0.0.1:$beside_port/mcp" "$connections" "$modern_headers" "$modern_body"
      measure legacy-beside "$beside" "http://127.0.0.1:$beside_port/mcp" "$connections" "$beside_headers" "$legacy_body"
    done
  done
  stop "$tenon_pid" "$nginx_pid"
  [ "$beside" = 0 ] || stop "$beside"
  table nginx
}

section_calls() {
  heading "tools/call beside nginx, the server on one core, the load on the other"
  echo "Bodies: legacy ${#legacy_body} bytes, modern ${#modern_body}; $repetitions repetitions of $seconds s, medians."
  echo
  compare 1 8 64 256 1000
}

section_unpinned() {
  heading "The same, nothing pinned, $(nproc) threads"
  pinned=0 threads=$(nproc) compare 64 256
}

section_peers() {
  heading "Beside the official TypeScript servers, stateless, JSON answers"
  local peer port pids=() names=() urls=() connections
  "$here/../clients/install.sh" "$root/build/node/peers" "$here/peers" >/dev/null
  start_tenon
  start_nginx "$(answer_size)"
  for peer in sdk1 sdk2; do
    port=$(free_port)
    start $peer "$here/../clients/run.sh" "$root/build/node/peers" "$here/peers/$peer.mjs" "$port"
    pids+=("$last") names+=("typescript-$peer") urls+=("http://127.0.0.1:$port/mcp")
    await "$port"
  done
  for connections in 1 8 64 256 1000; do
    measure nginx "$nginx_pid" "http://127.0.0.1:$nginx_port/mcp" "$connections" "$modern_headers" "$modern_body"
    measure modern "$tenon_pid" "http://127.0.0.1:$tenon_port/mcp" "$connections" "$modern_headers" "$modern_body"
    measure "${names[0]}" "${pids[0]}" "${urls[0]}" "$connections" "$common"$'\nMCP-Protocol-Version: 2025-11-25' "$legacy_body"
    measure "${names[1]}" "${pids[1]}" "${urls[1]}" "$connections" "$modern_headers" "$modern_body"
  done
  stop "$tenon_pid" "$nginx_pid" "${pids[@]}"
  table nginx
}

pairs() { awk '{ printf "| %s | %s |\n", $1, $2 }'; }

section_process() {
  heading "The process, with the plugins that ship"
  printf '| what | value |\n|---|---:|\n'
  "$build/bin/bench_load" startup 11 clock_now '{}' "$build/bin/tenon" --http.port=PORT \
    "--plugins.directory=$build/plugins" --log.level=warning | pairs
}

section_streams() {
  heading "10,000 idle event streams"
  local line before during
  start_tenon
  before=$(one_rate)
  mkfifo "$work/hold"
  $(pin "$load_core") "$build/bin/bench_load" streams "$tenon_port" "$tenon_pid" 10000 <"$work/hold" >"$work/streams" &
  local client=$!
  started+=("$client")
  exec 4>"$work/hold"
  while ! grep -q '^open$' "$work/streams"; do
    kill -0 $client 2>/dev/null || { cat "$work/tenon.log" >&2; exit 1; }
    sleep 0.2
  done
  during=$(one_rate)
  exec 4>&-
  wait $client || true
  printf '| what | value |\n|---|---:|\n'
  grep -v '^open$' "$work/streams" | pairs
  awk -v before="$before" -v during="$during" 'BEGIN {
    printf "| calls_per_second_before | %.0f |\n| calls_per_second_meanwhile | %.0f |\n| loss_percent | %.1f |\n",
      before, during, (1 - during / before) * 100 }'
  stop "$tenon_pid"
}

one_rate() { # modern calls a second at 64 connections
  measure modern "$tenon_pid" "http://127.0.0.1:$tenon_port/mcp" 64 "$modern_headers" "$modern_body"
  awk '{ print $3 }' "$work/runs"
  rm -f "$work/runs"
}

section_blocked() {
  heading "/health while 64 calls of a tool hold a thread for a minute (http.maxThreads=64)"
  start_tenon --http.maxThreads=64
  printf '| what | value |\n|---|---:|\n'
  "$build/bin/bench_load" blocked "$tenon_port" 64 | pairs
  kill -9 "$tenon_pid"
  wait "$tenon_pid" 2>/dev/null || true
}

section_cost() {
  heading "What one request costs"
  printf '| what | modern | legacy |\n|---|---:|---:|\n'
  local era row
  if command -v strace >/dev/null; then
    row='| system calls, one connection |'
    for era in modern legacy; do
      start_tenon
      strace -c -f -o "$work/strace" -p "$tenon_pid" 2>/dev/null &
      local tracer=$!
      sleep 1
      "$build/bin/bench_load" calls "$tenon_port" 5000 $era >/dev/null
      kill -INT $tracer
      wait $tracer 2>/dev/null || true
      row+=$(awk '$NF == "total" { printf " %.2f |", $4 / 5000 }' "$work/strace")
      stop "$tenon_pid"
    done
    echo "$row"
  fi
  if command -v valgrind >/dev/null; then
    local instructions='| instructions |' locked='| of them locked |'
    for era in modern legacy; do
      lives "$era" 2000
      instructions+=" $(((lived_many - lived_few) / 2000)) |"
      locked+=" $(locked_instructions "$work/few" "$work/many") |"
    done
    printf '%s\n' "$instructions" "$locked"
  fi
}

# lives ERA MORE [OPTION]...: two lives of the server under callgrind, the second with so many calls more: $work/few and
# $work/many, and the instructions of both in $lived_few and $lived_many.
lives() {
  local era=$1 more=$2
  shift 2
  life $((more / 2)) "$era" "$work/few" "$@"
  lived_few=$lived
  life $((more / 2 + more)) "$era" "$work/many" "$@"
  lived_many=$lived
}

life() { # COUNT ERA FILE [OPTION]...
  local count=$1 era=$2 file=$3
  shift 3
  tenon_port=$(free_port)
  start callgrind valgrind --tool=callgrind --dump-instr=yes --compress-strings=no --compress-pos=no \
    "--callgrind-out-file=$file" "$@" "$build/bin/tenon" \
    "--http.port=$tenon_port" --http.threads=1 "--plugins.directory=$build/bench/plugins" --log.level=warning
  local pid=$last
  await_ready "$tenon_port"
  "$build/bin/bench_load" calls "$tenon_port" "$count" "$era" >/dev/null
  kill -TERM "$pid"
  wait "$pid" 2>/dev/null || true
  lived=$(sed -n 's/^\(summary\|totals\): *\([0-9]*\).*/\2/p' "$file" | head -n 1)
}

locked_instructions() { # FEW MANY: of one request; an exchange with memory is locked without saying so
  local object
  sed -n 's#^ob=/#/#p' "$1" "$2" | sort -u | while read -r object; do
    objdump -d --no-show-raw-insn "$object" 2>/dev/null |
      awk -v object="$object" '$2 == "lock" || ($2 == "xchg" && /\(/) { sub(/:$/, "", $1); print object, "0x" $1 }'
  done >"$work/locked"
  awk -v mode=locked -v requests=2000 -f "$here/callgrind.awk" "$work/locked" "$1" "$2"
}

section_path() {
  heading "What one modern tools/call passes"
  local build=$root/build/debug
  if [ ! -x "$build/bin/bench_load" ] || [ ! -e "$build/bench/plugins/bench.so" ] || [ ! -x "$build/bin/tenon" ]; then
    (cd "$root" && cmake --preset debug && cmake --build --preset debug --target tenon bench bench_load) >/dev/null
  fi
  # A build without optimisation, where each call goes the same way; other threads do not count, nor how long it takes.
  # So many calls that it does not matter how often one life has asked whether it is ready.
  lives modern 1000 '--toggle-collect=tenon::net::Worker::serveBatch(*'
  awk -v mode=path -v root="$root" -v requests=1000 -f "$here/callgrind.awk" "$work/few" "$work/many" | sort >"$work/path"
  # Helpers of one file and lambdas are steps of the function they stand beside; accessors in headers are no steps; what the
  # compiler and its library put into a file are no functions of ours.
  grep '^[^ ]*\.cpp ' "$work/path" |
    grep -v -e '(anonymous namespace)' -e '{lambda' -e '^[^ ]* [^ ]* std::' -e ' TLS wrapper function ' >"$work/named" || true
  printf '| what | number |\n|---|---:|\n'
  echo "| functions of sources | $(wc -l <"$work/named") |"
  echo "| with helpers of one file and lambdas | $(grep -c '^[^ ]*\.cpp ' "$work/path") |"
  echo "| with what stands in headers | $(wc -l <"$work/path") |"
  echo "| sources | $(cut -d' ' -f1 "$work/named" | sort -u | wc -l) |"
  printf '\n```\n'
  awk '$1 != file { file = $1; print file } { sub(/^[^ ]* /, ""); print "    " $0 }' "$work/named"
  printf '```\n'
}

section_connections() {
  heading "A connection for each request, 64 at a time"
  start_tenon
  start_nginx "$(answer_size)"
  local repetition
  for ((repetition = 0; repetition < repetitions; ++repetition)); do
    measure nginx "$nginx_pid" "http://127.0.0.1:$nginx_port/mcp" 64 "$modern_headers"$'\nConnection: close' "$modern_body"
    measure modern "$tenon_pid" "http://127.0.0.1:$tenon_port/mcp" 64 "$modern_headers"$'\nConnection: close' "$modern_body"
  done
  stop "$tenon_pid" "$nginx_pid"
  table nginx
}

section_threads() {
  heading "Two threads beside one, 64 connections, $(nproc) cores for server and load"
  local count repetition
  for count in 1 2; do
    pinned=0 threads=$count start_tenon
    for ((repetition = 0; repetition < repetitions; ++repetition)); do
      pinned=0 measure "threads-$count" "$tenon_pid" "http://127.0.0.1:$tenon_port/mcp" 64 "$modern_headers" "$modern_body"
    done
    stop "$tenon_pid"
  done
  table threads-1
}

section_tls() {
  heading "TLS"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null
  start_tenon --tls.enabled=true "--tls.certificate=$work/certificate.pem" "--tls.key=$work/key.pem"
  start_nginx 178 "ssl_certificate $work/certificate.pem; ssl_certificate_key $work/key.pem;" ssl
  open_session "$tenon_port" https
  local connections repetition reuse
  for ((repetition = 0; repetition < repetitions; ++repetition)); do
    for connections in 64 256; do
      measure nginx-tls "$nginx_pid" "https://127.0.0.1:$nginx_port/mcp" $connections "$modern_headers" "$modern_body"
      measure modern-tls "$tenon_pid" "https://127.0.0.1:$tenon_port/mcp" $connections "$modern_headers" "$modern_body"
      measure legacy-tls "$tenon_pid" "https://127.0.0.1:$tenon_port/mcp" $connections "$legacy_headers" "$legacy_body"
    done
  done
  stop "$nginx_pid"
  table nginx-tls
  printf '\n| handshakes | per second |\n|---|---:|\n'
  for reuse in new reuse; do
    # shellcheck disable=SC2046 # words of a command
    $(pin "$load_core") openssl s_time -connect "127.0.0.1:$tenon_port" -tls1_2 -$reuse -time 5 2>/dev/null |
      sed -n 's/^\([0-9]*\) connections in \([0-9]*\) real seconds.*/\1 \2/p' | tail -n 1 |
      awk -v name=$reuse '{ printf "| %s | %.0f |\n", name == "new" ? "full" : "resumed", $1 / $2 }'
  done
  stop "$tenon_pid"
}

section_sizes() {
  heading "Large results, 8 connections"
  start_tenon --http.gzipMinBytes=0
  local size repetition body
  for ((repetition = 0; repetition < repetitions; ++repetition)); do
    for size in 100000 1000000; do
      body=${modern_body/\"name\":\"echo\",\"arguments\":\{\"text\":\"$text\"\}/\"name\":\"text\",\"arguments\":\{\"bytes\":$size\}}
      measure "text-$size" "$tenon_pid" "http://127.0.0.1:$tenon_port/mcp" 8 "${modern_headers/Mcp-Name: echo/Mcp-Name: text}" "$body"
    done
  done
  stop "$tenon_pid"
  table text-100000
}

section_packed() {
  heading "Other calls while results of 10 MB are compressed, nothing pinned, $(nproc) cores for all"
  local body before after packer
  body=${modern_body/\"name\":\"echo\",\"arguments\":\{\"text\":\"$text\"\}/\"name\":\"text\",\"arguments\":\{\"bytes\":10000000\}}
  pinned=0 threads=$(nproc) start_tenon
  pinned=0 start_nginx "$(answer_size)"
  pinned=0 measure alone "$tenon_pid" "http://127.0.0.1:$tenon_port/mcp" 1 "$modern_headers" "$modern_body"
  pinned=0 measure nginx-alone "$nginx_pid" "http://127.0.0.1:$nginx_port/mcp" 1 "$modern_headers" "$modern_body"
  before=$(resident "$tenon_pid")
  while :; do
    curl -s -o "$work/packed" "http://127.0.0.1:$tenon_port/mcp" -H 'Accept-Encoding: gzip' -H 'Content-Type: application/json' \
      -H 'Mcp-Name: text' -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -d "$body"
  done &
  packer=$!
  started+=("$packer")
  sleep 1
  pinned=0 measure meanwhile "$tenon_pid" "http://127.0.0.1:$tenon_port/mcp" 1 "$modern_headers" "$modern_body"
  pinned=0 measure nginx-meanwhile "$nginx_pid" "http://127.0.0.1:$nginx_port/mcp" 1 "$modern_headers" "$modern_body"
  stop "$packer" "$nginx_pid"
  echo "One of them has $(stat -c %s "$work/packed") bytes compressed."
  echo
  table alone
  sleep 60
  after=$(resident "$tenon_pid")
  printf '\n| resident | MB |\n|---|---:|\n| before the large results | %s |\n| a minute after them | %s |\n' "$before" "$after"
  stop "$tenon_pid"
}

resident() { awk '$1 == "VmRSS:" { printf "%.1f", $2 / 1024 }' "/proc/$1/status"; } # PID: in MB

section_isolation() {
  heading "The same call in the server's process and in worker processes, nothing pinned, $(nproc) cores for all"
  local pinned=0 threads repetition connections kind kinds=(process worker pool-of-4 each)
  local -A port=() pid=()
  local -A settings=([process]=--plugin.bench.isolation=none [worker]=--plugin.bench.workers=1
    [pool-of-4]=--plugin.bench.workers=4 [each]=--plugin.bench.workers=each)
  threads=$(nproc)
  for kind in "${kinds[@]}"; do
    start_tenon --plugins.isolation=process "${settings[$kind]}"
    port[$kind]=$tenon_port pid[$kind]=$tenon_pid
  done
  for ((repetition = 0; repetition < repetitions; ++repetition)); do
    for connections in 1 64; do
      for kind in "${kinds[@]}"; do
        measure "$kind" "${pid[$kind]}" "http://127.0.0.1:${port[$kind]}/mcp" $connections "$modern_headers" "$modern_body"
      done
    done
  done
  cp "$work/runs" "$work/isolation"
  table process
  # At one connection nothing waits for anything: the difference is what the way through the worker takes.
  awk '
    $2 == 1 { sum[$1] = sum[$1] " " $4 }
    function median(list,   n, values, i, j, swap) {
      n = split(list, values, " ")
      for (i = 1; i <= n; ++i) for (j = i + 1; j <= n; ++j)
        if (values[j] + 0 < values[i] + 0) { swap = values[i]; values[i] = values[j]; values[j] = swap }
      return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
    }
    END { printf "\nAdded to the median of a call at one connection: %.1f µs.\n", median(sum["worker"]) - median(sum["process"]) }
  ' "$work/isolation"
  stop "${pid[@]}"
}

section_attach() {
  heading "The same call in the server's process, in a worker and in an attached program, nothing pinned, $(nproc) cores for all"
  local pinned=0 threads repetition connections here_port here_pid worker_port worker_pid lent socket=$work/attach.sock
  local -a shares
  threads=$(nproc)
  start_tenon --plugins.isolation=none
  here_port=$tenon_port here_pid=$tenon_pid
  start_tenon --plugins.isolation=process
  worker_port=$tenon_port worker_pid=$tenon_pid
  start_tenon "--plugins.directory=$work/none" --attach.enabled=true "--attach.socket=$socket" '--attach.bench.users=*' \
    --attach.bench.waitMs=60s
  start attached env "TENON_ATTACH_SOCKET=$socket" "$build/bin/bench_attached" "$build/bench/plugins/bench.so" bench
  lent=$last
  until curl -s "http://127.0.0.1:$tenon_port/stats" | grep -q '"programs": *1'; do sleep 0.05; done
  for ((repetition = 0; repetition < repetitions; ++repetition)); do
    for connections in 1 64; do
      measure process "$here_pid" "http://127.0.0.1:$here_port/mcp" $connections "$modern_headers" "$modern_body"
      measure worker "$worker_pid" "http://127.0.0.1:$worker_port/mcp" $connections "$modern_headers" "$modern_body"
      measure attached "$tenon_pid" "http://127.0.0.1:$tenon_port/mcp" $connections "$modern_headers" "$modern_body"
    done
  done
  cp "$work/runs" "$work/attach"
  table worker
  stop "$here_pid" "$worker_pid" "$lent"
  mapfile -t shares < <(python3 "$here/attached/times.py" "$tenon_port" "$socket" "$build/bin/bench_attached" \
    "$build/bench/plugins/bench.so")
  shares+=("idle $(TENON_ATTACH_SOCKET=$socket "$build/bin/bench_attached" "$build/bench/plugins/bench.so" bench idle | tail -n 1)")
  stop "$tenon_pid"
  printf '%s\n' "${shares[@]}" >>"$work/attach"
  awk '
    function median(list,   n, values, i, j, swap) {
      n = split(list, values, " ")
      for (i = 1; i <= n; ++i) for (j = i + 1; j <= n; ++j)
        if (values[j] + 0 < values[i] + 0) { swap = values[i]; values[i] = values[j]; values[j] = swap }
      return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
    }
    $1 == "gone" || $1 == "back" { middle[$1] = $2; worst[$1] = $3; next }
    $1 == "idle" { resident = $2; others = $3; wakes = $4; next }
    $2 == 1 { p50[$1] = p50[$1] " " $4 }
    $2 == 64 { rate[$1] = rate[$1] " " $3 }
    END {
      base = median(p50["process"])
      added = median(p50["attached"]) - base; of_worker = median(p50["worker"]) - base
      print "\n| what | at most | is |\n|---|---:|---:|"
      printf "| an attached call, added to the median in the process, of what a worker adds | 1.1 | %.2f (%.1f of %.1f µs) |\n",
        of_worker ? added / of_worker : 0, added, of_worker
      printf "| calls a second at 64 connections, of a worker | at least 0.9 | %.2f |\n",
        median(rate["attached"]) / median(rate["worker"])
      printf "| the program ends, until its caller is told | 50 ms | %.1f ms (worst %.1f) |\n", middle["gone"], worst["gone"]
      printf "| the program attaches again, until a call that waited is answered | 100 ms | %.1f ms (worst %.1f) |\n",
        middle["back"], worst["back"]
      printf "| the library in an idle program | 300 kB, 1 thread, no wake-ups | %d kB, %d, %d in 3 s |\n", resident, others, wakes
    }
  ' "$work/attach"
}

section_upstream() {
  heading "A server behind the server, over standard streams, nothing pinned, $(nproc) cores for all"
  node "$here/upstream/run.mjs" "$build/bin/tenon" "$build/plugins"
}

section_churn() {
  heading "Sessions opened, used once and deleted by 50 users"
  start_tenon
  printf '| what | value |\n|---|---:|\n'
  # shellcheck disable=SC2046 # words of a command
  $(pin "$load_core") "$build/bin/bench_load" churn "$tenon_port" 50 "$seconds" echo '{"text":"hello"}' | pairs
  stop "$tenon_pid"
}

section_steady() {
  heading "100 HTTP+SSE clients, 1,000 requests a minute, $steady s"
  start_tenon
  printf '| what | value |\n|---|---:|\n'
  # shellcheck disable=SC2046 # words of a command
  $(pin "$load_core") "$build/bin/bench_load" steady "$tenon_port" "$tenon_pid" 100 1000 "$steady" | pairs
  stop "$tenon_pid"
}

echo "# Figures of $("$build/bin/tenon" --version | head -n 1)"
echo
echo "$(uname -sr), $(nproc) cores of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), load $(cut -d' ' -f1 /proc/loadavg) at the start"
for section in "${sections[@]}"; do
  "section_$section"
done
