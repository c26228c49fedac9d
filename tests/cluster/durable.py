#!/usr/bin/env python3
"""Kills a server with `store = sqlite:FILE` (-9) while clients work, again and again: what was answered is there afterwards.

    durable.py TENON PLUGINS [--rounds=5] [--seed=N]

Sessions that were opened go on; tasks that were told of are known, and those that were seen to end have the same end; streams that
were begun have one answer: the call's, or that the instance that ran it is gone. Ends with 1 and the faults, if there were any.
"""
import json
import random
import sys
import tempfile
import threading
import time

from parts import Broken, Instance, ask, events_in, first_event, headers_of, initialize, legacy, modern, send, verdict

CLIENTS = 4
CALL = {"name": "slow_compute", "arguments": {"seconds": 0.05}}


class Client(threading.Thread):
    """Works until the server is killed, and keeps what it was told."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.number = port, 0
        self.sessions, self.tasks, self.streams, self.faults = [], {}, [], []

    def run(self):
        try:
            while True:
                self.sessions.append(initialize(self.port))
                self.task()
                self.stream()
        except Broken:
            pass
        except Exception as error:  # noqa: BLE001, a fault of whatever kind must not go unseen
            self.faults.append(f"{type(error).__name__}: {error}")

    def task(self):
        _, body = modern(self.port, "tools/call", CALL, CALL["name"])
        task = events_or_json(body)["result"]["taskId"]
        self.tasks[task] = None
        for _ in range(random.choice([0, 2, 20])):
            _, body = modern(self.port, "tasks/get", {"taskId": task}, task)
            result = events_or_json(body)["result"]
            if result["status"] != "working":
                self.tasks[task] = outcome(result)
                return
            time.sleep(0.01)

    def stream(self):
        """Leaves after the first event of a call."""
        self.number += 1
        number, session = f"call {self.number}", self.sessions[-1]
        body = f'{{"jsonrpc":"2.0","id":"{number}","method":"tools/call","params":{{"name":"slow_compute",'
        body += '"arguments":{"seconds":0.05},"_meta":{"progressToken":1}}}'
        connection, response = send(self.port, "POST", headers_of(session), body)
        event = first_event(response)
        connection.close()
        if event:
            self.streams.append((session, number, event))


def events_or_json(body):
    events = events_in(body)
    return events[-1][1] if events else json.loads(body)


def outcome(result):
    return result["status"], str(result.get("result")), str(result.get("error"))


def check(client, port):
    for session in client.sessions:
        response, body = legacy(port, session, "ping")
        if response.status != 200:
            client.faults.append(f"session {session}: {response.status} {body}")
    for task, seen in client.tasks.items():
        _, body = modern(port, "tasks/get", {"taskId": task}, task)
        result = events_or_json(body).get("result", {})
        if result.get("status") not in ("completed", "failed") or (seen and seen != outcome(result)):
            client.faults.append(f"task {task}: {body}, before the end of the server {seen}")
    for session, number, event in client.streams:
        response, body = ask(port, "GET", headers_of(session) | {"Accept": "text/event-stream", "Last-Event-ID": event})
        answers = [message for _, message in events_in(body) if "result" in message or "error" in message]
        if response.status != 200 or len(answers) != 1 or answers[0]["id"] != number:
            client.faults.append(f"stream {event} of {number}: {response.status} {body}")


def main(arguments):
    options = dict(argument[2:].partition("=")[::2] for argument in arguments if argument.startswith("--"))
    binary, plugins = [argument for argument in arguments if not argument.startswith("--")]
    seed = int(options.get("seed") or random.randrange(1_000_000))
    random.seed(seed)
    print(f"seed {seed}", flush=True)
    root = tempfile.mkdtemp(prefix="tenon-durable-")
    faults, kept = [], [0, 0, 0]
    with open(f"{root}/log", "wb") as log:
        server = Instance("server", [binary, f"--plugins.directory={plugins}", f"--store=sqlite:{root}/store.db",
                                     f"--control.directory={root}/control", "--limits.share=100"], log)
        try:
            for _ in range(int(options.get("rounds", 5))):
                clients = [Client(server.port) for _ in range(CLIENTS)]
                for client in clients:
                    client.start()
                time.sleep(random.uniform(0.5, 1.5))
                server.kill()
                for client in clients:
                    client.join()
                server.start()
                for client in clients:
                    check(client, server.port)
                    faults += client.faults
                    for at, what in enumerate((client.sessions, client.tasks, client.streams)):
                        kept[at] += len(what)
        finally:
            server.kill()
    print(f"{kept[0]} sessions, {kept[1]} tasks, {kept[2]} streams")
    if min(kept) == 0:
        faults.append("the clients did not get to work")
    return verdict(faults, root)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
