"""Nobody waits for a plugin that does not return, wherever that is, nor for a peer who waits for it; and the server ends in
time all the same."""

import base64
import http.client
import json
import os
import struct
import subprocess
import threading
import time

from server import SECONDS, SLOWER, TENON, Clients, Server, run

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
    complaints = []

    def one(number):
        try:
            act(number)
        except Exception as failure:
            complaints.append(repr(failure))
    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a caller was never answered"
    assert not complaints, f"{len(complaints)} of {count}: {complaints[:3]}"


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
    for isolation in ("none", "process"):
        # Who had to wait for such a read would wait for its deadline.
        with hanging("read", isolation, **{"timeouts.requestMs": "6000"}) as server, Clients(server, 4) as clients:
            at_once(70, lambda number: server.rpc("resources/read", {"uri": "hangs://one"}, source=f"127.0.4.{number + 1}"))
            assert clients.longest < 3 * SLOWER, f"a call of another plugin took {clients.longest:.1f} s"


def steps_that_hang_stop_nobody():
    for where in ("create", "list", "start", "stop"):
        everywhere(where, lambda _: time.sleep(SECONDS / 4))


META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "attack", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {}}
NEVER = {**HANGS, "plugin.never_returns.isolation": "none"}


def call(identifier, name, **more):
    return json.dumps({"jsonrpc": "2.0", "id": identifier, "method": "tools/call",
                       "params": {"name": name, "arguments": {"text": "well"} if name == "echo" else {}, **more}})


def post(body, name, version, **more):
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
               "MCP-Protocol-Version": version, **more}
    if version == "2026-07-28":
        headers |= {"Mcp-Method": "tools/call", "Mcp-Name": name}
    return headers, body


def assert_answers(text, name):
    result = json.loads(text)["result"]
    assert result.get("isError", False) == (name == "hang"), result


def a_connection_outlives_calls_that_do_not_return():
    with Server(NEVER, ["never_returns", "echo"]) as server:
        kept = session(server, "127.0.0.1")
        for version, headers, more in (("2026-07-28", {}, {"_meta": META}),
                                       ("2025-11-25", {"Mcp-Session-Id": kept["Mcp-Session-Id"]}, {})):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
            link = None
            for name in ("hang", "echo", "echo", "hang", "echo"):
                headers_, body = post(call(1, name, **more), name, version, **headers)
                connection.request("POST", "/mcp", body, headers_)
                link = link or connection.sock
                assert connection.sock is link, "it was another connection"
                assert_answers(connection.getresponse().read(), name)
            connection.close()


def what_was_pipelined_behind_such_a_call_is_served():
    with Server(NEVER, ["never_returns", "echo"]) as server:
        link = server.connect()
        text = b""
        for number, name in enumerate(("hang", "echo", "echo")):
            headers, body = post(call(number, name, _meta=META), name, "2026-07-28")
            lines = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
            text += f"POST /mcp HTTP/1.1\r\nHost: localhost\r\n{lines}Content-Length: {len(body)}\r\n\r\n{body}".encode()
        link.sendall(text)
        answers = link.makefile("rb")
        for name in ("hang", "echo", "echo"):
            length = None
            while (line := answers.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            assert_answers(answers.read(length), name)
        answers.close()
        link.close()


def the_descriptors_of_such_calls_are_given_back():
    with Server(NEVER, ["never_returns", "echo"]) as server:
        held = lambda: len(os.listdir(f"/proc/{server.process.pid}/fd"))
        before = held()
        for _ in range(4):
            server.rpc("tools/call", {"name": "hang", "arguments": {}})
        until = time.monotonic() + 20
        while held() > before + 2:
            assert time.monotonic() < until, f"{held() - before} descriptors were left"
            time.sleep(0.1)


def frame(text):
    """A masked text frame, with a mask that changes nothing."""
    length = struct.pack("!BH", 0xFE, len(text)) if len(text) > 125 else struct.pack("!B", 0x80 | len(text))
    return b"\x81" + length + bytes(4) + text.encode()


def a_web_socket_outlives_calls_that_do_not_return():
    with Server({**NEVER, "http.webSocket": "true"}, ["never_returns", "echo"]) as server:
        link = server.connect()
        key = base64.b64encode(os.urandom(16)).decode()
        link.sendall((f"GET /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                      f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
                      f"Sec-WebSocket-Protocol: mcp\r\n\r\n").encode())
        stream = link.makefile("rb")
        assert b" 101 " in stream.readline()
        while stream.readline() != b"\r\n":
            pass
        link.sendall(b"".join(frame(call(number, name, _meta=META))
                              for number, name in enumerate(("hang", "echo", "hang", "echo"))))
        order = []
        while len(order) < 4:
            length = stream.read(2)[1]
            length = struct.unpack("!H", stream.read(2))[0] if length == 126 else length
            order.append(json.loads(stream.read(length))["id"])
        assert sorted(order[:2]) == [1, 3], order
        link.close()


def standard_input_outlives_calls_that_do_not_return():
    with Server(NEVER, ["never_returns", "echo"]) as server:
        lines = "".join(call(number, name, _meta=META) + "\n"
                        for number, name in enumerate(("hang", "echo", "hang", "echo")))
        settings = [f"--{key}={value}" for key, value in {**NEVER, "plugins.directory": server.settings["plugins.directory"],
                                                          "log.level": "error"}.items()]
        process = subprocess.Popen([TENON, *settings, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process.stdin.write(lines)
        process.stdin.flush()
        order = [json.loads(process.stdout.readline())["id"] for _ in range(4)]
        assert sorted(order[:2]) == [1, 3], order
        process.stdin.close()
        assert process.wait(30) is not None
        process.stdout.close()


def threads_that_idle_are_woken():
    # As many calls as there may be threads, which wait for each other: each must find the one that is idle.
    with Server({"http.threads": "4", "http.maxThreads": "4", "plugin.meets.maxConcurrent": "4"}, ["meets"]) as server:
        head, body = post(call(1, "meet", _meta=META), "meet", "2026-07-28")
        lines = "".join(f"{key}: {value}\r\n" for key, value in head.items())
        request = f"POST /mcp HTTP/1.1\r\nHost: localhost\r\n{lines}Content-Length: {len(body)}\r\n\r\n{body}".encode()
        for addresses in (1, 4):  # calls of one holder, and of several, who take turns
            links = [server.connect(f"127.0.4.{number % addresses + 1}") for number in range(4)]
            until, rounds = time.monotonic() + SECONDS / 2, 0
            while time.monotonic() < until or rounds < 200:
                rounds += 1
                for link in links:
                    link.sendall(request)
                for link in links:
                    said = link.recv(65536)
                    assert b'"met"' in said, f"a call waited though a thread was idle: {said}"
            for link in links:
                link.close()


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
    steps_that_hang_stop_nobody, a_connection_outlives_calls_that_do_not_return,
    what_was_pipelined_behind_such_a_call_is_served, the_descriptors_of_such_calls_are_given_back,
    a_web_socket_outlives_calls_that_do_not_return, standard_input_outlives_calls_that_do_not_return,
    threads_that_idle_are_woken, who_gives_up_in_a_queue_leaves_nothing)
