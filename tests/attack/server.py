"""A real server to attack, and requests to it from any address of the loopback network."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

TENON, PLUGINS, FIXTURES = (os.environ[name] for name in ("TENON", "TENON_PLUGINS", "TENON_FIXTURES"))
# How long an attack lasts: a moment in ctest, as long as one likes with run.sh.
SECONDS = float(os.environ.get("TENON_ATTACK_SECONDS", "2"))
# What the server was built with, if it looks at itself while it runs. Then it needs more of everything: bounds of memory say
# nothing, and whatever has a limit of time for the server's sake has SLOWER times as much.
SANITIZED = os.environ.get("TENON_SANITIZED", "")
SLOWER = 10 if SANITIZED else 1
DRAIN_MS = 500
OWN_NUMBER = object()  # as a setting's value: that of the server's process


def with_faults(path):
    """The environment of a server in which what the file says fails; see faults.cpp."""
    # AddressSanitizer asks to be the first library, and works as the second.
    sanitizer = [os.environ.get("ASAN_OPTIONS", ""), "verify_asan_link_order=0"]
    return {"LD_PRELOAD": os.environ["TENON_FAULT_LIBRARY"], "TENON_FAULTS": path,
            "ASAN_OPTIONS": ":".join(filter(None, sanitizer))}


def below(process):
    """The processes that come of this one."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                state, parent = file.read().rsplit(")", 1)[1].split()[:2]
        except OSError:
            continue
        if state != "Z":
            parents[int(name)] = int(parent)
    found = [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


class Server:
    """`tenon` with the given settings, on a port of its own. Ends with the `with` block, which fails if it had died, does
    not end in time, or leaves a process. `ending` is the signal that ends it."""

    def __init__(self, settings, fixtures=(), ending=signal.SIGTERM, output=None, environment=None):
        """With the plugins that ship, or with these fixtures alone."""
        self.ending = ending
        self.folder = tempfile.TemporaryDirectory()
        plugins = PLUGINS
        if fixtures:
            plugins = os.path.join(self.folder.name, "plugins")
            os.mkdir(plugins)
            for name in fixtures:
                shutil.copy(os.path.join(FIXTURES, name + ".so"), plugins)
        self.file = os.path.join(self.folder.name, "tenon.properties")
        self.settings = {"http.port": "0", "plugins.directory": plugins, "log.level": "warning",
                         "timeouts.drainMs": str(DRAIN_MS), "control.directory": self.folder.name, **settings}
        self.write()
        self.log = open(os.path.join(self.folder.name, "log"), "w+b")
        command = [TENON, "serve", "--config=" + self.file, "--log.level.app=information"]
        if own := "".join(f" --{key}=$$" for key, value in self.settings.items() if value == OWN_NUMBER):
            command = ["sh", "-c", 'exec "$0" "$@"' + own, *command]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=output or self.log,
                                        env={**os.environ, **(environment or {})})
        self.port = self.wait_for_port()
        until = time.monotonic() + 60
        while self.get("/ready")[0] != 200:
            assert self.process.poll() is None and time.monotonic() < until, self.said()
            time.sleep(0.05)

    def write(self, **changes):
        self.settings.update({key.replace("__", "."): value for key, value in changes.items()})
        # At once: a reload that is still under way must not read half of them.
        with open(self.file + ".new", "w") as out:
            out.writelines(f"{key} = {value}\n" for key, value in self.settings.items() if value != OWN_NUMBER)
        os.replace(self.file + ".new", self.file)

    def reload(self, changes):
        self.settings.update(changes)
        self.write()
        self.process.send_signal(signal.SIGHUP)

    def said(self):
        self.log.flush()
        with open(self.log.name, "rb") as log:
            return log.read().decode(errors="replace")

    def wait_for_port(self):
        """The port it listens on, as the system says it."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process.poll() is None, self.said()
            sockets = set()
            for name in os.listdir(f"/proc/{self.process.pid}/fd"):
                try:
                    sockets.add(os.readlink(f"/proc/{self.process.pid}/fd/{name}"))
                except OSError:
                    continue
            with open("/proc/net/tcp") as table:
                for line in list(table)[1:]:
                    fields = line.split()
                    if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                        return int(fields[1].split(":")[1], 16)
            time.sleep(0.05)
        raise AssertionError("it never listens: " + self.said())

    def request(self, method, path, body=None, headers=None, source="127.0.0.1", timeout=30 * SLOWER):
        """Status, headers and body; from another address of the loopback network if `source` says so."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout, source_address=(source, 0))
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def get(self, path, headers=None, source="127.0.0.1"):
        return self.request("GET", path, None, headers, source)

    def rpc(self, method, params, token=None, source="127.0.0.1", **more):
        """A modern request: status and the parsed answer."""
        params = {**params, "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                                      "io.modelcontextprotocol/clientInfo": {"name": "attack", "version": "1"},
                                      "io.modelcontextprotocol/clientCapabilities": {}, **params.get("_meta", {})}}
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
                   "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method}
        for member in ("name", "uri", "taskId"):
            if member in params:
                headers["Mcp-Name"] = params[member]
        if token:
            headers["Authorization"] = "Bearer " + token
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        status, _, answer = self.request("POST", "/mcp", body, headers, source, **more)
        try:
            return status, json.loads(answer)
        except ValueError:
            return status, answer.decode(errors="replace")

    def initialize(self, source="127.0.0.1"):
        """Opens a legacy session; the status, and the id if there is one."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "attack", "version": "1"}}})
        status, headers, _ = self.request("POST", "/mcp", body, {
            "Content-Type": "application/json", "Accept": "application/json, text/event-stream"}, source)
        return status, headers.get("Mcp-Session-Id")

    def connect(self, source="127.0.0.1"):
        return socket.create_connection(("127.0.0.1", self.port), 30, (source, 0))

    def open_stream(self, source="127.0.0.1"):
        """An event stream that stays open as long as the socket that is returned with the status line."""
        link = self.connect(source)
        link.sendall(b"GET /sse HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        return link, int(link.recv(4096).split(b" ")[1])

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        alive = self.process.poll() is None
        children = below(self.process.pid)
        begin = time.monotonic()
        self.process.send_signal(self.ending)
        try:
            self.process.wait(60)
            took = time.monotonic() - begin
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            took = 60
        if not failure[0]:
            assert alive, "the server died: " + self.said()
            # A sanitizer gives what it complains of a status of its own, at the very end too.
            assert self.process.returncode in (0, -signal.SIGKILL), f"status {self.process.returncode}: {self.said()}"
            said = re.search(r"^(==\d+==ERROR: |WARNING: ThreadSanitizer|\S+:\d+:\d+: runtime error).*", self.said(), re.M)
            assert not said, self.said()[said.start():]
            most = (int(self.settings["timeouts.drainMs"]) / 1000 + 5) * SLOWER
            assert took < most, f"it took {took:.1f} s to end: " + self.said()
            until = time.monotonic() + 15
            while left := [child for child in children if os.path.exists(f"/proc/{child}")]:
                assert time.monotonic() < until, f"the processes {left} were left"
                time.sleep(0.05)
        self.log.close()
        self.folder.cleanup()


    def figure(self, name):
        """What the server says of itself in its metrics; they have to be open."""
        _, _, text = self.get("/metrics")
        return next(float(line.split()[1]) for line in text.decode().splitlines() if line.startswith(name + " "))

    def held(self, by):
        """The bytes that peers make it hold, of one kind."""
        return self.figure(f'tenon_memory_held_bytes{{by="{by}"}}')

    def memory_mb(self, what):
        """`VmRSS`: resident now; `VmHWM`: the most so far."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(what + ":")) / 1024


