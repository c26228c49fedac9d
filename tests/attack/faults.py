"""Whatever fails inside, the process lives, each caller has one answer or a closed connection, and afterwards all is as it
was: allocations, threads, accepting, opening and writing fail every so often while clients of all kinds are served.

    faults.py [KIND...]        by ctest, with TENON_FAULT_LIBRARY
"""

import glob
import http.client
import json
import mmap
import os
import signal
import struct
import sys
import tempfile
import threading
import time

from server import SECONDS, SLOWER, Clients, Crowd, Server, run, with_faults

KINDS = ["allocation", "nothrow", "thread", "accept", "open", "write", "send"]
# How often each fails: rarely enough that calls get far, often enough that each place is met.
EVERY = {"allocation": (97, 1009), "nothrow": (2, 7), "thread": (1, 2), "accept": (2, 7),
         "open": (2, 3), "write": (1, 5), "send": (3, 50)}
# A call that could not be delivered is answered at its deadline.
DEADLINE_MS = 10_000
PATIENCE = 40 * SLOWER
CHOSEN = sys.argv[1:] or KINDS


class Faults:
    def __init__(self, folder):
        self.path = os.path.join(folder, "faults")
        with open(self.path, "wb") as file:
            file.write(bytes(4 + 8 * len(KINDS)))
        self.file = open(self.path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), 0)

    def set(self, kind, every):
        struct.pack_into("I", self.map, 4 + 4 * KINDS.index(kind), every)

    def failed(self, kind):
        return struct.unpack_from("I", self.map, 4 + 4 * (len(KINDS) + KINDS.index(kind)))[0]


