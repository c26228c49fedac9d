#!/usr/bin/env bash
# Calls a tool of a server of this machine, as clients of 2026-07-28 do. Read by the tests that need it.
#
#   call PORT TOOL ARGUMENTS     prints the answer
call() {
  curl -fsS --max-time 20 "http://127.0.0.1:$1/mcp" -H 'Content-Type: application/json' -H "Mcp-Name: $2" \
    -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' \
    -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"'"$2"'","arguments":'"$3"',"_meta":{
      "io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}'
}
