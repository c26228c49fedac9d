#!/usr/bin/env bash
# Runs the load profile for Locust against the real server for some seconds: both kinds of clients call a tool, and no request
# fails. Status 77, which ctest reads as skipped, without Locust.
#
#   locustOnce.sh TENON PLUGINS
set -euo pipefail

locust --version >/dev/null 2>&1 || { echo "skipped: there is no locust"; exit 77; }
here=$(dirname "$(readlink -f "$0")")
folder=$(mktemp -d)
"$1" --http.port=0 --plugins.directory="$2" >"$folder/log" 2>&1 &
server=$!
end() {
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    rm -rf "$folder"
}
trap end EXIT
until grep -q '^Listening on ' "$folder/log"; do
    kill -0 "$server" 2>/dev/null || { cat "$folder/log"; exit 1; }
    sleep 0.1
done
host=$(sed -n 's|^Listening on \(http://[^/]*\).*|\1|p' "$folder/log")

# Four clients, of which one has a stream; each calls at once, and again after the first pause of the profile.
locust -f "$here/locustfile.py" --host "$host" --headless -u 4 -r 4 -t 12s --only-summary --exit-code-on-error 1 \
    >"$folder/report" 2>&1 || { cat "$folder/report"; exit 1; }
cat "$folder/report"
for name in "tools/call clock_now " "tools/call clock_now (SSE)" "initialized (SSE)" "DELETE session"; do
    grep -qF "$name" "$folder/report" || { echo "no '$name' in the report"; exit 1; }
done
