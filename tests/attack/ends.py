"""What ends, or is short for a while, ends in order and comes back: answers on their way, streams, descriptors, the clock."""

import json
import mmap
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

from server import FIXTURES, SANITIZED, SECONDS, SLOWER, TENON, Server, below, run, with_faults

MEGABYTE = 1_000_000
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "attack", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}},
                                                       "extensions": {"io.modelcontextprotocol/tasks": {}}}}


def ask_for(link, size):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                       "params": {"name": "large", "arguments": {"ms": size}, "_meta": META}})
    link.sendall((f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
                  f"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: large\r\n"
                  f"Content-Length: {len(body)}\r\n\r\n{body}").encode())


def slow_link(server):
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
    link.settimeout(30)
    link.connect(("127.0.0.1", server.port))
    return link


def an_answer_that_is_being_sent_arrives_whole():
    with Server({"timeouts.drainMs": "5000"}, ["echo"], ending=signal.SIGKILL) as server:
        link = slow_link(server)
        ask_for(link, 4 * MEGABYTE)
        got = len(link.recv(65536))
        server.process.send_signal(signal.SIGTERM)
        while piece := link.recv(65536):
            got += len(piece)
            time.sleep(0.005)  # longer than a server may wait for who has stopped reading
        assert got > 4 * MEGABYTE, f"{got} bytes arrived"
        assert server.process.wait(30) == 0
        server.process.poll = lambda: None  # it was told to end


def a_steady_reader_is_not_cut_off():
    with Server({"timeouts.sendMs": "1000"}, ["echo"]) as server:
        link = slow_link(server)
        ask_for(link, 4 * MEGABYTE)
        got, until = 0, time.monotonic() + max(SECONDS, 3)
        while time.monotonic() < until:
            got += len(link.recv(4096))
            time.sleep(0.1)
        while got < 4 * MEGABYTE and (piece := link.recv(65536)):
            got += len(piece)
        link.close()
        assert got >= 4 * MEGABYTE, f"cut off after {got} bytes"


