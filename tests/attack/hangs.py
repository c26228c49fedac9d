"""Nobody waits for a plugin that does not return, wherever that is, nor for a peer who waits for it; and the server ends in
time all the same."""

import json
import os
import threading
import time

from server import SECONDS, Clients, Server, run

HANGS = {"plugins.graceMs": "200", "plugins.loadTimeoutMs": "1000", "timeouts.requestMs": "1000"}
STUCK = ["hangs_where_told", "echo"]


def hanging(where, isolation, **settings):
    return Server({**HANGS, "plugin.hangs_where_told.where": where, "plugin.hangs_where_told.isolation": isolation,
                   **settings}, STUCK)


def everywhere(where, act):
    for isolation in ("none", "process"):
        with hanging(where, isolation) as server, Clients(server, 4):
            act(server)


def at_once(count, act):
    threads = [threading.Thread(target=act, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a caller was never answered"


def session(server, source):
    status, opened = server.initialize(source)
    assert status == 200
    return {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
            "Mcp-Session-Id": opened, "MCP-Protocol-Version": "2025-11-25"}


def subscriptions_that_hang_stop_nobody():
    def subscribe(server):
        headers = session(server, "127.0.0.1")

        def one(number):
            body = json.dumps({"jsonrpc": "2.0", "id": number, "method": "resources/subscribe",
                               "params": {"uri": "hangs://" + ("one", "two")[number % 2]}})
            assert server.request("POST", "/mcp", body, headers)[0] in (200, 429, 503)
        at_once(80, one)
    everywhere("subscribe", subscribe)


def ends_of_subscriptions_that_hang_stop_nobody():
    def subscribe(server):
        headers = session(server, "127.0.0.1")
        for number, method in enumerate(["subscribe", "unsubscribe"] * 4):
            body = json.dumps({"jsonrpc": "2.0", "id": number, "method": "resources/" + method,
                               "params": {"uri": "hangs://one"}})
            assert server.request("POST", "/mcp", body, headers)[0] in (200, 429, 503)
        server.request("DELETE", "/mcp", None, headers)
        time.sleep(SECONDS / 4)
    everywhere("unsubscribe", subscribe)


def reads_that_hang_stop_nobody():
    def read(server):
        at_once(70, lambda number: server.rpc("resources/read", {"uri": "hangs://one"}, source=f"127.0.4.{number + 1}"))
    everywhere("read", read)


def steps_that_hang_stop_nobody():
    for where in ("create", "list", "start", "stop"):
        everywhere(where, lambda _: time.sleep(SECONDS / 4))


def threads_that_idle_are_woken():
    # As many calls as there may be threads, again and again: each must find the one that is idle.
    with Server({"http.threads": "1", "http.maxThreads": "4"}, ["echo"]) as server:
        until, rounds = time.monotonic() + SECONDS, 0
        while time.monotonic() < until or rounds < 10:
            rounds += 1
            began = time.monotonic()
            at_once(4, lambda number: server.rpc("tools/call", {"name": "sleep", "arguments": {"ms": 20}},
                                                 source=f"127.0.4.{number + 1}"))
            assert time.monotonic() - began < 5, "a call waited though a thread was idle"


def who_gives_up_in_a_queue_leaves_nothing():
    with Server({"http.maxThreads": "2", "timeouts.requestMs": "3000"}, ["echo"]) as server:
        held = lambda: len(os.listdir(f"/proc/{server.process.pid}/fd"))
        before = held()
        meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "attack", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {}}
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": "sleep", "arguments": {"ms": 1000}, "_meta": meta}})
        head = (f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                f"Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n"
                f"Mcp-Method: tools/call\r\nMcp-Name: sleep\r\nContent-Length: {len(body)}\r\n\r\n")
        links = []
        for number in range(300):
            link = server.connect(f"127.0.4.{number % 200 + 1}")
            link.sendall((head + body).encode())
            links.append(link)
        for link in links:
            link.close()
        until = time.monotonic() + 60
        while held() > before + 4:
            assert time.monotonic() < until, f"{held() - before} descriptors were left"
            time.sleep(0.1)
        answer = server.rpc("tools/call", {"name": "echo", "arguments": {"text": "well"}})
        assert answer[0] == 200, answer


run(subscriptions_that_hang_stop_nobody, ends_of_subscriptions_that_hang_stop_nobody, reads_that_hang_stop_nobody,
    steps_that_hang_stop_nobody, threads_that_idle_are_woken, who_gives_up_in_a_queue_leaves_nothing)