class Crowd:
    """Threads that run while the `with` block does; `run` of who derives from it goes on until `ending`."""

    def __init__(self, arguments):
        self.ending = False
        self.threads = [threading.Thread(target=self.run, args=each) for each in arguments]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *failure):
        self.ending = True
        for thread in self.threads:
            thread.join()


class Clients(Crowd):
    """Clients that call a tool again and again, each from its own address; whatever is not answered as it should be fails
    the `with` block."""

    def __init__(self, server, count, tool="echo", arguments=None):
        self.server, self.tool = server, tool
        self.arguments = arguments if arguments is not None else {"text": "hello"}
        self.calls, self.complaints, self.longest = 0, [], 0.0
        super().__init__((f"127.0.2.{number + 1}",) for number in range(count))

    def run(self, address):
        while not self.ending:
            begin = time.monotonic()
            try:
                status, answer = self.server.rpc("tools/call", {"name": self.tool, "arguments": self.arguments},
                                                 source=address)
                good = status == 200 and not answer["result"].get("isError")
            except (OSError, KeyError, http.client.HTTPException) as failure:
                good, status, answer = False, type(failure).__name__, str(failure)
            self.longest = max(self.longest, time.monotonic() - begin)
            if not good:
                self.complaints.append(f"{status} {str(answer)[:300]}")
            self.calls += 1
            time.sleep(0.005)

    def __exit__(self, *failure):
        super().__exit__(*failure)
        if not failure[0]:
            assert self.calls >= len(self.threads), "nobody was served"
            assert not self.complaints, f"{len(self.complaints)} of {self.calls} calls: {self.complaints[:3]}"


def run(*attacks):
    for attack in attacks:
        attack()
        print("held:", attack.__name__.replace("_", " "), flush=True)
