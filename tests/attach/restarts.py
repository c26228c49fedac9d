"""Restarts an attached program, and then the server, under load: restarts.py [PROGRAMS [SERVERS [CLIENTS]]].

Every call has an id, which the program notes before it answers. In the end each call has had one answer, the program has
seen none twice, and no client ever heard that the tool does not exist.
"""

import collections
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from ports import free_port  # noqa: E402

PATIENCE = 60
MODERN = "2026-07-28"
RESTARTED = "while this call was inside"  # whether it took effect is not known, and says so


class Server:
    def __init__(self, folder, port):
        self.folder, self.port, self.process = folder, port, None
        self.config = os.path.join(folder, "tenon.properties")
        settings = {"http.port": port, "plugins.directory": os.path.join(folder, "none"), "attach.enabled": "true",
                    "attach.socket": os.path.join(folder, "attach.sock"), "attach.teller.users": os.getuid(),
                    "attach.teller.waitMs": 60000, "control.directory": folder, "limits.share": 100}
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


def main(programs, servers, clients):
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder, free_port())
        server.start()
        notes = os.path.join(folder, "notes")

        def program():
            environment = dict(os.environ, TENON_ATTACH_SOCKET=os.path.join(folder, "attach.sock"))
            return subprocess.Popen([os.environ["TELLER"], notes], env=environment)

        lent = program()
        while "attached" not in server.log():
            time.sleep(0.02)
        load = Clients(server.port, clients)
        try:
            load.await_more("the start")
            early = None
            for count in range(programs):
                lent.send_signal(signal.SIGTERM if count % 2 else signal.SIGKILL)
                lent.wait(PATIENCE)
                lent = program()
                load.await_more(f"restart {count + 1} of the program")
                if count == min(100, programs // 2):
                    early = server.resident()
            grown = (server.resident() - early) / 1e6
            print(f"{programs} restarts of the program: {dict(load.outcomes)}; the server grew by {grown:.1f} MB "
                  "in the second part")
            # Only the long form tells growth from what a sanitizer or a young heap takes.
            assert programs < 200 or grown < 30, f"the server grew by {grown} MB"

            load.server_may_go = True
            for count in range(servers):
                server.end(signal.SIGTERM if count % 2 else signal.SIGKILL)
                server.start()
                load.await_more(f"restart {count + 1} of the server")
            print(f"{servers} restarts of the server: {dict(load.outcomes)}")
        finally:
            load.stop()
            lent.kill()
            lent.wait()
            server.end(signal.SIGTERM)
        assert not load.wrong, load.wrong[:5]
        with open(notes) as file:
            seen = collections.Counter(line.strip() for line in file)
        twice = [id for id, count in seen.items() if count > 1]
        assert not twice, f"ran twice: {twice[:5]}"
        unseen = load.told - set(seen)
        assert not unseen, f"answered by nobody: {sorted(unseen)[:5]}"
        print("ok")


main(*(int(argument) for argument in (sys.argv[1:] + ["20", "4", "20"][len(sys.argv) - 1:])))