class Callers(Crowd):
    """Clients of all kinds; what fails them is only that they are never answered, or told that they err."""

    def __init__(self, server):
        self.server, self.hung, self.blamed = server, [], []
        self.outcomes = {}
        self.lock = threading.Lock()
        kinds = [self.call, self.call, self.slow, self.session, self.stream, self.listen, self.large, self.lists]
        super().__init__((work, f"127.0.3.{number + 1}") for number, work in enumerate(kinds))

    def call(self, source):
        return self.server.rpc("tools/call", {"name": "echo", "arguments": {"text": "hello"}}, source=source,
                               timeout=PATIENCE)[0]

    def slow(self, source):
        return self.server.rpc("tools/call", {"name": "sleep_async", "arguments": {"ms": 5}}, source=source,
                               timeout=PATIENCE)[0]

    def large(self, source):
        return self.server.rpc("tools/call", {"name": "echo", "arguments": {"text": "x" * 300_000}}, source=source,
                               timeout=PATIENCE)[0]

    def lists(self, source):
        for method in ("tools/list", "prompts/list", "resources/list", "server/discover"):
            status = self.server.rpc(method, {}, source=source, timeout=PATIENCE)[0]
        return status

    def session(self, source):
        status, session = self.server.initialize(source)
        if session:
            headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
                       "Mcp-Session-Id": session, "MCP-Protocol-Version": "2025-11-25"}
            body = json.dumps({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
                               "params": {"name": "report", "arguments": {}, "_meta": {"progressToken": 1}}})
            status = self.server.request("POST", "/mcp", body, headers, source, PATIENCE)[0]
            self.server.request("DELETE", "/mcp", None, headers, source, PATIENCE)
        return status

    def stream(self, source):
        link = self.server.connect(source)
        link.settimeout(PATIENCE)
        link.sendall(b"GET /sse HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        said = link.recv(4096)
        link.close()
        return int(said.split(b" ")[1]) if said else 0

    def listen(self, source):
        link = self.server.connect(source)
        link.settimeout(PATIENCE)
        params = {"notifications": {"toolsListChanged": True, "resourceSubscriptions": ["echo://counter"]},
                  "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                            "io.modelcontextprotocol/clientInfo": {"name": "attack", "version": "1"},
                            "io.modelcontextprotocol/clientCapabilities": {}}}
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params})
        link.sendall((f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                      f"Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n"
                      f"Mcp-Method: subscriptions/listen\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode())
        said = link.recv(65536)
        link.close()
        return int(said.split(b" ")[1]) if said else 0

    def run(self, work, source):
        while not self.ending:
            try:
                outcome = work(source)
            except TimeoutError:
                self.hung.append(f"{work.__name__} was not answered within {PATIENCE} s")
                outcome = "hung"
            except (OSError, http.client.HTTPException, ValueError) as failure:
                outcome = type(failure).__name__
            if outcome == 400:
                self.blamed.append(f"{work.__name__} was told that its request is wrong")
            with self.lock:
                self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
            time.sleep(0.002)


def held(server):
    folder = f"/proc/{server.process.pid}"
    return {name: len(os.listdir(f"{folder}/{name}")) for name in ("fd", "task")}


def served(server):
    answer = server.rpc("tools/call", {"name": "echo", "arguments": {"text": "well"}})[1]
    return "result" in answer and not answer["result"].get("isError")


def end_workers(server):
    for task in glob.glob(f"/proc/{server.process.pid}/task/*/children"):
        try:
            with open(task) as children:
                for child in children.read().split():
                    os.kill(int(child), signal.SIGKILL)
        except OSError:
            pass  # gone meanwhile


def attacked(kinds, settings):
    with tempfile.TemporaryDirectory() as folder:
        faults = Faults(folder)
        settings = {"log.file": os.path.join(folder, "tenon.log"), "ops.accessLog": "json",
                    "ops.accessLogFile": os.path.join(folder, "access.log"), "log.level": "debug",
                    "http.keepAliveMs": "5000", "timeouts.requestMs": str(DEADLINE_MS), **settings}
        with Server(settings, ["echo"], environment=with_faults(faults.path)) as server:
            with Clients(server, 4):
                time.sleep(0.5)
            before = held(server)
            for kind in kinds:
                for every in EVERY[kind]:
                    with Callers(server) as callers:
                        faults.set(kind, every)
                        until = time.monotonic() + max(SECONDS / 4, 0.5)
                        while time.monotonic() < until:
                            if kind == "open":
                                server.process.send_signal(signal.SIGHUP)  # settings and logs are opened again
                            if kind == "thread":
                                end_workers(server)  # those that come need threads in the server
                            time.sleep(0.1)
                        faults.set(kind, 0)
                    ended = server.process.poll()
                    assert ended is None, f"every {every}th {kind} that failed ended it ({ended}): {server.said()}"
                    print(f"  every {every}th {kind}: {faults.failed(kind)} failed,", callers.outcomes, flush=True)
                    # Where calls are elsewhere, the server may need no further thread for them.
                    assert faults.failed(kind) > 0 or kind == "thread", f"no {kind} has failed"
                    assert not callers.hung, f"every {every}th {kind} failed: {callers.hung[:5]}"
                    # All that was said was well-formed: a shortage is the server's to own up to.
                    assert 400 not in callers.outcomes, f"every {every}th {kind} failed: {callers.blamed[:5]}"
            # As before: everybody is served, and nothing is kept. A worker that ended may have to wait before it starts again.
            until = time.monotonic() + 60
            while not served(server):
                assert time.monotonic() < until, "nobody is served any more"
                time.sleep(0.2)
            with Clients(server, 4):
                time.sleep(0.5)
            # Lists were made while memory was short.
            names = [tool["name"] for tool in server.rpc("tools/list", {})[1]["result"]["tools"]]
            assert len(names) == len(set(names)) > 5, names
            until = time.monotonic() + 60
            while any(now > before[name] + 4 for name, now in held(server).items()):
                assert time.monotonic() < until, f"before {before}, now {held(server)}"
                time.sleep(0.2)


def nothing_that_fails_ends_the_process():
    attacked(CHOSEN, {})


def nothing_that_fails_ends_it_with_workers():
    attacked(CHOSEN, {"plugin.echo.isolation": "process", "plugin.echo.workers": "2", "plugin.echo.maxCrashes": "1000"})


run(nothing_that_fails_ends_the_process, nothing_that_fails_ends_it_with_workers)
