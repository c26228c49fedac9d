"""How soon clients hear of an attached program that ends and comes back: times.py PORT SOCKET PROGRAM LIBRARY [ROUNDS].

Prints medians and the worst of ROUNDS, in milliseconds: from the program's end to the answer of the call that was inside, and
from the beginning of its attaching to the answer of a call that waited for it.
"""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

MODERN = "2026-07-28"
port, socket, program, library = sys.argv[1:5]
rounds = int(sys.argv[5]) if len(sys.argv) > 5 else 20


def call(name, arguments, done):
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": name, "arguments": arguments, "_meta": {"io.modelcontextprotocol/protocolVersion": MODERN,
                                                        "io.modelcontextprotocol/clientCapabilities": {}}}}
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
               "MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call", "Mcp-Name": name}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/mcp", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        done.append((response.read().decode(), time.monotonic_ns()))


def calling(name, arguments):
    done = []
    thread = threading.Thread(target=call, args=(name, arguments, done))
    thread.start()
    return thread, done


def start():
    process = subprocess.Popen([program, library, "bench"], stdout=subprocess.PIPE, text=True,
                               env=dict(os.environ, TENON_ATTACH_SOCKET=socket))
    return process, int(process.stdout.readline())


lent, _ = start()
call("echo", {"text": "hi"}, [])
gone, back = [], []
for _ in range(rounds):
    thread, done = calling("sleep", {"ms": 60000})
    time.sleep(0.3)  # it is inside
    lent.kill()
    lent.wait()
    ended = time.monotonic_ns()
    thread.join()
    assert "while this call was inside" in done[0][0], done
    gone.append((done[0][1] - ended) / 1e6)

    thread, done = calling("echo", {"text": "hi"})
    time.sleep(0.3)  # it waits
    lent, began = start()
    thread.join()
    assert '"hi"' in done[0][0], done
    back.append((done[0][1] - began) / 1e6)
lent.kill()
lent.wait()
for what, times in (("gone", gone), ("back", back)):
    print(what, f"{statistics.median(times):.1f}", f"{max(times):.1f}")
