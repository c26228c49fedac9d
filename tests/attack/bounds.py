"""What one peer can make the server hold is bounded, before it has logged in and after."""

import hashlib
import json
import time

from server import SANITIZED, SECONDS, SLOWER, Clients, Server, run

MEMORY_MB = 64
# Beside the budget: the program itself, and what its allocator keeps.
MOST_MB = MEMORY_MB + 150
MEGABYTE = 1_000_000
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "attack", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {}}


def bounded(settings=None, fixtures=("echo",)):
    return Server({"limits.memoryMb": str(MEMORY_MB), **(settings or {})}, fixtures)


def assert_bounded(server, what, beside=0):
    most = server.memory_mb("VmHWM")
    assert most < MOST_MB + beside or SANITIZED, f"{what} made it hold {most:.0f} MB"


def message(method, params, name=""):
    """A modern request as bytes."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": META}})
    named = f"Mcp-Name: {name}\r\n" if name else ""
    return (f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n{named}"
            f"Mcp-Method: {method}\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()


def pour(link, what, until):
    """Sends as much as is taken."""
    link.setblocking(False)
    sent = 0
    while time.monotonic() < until:
        try:
            sent += link.send(what[sent % len(what):])
        except BlockingIOError:
            time.sleep(0.005)
        except OSError:
            break
    return sent


def who_reads_nothing_is_not_answered_without_end():
    token = hashlib.sha256(b"good").hexdigest()
    for settings, request in (({"auth.type": "bearer", "auth.token.a.sha256": token},
                               b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100),
                              ({}, message("tools/list", {}) * 20),
                              ({}, message("tools/call", {"name": "echo", "arguments": {"text": "x" * 60_000}}, "echo"))):
        with bounded({"ops.metrics": "open", **settings}) as server:
            link = server.connect()
            pour(link, request, time.monotonic() + max(SECONDS / 2, 1))
            # 64 kB, and the answer that was one too many.
            assert server.held("answers") < 300_000, f"{server.held('answers')} bytes wait for one connection"
            assert_bounded(server, "an answer that is not read")
            assert server.get("/health")[0] == 200
            link.close()


def bodies_that_no_route_wants_are_not_read():
    with bounded({"ops.metrics": "open"}) as server, Clients(server, 4):
        for method, path in (("POST", "/health"), ("GET", "/"), ("PUT", "/mcp"), ("POST", "/nowhere")):
            links = [server.connect() for _ in range(25)]
            for link in links:
                link.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000\r\n\r\n".encode())
            for link in links:
                pour(link, b" " * MEGABYTE, time.monotonic() + SECONDS / 200)
            assert server.held("requests") < MEGABYTE, f"{server.held('requests')} bytes of bodies to {path} were read"
            assert_bounded(server, f"bodies to {path}")
            for link in links:
                link.close()


def who_cancels_takes_what_was_queued_along():
    # One call at a time, and the one that runs goes on: what waits behind it has no turn to vanish in.
    tool = "plugin.echo.tool.wait_cancelled."
    with bounded({"ops.metrics": "open", tool + "maxConcurrent": "1", tool + "timeoutMs": "3600000"}) as server, \
            Clients(server, 4):
        runs = server.connect("127.0.5.100")
        runs.sendall(message("tools/call", {"name": "wait_cancelled", "arguments": {}}, "wait_cancelled"))
        until, rounds = time.monotonic() + SECONDS, 0
        while time.monotonic() < until or rounds < 2:
            rounds += 1
            links = [server.connect(f"127.0.5.{number + 1}") for number in range(20)]
            for link in links:
                try:
                    link.sendall(message("tools/call", {"name": "wait_cancelled", "arguments": {"more": "x" * MEGABYTE}},
                                         "wait_cancelled"))
                except OSError:
                    pass  # refused before it was read
            last = time.monotonic() + 20 * SLOWER
            while server.held("calls") < 5 * MEGABYTE:
                assert time.monotonic() < last, "nothing is queued"
                time.sleep(0.05)
            for link in links:
                link.close()
            last = time.monotonic() + 20 * SLOWER
            while server.held("calls") > MEGABYTE / 2:
                assert time.monotonic() < last, f"{server.held('calls')} bytes of calls that were given up wait"
                time.sleep(0.05)
        runs.setblocking(False)
        try:
            raise AssertionError(f"the call that ran has ended: {runs.recv(4096)}")
        except BlockingIOError:
            runs.close()
        assert_bounded(server, "calls that were given up")
        # Nothing is held any more: somebody else's large call has room.
        last = time.monotonic() + 30
        while True:
            status, answer = server.rpc("tools/call", {"name": "echo", "arguments": {"text": "x" * MEGABYTE}},
                                        source="127.0.0.9")
            if status == 200 and not answer["result"].get("isError"):
                break
            assert time.monotonic() < last, f"{status} {str(answer)[:200]}"
            time.sleep(0.2)


def what_streams_keep_is_bounded():
    with bounded({"ops.metrics": "open"}) as server, Clients(server, 4):
        status, session = server.initialize()
        assert status == 200
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream", "Mcp-Session-Id": session,
                   "MCP-Protocol-Version": "2025-11-25"}
        # A stream that has begun before the result can be come back to, so that the result is kept.
        for number in range(60):
            body = json.dumps({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {
                "name": "large", "arguments": {"ms": 4 * MEGABYTE}, "_meta": {"progressToken": number}}})
            assert server.request("POST", "/mcp", body, headers)[0] in (200, 429, 503)
        # An eighth, and the answer that was one too many.
        kept = server.figure("tenon_events_kept_bytes")
        assert kept > 4 * MEGABYTE, "nothing is kept"
        assert kept < (MEMORY_MB / 8 + 5) * MEGABYTE * 1.05, f"{kept} bytes of answers are kept"
        assert_bounded(server, "answers that were kept")


def results_over_the_limit_are_told_in_words():
    for isolation in ("none", "process"):
        with bounded({"plugin.echo.isolation": isolation, "limits.maxResultBytes": str(MEGABYTE)}) as server:
            for size in (30, 300):
                status, answer = server.rpc("tools/call", {"name": "large", "arguments": {"ms": size * MEGABYTE}},
                                            timeout=60 * SLOWER)
                text = answer["result"]["content"][0]["text"]
                assert status == 200 and answer["result"]["isError"] and "ask for less" in text, answer
                assert text.startswith(f"the result has {size}."), text
            status, answer = server.rpc("tools/call", {"name": "echo", "arguments": {"text": "well"}})
            assert not answer["result"].get("isError"), f"the next call pays for it: {answer}"
            # What the plugin itself needs in this process is not the server's.
            if isolation == "process":
                assert_bounded(server, "a result of 300 MB")
            else:
                assert_bounded(server, "a result of 300 MB", 300)


def subscriptions_name_so_many_resources():
    with bounded() as server, Clients(server, 4):
        for count in (5_000, 150_000):
            uris = [f"echo://said/{number}" for number in range(count)]
            status, answer = server.rpc("subscriptions/listen", {"notifications": {"resourceSubscriptions": uris}})
            assert "error" in answer, f"{status} {str(answer)[:200]}"
        assert_bounded(server, "a subscription")


run(who_reads_nothing_is_not_answered_without_end, bodies_that_no_route_wants_are_not_read,
    who_cancels_takes_what_was_queued_along, what_streams_keep_is_bounded, results_over_the_limit_are_told_in_words,
    subscriptions_name_so_many_resources)
