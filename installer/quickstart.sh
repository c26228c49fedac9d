#!/usr/bin/env bash
# From a fresh Debian 12 or 13 to a running server: installs the packages, builds the preset `release` into
# build/release, starts the server with the plugins that ship, and says how to connect to it.
#
#   quickstart.sh [--build-only] [--SETTING=VALUE]...
#
# --build-only stops after the build. Settings are handed to the server: --http.port=9000.
# It can be run again: what is installed or built is not done twice.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build_only=0
settings=()
for argument in "$@"; do
  case $argument in
    --build-only) build_only=1 ;;
    --help | -h) sed -n '2,8p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;;
    --*=*) settings+=("$argument") ;;
    *) echo "quickstart: what is '$argument'? See $0 --help" >&2; exit 2 ;;
  esac
done

echo "quickstart: 1 of 3: packages"
./installer/packages.sh build

echo "quickstart: 2 of 3: building build/release (some minutes the first time)"
cmake --preset release
cmake --build --preset release --target quickstart
echo "quickstart: built: build/release/bin/tenon, plugins in build/release/plugins"
[ $build_only = 0 ] || exit 0

# The host and the port as they will be, for the text below; the server itself is the judge of both.
setting() {
  local value='' argument
  value=$(sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*\([^[:space:]]*\).*/\1/p" conf/tenon.properties | tail -n 1)
  for argument in "${settings[@]}"; do
    case $argument in "--$1="*) value=${argument#*=} ;; esac
  done
  echo "${value:-$2}"
}
url="http://$(setting http.host 127.0.0.1):$(setting http.port 8080)"

cat <<TEXT
quickstart: 3 of 3: starting build/release/bin/tenon --config=conf/tenon.properties (Ctrl-C stops it)

Connect to it:

  Claude Desktop   Settings, Developer, Edit Config; it starts a server of its own, over stdio:
                   { "mcpServers": { "tenon": {
                       "command": "$PWD/build/release/bin/tenon",
                       "args": ["--stdio", "--config=$PWD/conf/tenon.properties"] } } }

  VS Code          code --add-mcp '{"name":"tenon","type":"http","url":"$url/mcp"}'

  Cursor           ~/.cursor/mcp.json:
                   { "mcpServers": { "tenon": { "url": "$url/mcp" } } }

  curl             curl -s $url/mcp -H 'Content-Type: application/json' \\
                     -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/list' \\
                     -d '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{
                          "io.modelcontextprotocol/protocolVersion":"2026-07-28",
                          "io.modelcontextprotocol/clientCapabilities":{}}}}'

  Older clients (HTTP+SSE): $url/sse

TEXT
exec build/release/bin/tenon --config=conf/tenon.properties "${settings[@]}"
