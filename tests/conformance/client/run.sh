#!/usr/bin/env bash
# The command that the official suite's client leg starts for each scenario: run.sh URL. The suite sets
# MCP_CONFORMANCE_SCENARIO and friends. TENON_BUILD names another build tree than build/release.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec "${TENON_BUILD:-$here/../../../build/release}/bin/conformance_client" "$@"