class Stdio:
    """A server over stdio with some fixtures."""

    def __init__(self, *fixtures, settings=()):
        self.folder = tempfile.TemporaryDirectory()
        for name in fixtures:
            shutil.copy(os.path.join(FIXTURES, name + ".so"), self.folder.name)
        self.process = subprocess.Popen([TENON, "serve", "--stdio", "--plugins.directory=" + self.folder.name, *settings],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def say(self, method, params, number, **meta):
        text = json.dumps({"jsonrpc": "2.0", "id": number, "method": method,
                           "params": {**params, "_meta": {**META, **meta}}})
        self.process.stdin.write(text.encode() + b"\n")

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()


def nothing_follows_an_answer():
    count = 3000
    with Stdio("echo") as server:
        def speak():
            for number in range(count):
                server.say("tools/call", {"name": "report", "arguments": {}}, number, progressToken=number)
            server.process.stdin.close()
        speaker = threading.Thread(target=speak)
        speaker.start()
        answered, reported = set(), 0
        for line in server.process.stdout:
            message = json.loads(line)
            if "id" in message:
                answered.add(message["id"])
            elif message["method"] == "notifications/progress":
                reported += 1
                assert message["params"]["progressToken"] not in answered, "progress came after the answer"
        speaker.join()
        assert len(answered) == count and reported == count, f"{len(answered)} answers, {reported} reports"


def nothing_follows_an_answer_that_the_clock_gave():
    # The plugin reports once a millisecond, until it is told that its call has had its time.
    with Stdio("echo", settings=["--timeouts.requestMs=100"]) as server:
        answered, reported = set(), 0
        for wave in range(20):
            for number in range(wave * 8, wave * 8 + 8):
                server.say("tools/call", {"name": "wait_cancelled", "arguments": {}}, number, progressToken=number)
            server.process.stdin.flush()
            while len(answered) < wave * 8 + 8:
                message = json.loads(server.process.stdout.readline())
                if "id" in message:
                    answered.add(message["id"])
                else:
                    reported += 1
                    assert message["params"]["progressToken"] not in answered, "progress came after the answer"
        assert reported > 0, "nothing is reported"


def nothing_follows_an_answer_on_a_stream():
    threads, each = 4, 150
    with Server({}, ["echo"]) as server:
        link = server.connect()
        link.sendall(b"GET /sse HTTP/1.0\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        lines = link.makefile("rb")
        told = (line[6:].decode().strip() for line in lines if line.startswith(b"data: "))
        path = next(told)

        def post(method, number=None, **params):
            message = {"jsonrpc": "2.0", "method": method, "params": params}
            if number is not None:
                message["id"] = number
            status = server.request("POST", path, json.dumps(message), {"Content-Type": "application/json"})[0]
            assert status == 202, status

        post("initialize", 0, protocolVersion="2024-11-05", capabilities={}, clientInfo={"name": "a", "version": "1"})
        assert json.loads(next(told))["id"] == 0
        post("notifications/initialized")

        def speak(first):
            for number in range(first, first + each):
                post("tools/call", number, name="report", arguments={}, _meta={"progressToken": number})
        speakers = [threading.Thread(target=speak, args=(1 + each * index,)) for index in range(threads)]
        for speaker in speakers:
            speaker.start()
        answered, reported = set(), 0
        while len(answered) < threads * each:
            message = json.loads(next(told))
            if "id" in message:
                answered.add(message["id"])
            elif message["method"] == "notifications/progress":
                reported += 1
                assert message["params"]["progressToken"] not in answered, "progress came after the answer"
        for speaker in speakers:
            speaker.join()
        assert reported == threads * each, f"{reported} reports"
        link.close()


def who_only_listens_keeps_no_server():
    with Stdio("echo") as server:
        server.say("subscriptions/listen", {"notifications": {"toolsListChanged": True}}, 1)
        server.process.stdin.flush()
        assert server.process.stdout.readline()
        server.process.stdin.close()
        began = time.monotonic()
        server.process.wait(60)
        assert time.monotonic() - began < 5 * SLOWER, "the end of the input was not the end"


def who_waits_for_the_network_ends_too():
    # Somebody takes connections and says nothing: keys, traces and tools of another server are not to be had of it.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        for settings in ({"auth.type": "jwt", "auth.jwt.jwksUrl": url, "auth.jwt.audience": "x"}, {"telemetry.otlp": url},
                         {"upstream.silent.url": url}):
            with Server(settings, ["echo"]) as server:
                server.rpc("tools/call", {"name": "echo", "arguments": {"text": "well"}})


def a_shortage_of_descriptors_switches_nothing_off():
    if "undefined" in SANITIZED:
        return  # UBSan looks at objects through a pipe: without descriptors it takes every one for damaged
    with Server({"plugin.echo.isolation": "process", "plugin.echo.maxCrashes": "3"}, ["echo"]) as server:
        process = server.process.pid
        before = resource.prlimit(process, resource.RLIMIT_NOFILE)
        resource.prlimit(process, resource.RLIMIT_NOFILE, (8, before[1]))
        for child in below(process):
            os.kill(child, signal.SIGKILL)
        time.sleep(max(SECONDS, 1))
        resource.prlimit(process, resource.RLIMIT_NOFILE, before)
        until = time.monotonic() + 60
        while True:
            try:
                status, answer = server.rpc("tools/call", {"name": "echo", "arguments": {"text": "well"}})
                if status == 200 and not answer["result"].get("isError"):
                    break
            except (OSError, KeyError) as failure:
                answer = failure
            assert time.monotonic() < until, f"it did not come back: {answer}"
            time.sleep(0.2)


def the_wall_clock_may_jump():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "faults")
        with open(path, "wb") as file:
            file.write(bytes(4096))
        with Server({}, ["echo", "leaves_results"], environment=with_faults(path)) as server, open(path, "r+b") as file:
            call = lambda name, **more: server.rpc("tools/call", {"name": name, "arguments": {}, "_meta": META, **more})[1]
            asked = call("ask")["result"]
            task = call("small")["result"]
            running = threading.Thread(target=lambda: outcome.update(server.rpc(
                "tools/call", {"name": "sleep_async", "arguments": {"ms": 1500}})[1]))
            outcome = {}
            running.start()
            time.sleep(0.2)
            struct.pack_into("i", mmap.mmap(file.fileno(), 0), 0, 5400)  # an hour and a half ahead
            running.join()
            assert not outcome["result"].get("isError"), outcome
            kept = server.rpc("tasks/get", {"taskId": task["taskId"], "_meta": META})[1]
            assert "result" in kept, f"the task is gone: {kept}"
            answer = call("ask", inputResponses={"name": {"action": "accept", "content": {"name": "Ann"}}},
                          requestState=asked["requestState"])
            assert answer["result"]["content"][0]["text"] == "Ann", answer


run(an_answer_that_is_being_sent_arrives_whole, a_steady_reader_is_not_cut_off, nothing_follows_an_answer,
    nothing_follows_an_answer_that_the_clock_gave, nothing_follows_an_answer_on_a_stream,
    who_only_listens_keeps_no_server, who_waits_for_the_network_ends_too,
    a_shortage_of_descriptors_switches_nothing_off, the_wall_clock_may_jump)
