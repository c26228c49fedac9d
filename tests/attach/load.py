"""A server that programs attach to, and clients that call the teller without pause: each call has an id, which the program
notes before it answers."""

import collections
import http.client
import json
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from ports import free_port  # noqa: E402,F401

PATIENCE = 60
MODERN = "2026-07-28"
RESTARTED = "while this call was inside"  # whether it took effect is not known, and says so


class Server:
    def __init__(self, folder, port, **more):
        self.folder, self.port, self.process = folder, port, None
        self.socket, self.notes = os.path.join(folder, "attach.sock"), os.path.join(folder, "notes")
        self.config = os.path.join(folder, "tenon.properties")
        settings = {"http.port": port, "plugins.directory": os.path.join(folder, "none"), "attach.enabled": "true",
                    "attach.socket": self.socket, "attach.teller.users": os.getuid(),
                    "attach.teller.waitMs": 60000, "control.directory": folder, "limits.share": 100}
        settings.update(more)
        with open(self.config, "w") as file:
            file.writelines(f"{key} = {value}\n" for key, value in settings.items())

    def start(self):
        with open(os.path.join(self.folder, "server.log"), "a") as log:
            self.process = subprocess.Popen([os.environ["SERVER"], f"--config={self.config}"], stderr=log,
                                            stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
                connection.request("GET", "/ready")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            assert self.process.poll() is None, self.log()
            time.sleep(0.02)
        raise AssertionError(f"the server does not get ready:\n{self.log()}")

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait(PATIENCE)

    def resident(self):
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def teller(self):
        """A program that lends the tool of the clients."""
        return subprocess.Popen([os.environ["TELLER"], self.notes], env=dict(os.environ, TENON_ATTACH_SOCKET=self.socket))

    def await_program(self, name):
        end = time.monotonic() + PATIENCE
        while f"{name}: running" not in subprocess.run([os.environ["SERVER"], "attach", "list", f"--config={self.config}"],
                                                       text=True, capture_output=True, timeout=PATIENCE).stdout:
            assert time.monotonic() < end, f"the program never comes:\n{self.log()}"
            time.sleep(0.05)

    def await_level(self, what, count, most):
        """Until there are no more of something than before."""
        end = time.monotonic() + PATIENCE
        while count() > most:
            assert time.monotonic() < end, f"{count()} {what}, and not {most} at most"
            time.sleep(0.1)

    def threads(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def log(self):
        with open(os.path.join(self.folder, "server.log")) as file:
            return file.read()[-4000:]


class Clients:
    """Threads that call without pause; `outcomes` counts what they heard."""

    def __init__(self, port, count):
        self.port, self.going, self.server_may_go = port, True, False
        self.told, self.wrong, self.outcomes = set(), [], collections.Counter()
        self.mutex = threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(count)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        connection, count = None, 0
        while self.going:
            count += 1
            id = f"{number}-{count}"
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2 * PATIENCE)
                self.note(id, self.call(connection, id))
            except (OSError, http.client.HTTPException) as error:
                connection = None
                self.note(id, None, error)
                time.sleep(0.01)

    def call(self, connection, id):
        body = {"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {
            "name": "tell", "arguments": {"id": id}, "_meta": {"io.modelcontextprotocol/protocolVersion": MODERN,
                                                               "io.modelcontextprotocol/clientCapabilities": {}}}}
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
                   "MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call", "Mcp-Name": "tell"}
        connection.request("POST", "/mcp", json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read().decode()
        if response.status == 503:  # the server ends, or has just begun
            return "503"
        if not text.startswith("{"):
            text = [line[5:] for line in text.splitlines() if line.startswith("data:")][-1]
        return json.loads(text)

    def note(self, id, answer, error=None):
        with self.mutex:
            if answer is None or answer == "503":
                self.outcomes["no server"] += 1
                if not self.server_may_go:
                    self.wrong.append(f"{id}: {error or answer}")
                return
            result = answer.get("result")
            if answer.get("id") != id or result is None:
                # An end of the server says that it ends, and is no answer of a tool.
                if self.server_may_go and "result" not in answer and "nknown tool" not in json.dumps(answer):
                    self.outcomes["no server"] += 1
                else:
                    self.wrong.append(f"{id}: {answer}")
                return
            said = result["content"][0]["text"]
            if not result.get("isError") and said == id:
                self.outcomes["answered"] += 1
                self.told.add(id)
            elif RESTARTED in said:
                self.outcomes["inside"] += 1
            else:
                self.wrong.append(f"{id}: {said}")

    def answered(self):
        return self.outcomes["answered"]

    def await_more(self, what, count=20):
        goal, end = self.answered() + count, time.monotonic() + PATIENCE
        while self.answered() < goal and not self.wrong:
            assert time.monotonic() < end, f"no calls are answered after {what}: {dict(self.outcomes)}"
            time.sleep(0.002)
        assert not self.wrong, f"after {what}: {self.wrong[:5]}"

    def stop(self):
        self.going = False
        for thread in self.threads:
            thread.join()

    def check(self, notes):
        """Each call has had one answer, and the program saw none twice."""
        assert not self.wrong, self.wrong[:5]
        with open(notes) as file:
            seen = collections.Counter(line.strip() for line in file)
        twice = [id for id, count in seen.items() if count > 1]
        assert not twice, f"ran twice: {twice[:5]}"
        unseen = self.told - set(seen)
        assert not unseen, f"answered by nobody: {sorted(unseen)[:5]}"
