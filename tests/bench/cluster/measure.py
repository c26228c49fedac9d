#!/usr/bin/env python3
"""What several instances cost: the figures of tests/bench/RESULTS.md, "Several instances".

    measure.py BUILD [PART]...

PART is one or more of: modern, legacy, stream, post, broadcast, back, memory; without any, all. BUILD is a build tree with
`tenon`, `bench_load` and the plugin of the figures. With cluster and without are measured by turns, so that a busy machine slows
both; each part takes less than a minute.
"""
import os
import pathlib
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "cluster"))
from parts import Instance, Redis, first_event, headers_of, initialize, legacy, send  # noqa: E402

ROUNDS = 7
CALLS = 3000
STREAMS = int(os.environ.get("TENON_STREAMS", "9000"))


class World:
    def __init__(self, build):
        self.build, self.root = build, tempfile.mkdtemp(prefix="tenon-measure-")
        self.log = open(f"{self.root}/log", "wb")
        self.redis = Redis(self.root)
        self.alone = self.instance("alone", [])
        self.fleet = [self.instance(name, [f"--cluster.redis=redis://127.0.0.1:{self.redis.port}", f"--cluster.instance={name}"])
                      for name in ("one", "two", "three")]
        time.sleep(2)  # they know of each other

    def instance(self, name, more, plugins="bench/plugins"):
        return Instance(name, [f"{self.build}/bin/tenon", f"--plugins.directory={self.build}/{plugins}",
                               f"--control.directory={self.root}/{name}", "--limits.maxSessions=20000", "--limits.share=100",
                               "--timeouts.requestMs=0", "--log.level=warning", *more], self.log)

    def close(self):
        for part in (self.alone, *self.fleet, self.redis):
            part.kill()


def say(what, value):
    print(f"{what:62} {value}", flush=True)


def beside(what, without, within, measure):
    """Medians of both by turns, and of the shares of the pairs."""
    pairs = []
    for _ in range(ROUNDS):
        pairs.append((measure(without.port), measure(within.port)))
    off, on = (statistics.median(values) for values in zip(*pairs))
    share = statistics.median(pair[1] / pair[0] for pair in pairs)
    say(f"{what}: median µs without, with, share", f"{off:.1f} {on:.1f} {share:.3f}")


def calls(world, era):
    def measure(port):
        out = subprocess.run([f"{world.build}/bin/bench_load", "calls", str(port), str(CALLS), era], check=True,
                             capture_output=True, text=True).stdout
        return float(out.split("p50_us ")[1].split()[0])
    return measure


def stream(world):
    """A call that tells of its progress, so that its answer is the last event of a stream that is kept."""
    redis = f"--cluster.redis=redis://127.0.0.1:{world.redis.port}"
    parts = [world.instance(name, more, "conformance/plugins") for name, more in (("plain", []), ("four", [redis]))]
    def measure(port):
        session, times = initialize(port), []
        body = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow_compute","arguments":{"seconds":0},"_meta":{"progressToken":1}}}'
        head = "".join(f"{name}: {value}\r\n" for name, value in headers_of(session).items())
        request = f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for _ in range(300):
                begun, got = time.perf_counter(), b""
                connection.sendall(request)
                while not (got.endswith(b"0\r\n\r\n") or (b"Content-Length" in got and got.endswith(b"}"))):
                    got += connection.recv(65536)
                times.append((time.perf_counter() - begun) * 1e6)
                if b"event-stream" not in got:
                    raise RuntimeError(got.decode())
        return statistics.median(times)
    beside("legacy call with a stream that is kept", *parts, measure)
    for part in parts:
        part.kill()


def sse(port):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.settimeout(10)
    connection.sendall(b"GET /sse HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n")
    got = b""
    while b"session" not in got or not got.endswith(b"\n\r\n") and b"\n\n" not in got:
        got += connection.recv(65536)
    path = next(line[5:].strip() for line in got.decode().splitlines() if line.startswith("data:"))
    return connection, path


