#!/usr/bin/env python3
"""An MCP server over standard streams that does something odd: odd_stdio.py WHAT. Whatever is not odd is as usual."""
import json
import os
import sys
import time

WHAT = sys.argv[1]
TOOL = {"name": "echo", "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}}}
USUAL = {
    "initialize": {"protocolVersion": "2024-11-05", "capabilities": {"tools": {}}, "serverInfo": {"name": "odd", "version": "1"}},
    "tools/list": {"tools": [TOOL]},
    "tools/call": {"content": [{"type": "text", "text": "hi"}]},
}


def write(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def send(value, before=b"", after=b"\n"):
    write(before + json.dumps(value).encode() + after)


def end(status, said):
    sys.stderr.write(said)
    sys.stderr.flush()
    os._exit(status)


if WHAT == "banner":
    write(b"Starting the server ...\n\xff\xfe caf\xe9\n\n5\nnull\n[]\n{}\n")
elif WHAT == "flood":
    while True:
        write(b"noise noise noise\n" * 1000)
elif WHAT == "endless":
    while True:
        write(b"noise noise noise" * 4000)
elif WHAT == "status":
    end(7, "API_KEY is missing\n")
elif WHAT == "closed":
    os.close(1)
    time.sleep(60)
elif WHAT == "deaf":
    time.sleep(60)

for line in sys.stdin.buffer:
    message = json.loads(line)
    method, id = message.get("method"), message.get("id")
    if method is None or id is None:
        continue
    answer = {"jsonrpc": "2.0", "id": id, "result": USUAL.get(method)}
    if method not in USUAL:
        answer = {"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": "Method not found"}}
    if WHAT == "textid":
        answer["id"] = str(id)
    if WHAT == "nullid" and method == "tools/call":
        answer = {"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "that was unreadable"}}
    if WHAT == "latin" and method == "tools/call":
        write(json.dumps(answer).encode().replace(b'"hi"', b'"caf\xe9"') + b"\n")
    elif WHAT == "prefix" and method == "tools/call":
        send(answer, before=b"[INFO] ")
    elif WHAT == "lengths" and method == "initialize":
        write(b"Content-Length: 99\r\n\r\n" + json.dumps(answer).encode())
    elif WHAT == "signal" and method == "tools/call":
        write(b'{"jsonrpc":"2.0","id":')
        os.kill(os.getpid(), 9)
    elif WHAT == "dies" and method == "tools/list":
        end(3, "Traceback: KeyError\n")
    elif WHAT == "probe" and method == "server/discover":
        end(1, "unknown method\n")
    elif WHAT == "first" and method == "initialize":
        send({"jsonrpc": "2.0", "id": "mine-1", "method": "roots/list"})
        send({"jsonrpc": "2.0", "id": 1.5, "method": "ping"})
        send(answer)
    elif WHAT == "twice":
        send(answer)
        send(answer)
    elif WHAT == "crlf":
        send(answer, before=b"\xef\xbb\xbf" if method == "initialize" else b"", after=b"\r\n")
    else:
        send(answer)
