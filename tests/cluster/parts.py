"""What the programs of this folder are made of: Redis, instances of tenon, requests and what comes back."""
import atexit
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from ports import free_port  # noqa: E402

PATIENCE = 60  # of a busy machine; a client of chaos.py that waits for so long waits for ever
ACCEPT = "application/json, text/event-stream"
CREDENTIALS = {}  # headers that every request of `headers_of` has
MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}}}


def begin(command, output):
    """A process that does not outlive this one."""
    process = subprocess.Popen(command, stdout=output, stderr=output)
    atexit.register(process.kill)
    return process


class Redis:
    def __init__(self, root):
        self.root, self.port, self.process = root, free_port(), None
        self.start()

    def command(self):
        return ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                "--dir", self.root, "--loglevel", "warning"]

    def start(self, *more):
        self.process = begin([*self.command(), *more], subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                if self.ask("PING") == "PONG":
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("redis-server does not start")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def ask(self, *words):
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            text = "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
            connection.sendall(f"*{len(words)}\r\n{text}".encode())
            return self.read(connection.makefile("rb"))

    def read(self, stream):
        line = stream.readline().decode().rstrip()
        if not line:
            raise ConnectionResetError("Redis ended the connection")
        kind, rest = line[:1], line[1:]
        if kind == "$":
            return None if rest == "-1" else stream.read(int(rest) + 2)[:-2].decode()
        if kind == "*":
            return [self.read(stream) for _ in range(int(rest))]
        return int(rest) if kind == ":" else rest


class Replica(Redis):
    def __init__(self, root, master):
        self.master = master
        super().__init__(root)

    def command(self):
        return [*super().command(), "--replicaof", "127.0.0.1", str(self.master.port)]


class Pair:
    """Two Redis of which one follows the other, and a Sentinel that makes the other the master where it must."""

    def __init__(self, root):
        first = Redis(root)
        self.both = [first, Replica(root, first)]
        self.sentinel = None
        self.settle()
        self.sentinel = Sentinel(root, first)

    def url(self):
        return f"redis+sentinel://127.0.0.1:{self.sentinel.port}/mymaster"

    @staticmethod
    def role(redis):
        """"master", "slave" if it follows one, or something else."""
        try:
            role = redis.ask("ROLE")
        except OSError:
            return "gone"
        return role[0] if role[0] != "slave" or role[3] == "connected" else "on its way"

    def settle(self):
        eventually("a master and one that follows", lambda: sorted(map(self.role, self.both)) == ["master", "slave"])

    def master(self):
        return next(redis for redis in self.both if self.role(redis) == "master")

    def fail_over(self):
        """The master is killed, and comes back when the other has taken its place."""
        old = self.master()
        new = next(redis for redis in self.both if redis is not old)
        old.kill()
        eventually("another master", lambda: self.role(new) == "master")
        old.start("--replicaof", "127.0.0.1", str(new.port))
        self.settle()

    def kill(self):
        for redis in (*self.both, self.sentinel):
            redis.kill()


class Sentinel(Redis):
    """Makes the replica the master half a second after that has gone."""

    def __init__(self, root, master):
        self.master = master
        super().__init__(root)

    def command(self):
        file = f"{self.root}/sentinel.conf"
        with open(file, "w", encoding="utf-8") as conf:
            conf.write(f"""port {self.port}
bind 127.0.0.1
dir {self.root}
sentinel monitor mymaster 127.0.0.1 {self.master.port} 1
sentinel down-after-milliseconds mymaster 500
sentinel failover-timeout mymaster 3000
""")
        return ["redis-server", file, "--sentinel", "--loglevel", "warning"]


class Instance:
    def __init__(self, name, command, log):
        self.name, self.command, self.log = name, command, log
        self.port, self.process = free_port(), None
        self.start()

    def start(self):
        self.process = begin([*self.command, f"--http.port={self.port}"], self.log)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"instance {self.name} ended with {self.process.returncode}")
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/ready")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"instance {self.name} is not ready")

    def kill(self):
        self.process.kill()
        self.process.wait()


class Broken(Exception):
    """The connection ended: what the request came to is not known."""


def send(port, method, headers, body=None, path="/mcp", timeout=PATIENCE):
    """The connection and the response, its body still to be read."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers)
        return connection, connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        raise Broken from error


def ask(port, method, headers, message=None, path="/mcp"):
    """The response, and its body."""
    connection, response = send(port, method, headers, None if message is None else json.dumps(message), path)
    try:
        return response, response.read().decode()
    except (OSError, http.client.HTTPException) as error:
        raise Broken from error
    finally:
        connection.close()


def headers_of(session=None, method=None, name=None, version="2025-11-25"):
    """Of a legacy request with its session, or of a modern one with its method and name."""
    headers = {"Content-Type": "application/json", "Accept": ACCEPT} | CREDENTIALS
    if method:
        headers |= {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method} | ({"Mcp-Name": name} if name else {})
    elif session:
        headers |= {"MCP-Protocol-Version": version, "Mcp-Session-Id": session}
    return headers


def answer_in(body):
    """The JSON-RPC response in a body, of either kind."""
    if body.startswith("{"):
        return json.loads(body)
    for line in body.splitlines():
        if line.startswith("data: {") and ('"result"' in line or '"error"' in line):
            return json.loads(line[6:])
    return None


def first_event(response):
    """The id of the next event, its line read; None if the response ends before."""
    try:
        for raw in response:
            if raw.startswith(b"id:"):
                return raw[3:].strip().decode()
    except (OSError, http.client.HTTPException) as error:
        raise Broken from error
    return None


def events_in(body):
    """Ids and messages of the events of a body."""
    events, last = [], None
    for line in body.splitlines():
        if line.startswith("id:"):
            last = line[3:].strip()
        elif line.startswith("data:") and line[5:].strip():
            events.append((last, json.loads(line[5:])))
    return events


def initialize(port, capabilities=None):
    """A new session."""
    response, body = ask(port, "POST", headers_of(), {
        "jsonrpc": "2.0", "id": "init", "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": capabilities or {}, "clientInfo": {"name": "t", "version": "1"}}})
    if response.status != 200:
        raise RuntimeError(f"initialize: {response.status} {body}")
    return response.headers["Mcp-Session-Id"]


def legacy(port, session, method, params=None, number="r"):
    return ask(port, "POST", headers_of(session),
               {"jsonrpc": "2.0", "id": number, "method": method, "params": params or {}})


def modern(port, method, params, name=None):
    return ask(port, "POST", headers_of(method=method, name=name),
               {"jsonrpc": "2.0", "id": "m", "method": method, "params": params | {"_meta": MODERN}})


def eventually(what, condition, seconds=PATIENCE):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if condition():
                return
        except OSError:  # who cannot be reached is not so far
            pass
        time.sleep(0.05)
    raise AssertionError(f"never: {what}")


def verdict(faults, root):
    """Says the faults, and gives the status to end with. What was written to `root` stays if there are any."""
    for fault in faults[:20]:
        print(fault, file=sys.stderr)
    if faults:
        print(f"what was said is in {root}", file=sys.stderr)
    else:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if faults else 0