def post(world):
    """From the POST of a message to its answer on the stream, which is at the same instance or at another one."""
    def measure(at):
        stream_connection, path = sse(world.fleet[0].port)
        poster = socket.create_connection(("127.0.0.1", at.port))
        times = []
        for number in range(200):
            body = f'{{"jsonrpc":"2.0","id":{number},"method":"ping"}}' if number else (
                '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2024-11-05","capabilities":{},'
                '"clientInfo":{"name":"m","version":"1"}}}')
            begun, got = time.perf_counter(), b""
            poster.sendall((f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                            f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
            while f'"id":{number}'.encode() not in got:
                part = stream_connection.recv(65536)
                if not part:
                    raise RuntimeError(poster.recv(65536).decode())
                got += part
            times.append((time.perf_counter() - begun) * 1e3)
            poster.recv(65536)
        stream_connection.close()
        poster.close()
        return statistics.median(times[10:])
    pairs = [(measure(world.fleet[0]), measure(world.fleet[1])) for _ in range(5)]
    here, there = (statistics.median(values) for values in zip(*pairs))
    say("message POSTed at the stream's instance, at another: median ms", f"{here:.2f} {there:.2f}, {there - here:.2f} added")


def broadcast(world):
    selector, buffers = selectors.DefaultSelector(), {}
    for number in range(STREAMS):
        port = world.fleet[number % 3].port
        session = initialize(port)
        connection = socket.create_connection(("127.0.0.1", port))
        head = "".join(f"{name}: {value}\r\n" for name, value in (headers_of(session) | {"Accept": "text/event-stream"}).items())
        connection.sendall(f"GET /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n".encode())
        connection.setblocking(False)
        selector.register(connection, selectors.EVENT_READ)
    time.sleep(1)
    while selector.select(0):
        for key, _ in selector.select(0):
            key.fileobj.recv(65536)
    connection, response = send(world.fleet[0].port, "POST", {"Content-Type": "application/json"},
                                '{"message":{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error",'
                                '"data":"to all"}}}', "/broadcast")
    status = response.status
    first, last, left = None, None, STREAMS
    until = time.perf_counter() + 20
    while left and time.perf_counter() < until:
        for key, _ in selector.select(1):
            if b"to all" in key.fileobj.recv(65536):
                last = time.perf_counter()
                first = first or last
                left -= 1
    say(f"broadcast to {STREAMS} streams ({status}), first to last: ms",
        f"{(last - first) * 1e3:.0f}" if last and not left else f"{left} did not get it")
    for key in list(selector.get_map().values()):
        key.fileobj.close()


def back(world):
    """The first request at another instance after the one that had the session was killed."""
    times = []
    for _ in range(10):
        session = initialize(world.fleet[2].port)
        world.fleet[2].kill()
        begun = time.perf_counter()
        response, body = legacy(world.fleet[1].port, session, "ping")
        times.append((time.perf_counter() - begun) * 1e3)
        if response.status != 200:
            raise RuntimeError(body)
        world.fleet[2].start()
    say("a killed instance's client, first answer elsewhere: ms, worst", f"{statistics.median(times):.1f} {max(times):.1f}")


def memory(world):
    def used():
        info = world.redis.ask("INFO", "memory")
        return int(info.split("used_memory:")[1].split()[0])
    before = used()
    for _ in range(2000):
        initialize(world.fleet[0].port)
    time.sleep(1)
    say("Redis memory an idle session: bytes", f"{(used() - before) / 2000:.0f}")


def main(arguments):
    build, parts = arguments[0], arguments[1:]
    world = World(build)
    every = {"modern": lambda: beside("modern call", world.alone, world.fleet[0], calls(world, "modern")),
             "legacy": lambda: beside("legacy call without a stream", world.alone, world.fleet[0], calls(world, "legacy")),
             "stream": lambda: stream(world), "post": lambda: post(world), "memory": lambda: memory(world),
             "back": lambda: back(world), "broadcast": lambda: broadcast(world)}
    try:
        for name, part in every.items():
            if not parts or name in parts:
                part()
    finally:
        world.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
