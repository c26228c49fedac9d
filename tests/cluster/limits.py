#!/usr/bin/env python3
"""What one client may do holds for three instances together, and they need no Redis to go on.

    limits.py TENON PLUGINS

A client asks all three at full speed; then while Redis is stopped; then it holds as many calls and sessions as it may. Ends with 1
and the faults, if there were any.
"""
import http.client
import json
import sys
import tempfile
import threading
import time

from parts import MODERN, Broken, Instance, Redis, eventually, headers_of, initialize, send, verdict

RATE = 600
SECONDS = 4
CALLS = 30
CALL_SECONDS = 60  # nobody waits for their end
SESSIONS = 30
NO_TASKS = MODERN | {"io.modelcontextprotocol/clientCapabilities": {}}


class Flood(threading.Thread):
    """Asks one instance for as long as it is told to, over one connection."""

    def __init__(self, port, over):
        super().__init__(daemon=True)
        self.port, self.over, self.allowed, self.refused, self.other, self.longest = port, over, 0, 0, [], 0.0

    def run(self):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": MODERN}})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.over.is_set():
            begun = time.monotonic()
            connection.request("POST", "/mcp", body, headers_of(method="tools/list"))
            response = connection.getresponse()
            response.read()
            self.longest = max(self.longest, time.monotonic() - begun)
            if response.status == 200:
                self.allowed += 1
            elif response.status == 429 and int(response.headers["Retry-After"]) >= 1:
                self.refused += 1
            else:
                self.other.append(response.status)
        connection.close()


def flood(instances, seconds, faults):
    """How many requests came in, and over how many seconds."""
    over = threading.Event()
    threads = [Flood(instance.port, over) for instance in instances for _ in range(2)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    over.set()
    for thread in threads:
        thread.join(60)
        if thread.other:
            faults.append(f"answers with {set(thread.other)}")
    print(f"allowed {[thread.allowed for thread in threads]}, refused {[thread.refused for thread in threads]}, "
          f"at longest {max(thread.longest for thread in threads):.3f} s")
    if not sum(thread.refused for thread in threads):
        faults.append("the client was not fast enough to be refused")
    return sum(thread.allowed for thread in threads), time.monotonic() - begun


def compare(what, seen, expected, faults, part=0.1):
    print(f"{what}: {seen} for {expected:.0f}")
    if not expected * (1 - part) <= seen <= expected * (1 + part):
        faults.append(f"{what}: {seen} where {expected:.0f} were to be expected")


class Call(threading.Thread):
    """One call that takes a while; `status` is 0 until it is answered."""

    def __init__(self, port, seconds):
        super().__init__(daemon=True)
        self.port, self.seconds, self.status = port, seconds, 0

    def run(self):
        try:
            connection, response = send(self.port, "POST", headers_of(method="tools/call", name="slow_compute"), json.dumps({
                "jsonrpc": "2.0", "id": 1, "method": "tools/call",
                "params": {"name": "slow_compute", "arguments": {"seconds": self.seconds}, "_meta": NO_TASKS}}))
            response.read()
            self.status = response.status
            connection.close()
        except Broken:
            self.status = -1


def hold_calls(instances, faults):
    """Three times as many calls as all of them take together, while none of those that were taken has ended."""
    calls, until = [], time.monotonic() + CALL_SECONDS - 10
    while len(calls) < 3 * CALLS and time.monotonic() < until:
        calls.append(Call(instances[len(calls) % len(instances)].port, CALL_SECONDS))
        calls[-1].start()
        calls[-1].join(0.15)  # a refusal comes at once
    time.sleep(1)
    answers = {status: sum(call.status == status for call in calls) for status in {call.status for call in calls}}
    print(f"of {len(calls)} calls: {answers}, 0 for those that run")
    if not answers.keys() <= {0, 429}:
        faults.append(f"calls were answered with {answers}")
    compare("calls at a time", answers.get(0, 0), CALLS, faults)


def hold_sessions(instances, faults):
    """Three times as many sessions as all of them take together, each with a stream, so that none has to make room."""
    streams, refused = [], 0
    for number in range(3 * SESSIONS):
        port = instances[number % len(instances)].port
        time.sleep(0.1)  # places are reserved behind
        try:
            session = initialize(port)
        except RuntimeError:
            refused += 1
            continue
        streams.append(send(port, "GET", headers_of(session) | {"Accept": "text/event-stream"}))
    print(f"{len(streams)} sessions, {refused} refused")
    faults += [f"a stream of a session: {response.status}" for _, response in streams if response.status != 200]
    compare("sessions at a time", len(streams), SESSIONS, faults)
    for connection, _ in streams:
        connection.close()


def main(arguments):
    binary, plugins = arguments
    root = tempfile.mkdtemp(prefix="tenon-limits-")
    processes, faults = [], []
    with open(f"{root}/log", "wb") as log:
        try:
            redis = Redis(root)
            processes.append(redis)

            def fleet(names, *settings):
                instances = [Instance(name, [
                    binary, f"--plugins.directory={plugins}", f"--cluster.redis=redis://127.0.0.1:{redis.port}",
                    f"--cluster.prefix={settings[0]}", f"--control.directory={root}/{name}", *settings[1:]], log)
                    for name in names]
                processes.extend(instances)
                return instances

            instances = fleet(("one", "two", "three"), "rate", f"--limits.rate={RATE}")
            eventually("each knows of three", lambda: redis.ask("ZCARD", "rate:i") == 3)
            seen, took = flood(instances, SECONDS, faults)
            compare("at full speed", seen, RATE * (1 + took / 60), faults)

            redis.freeze()
            time.sleep(3)
            seen, took = flood(instances, SECONDS, faults)
            redis.thaw()
            # Each its third of the limit; how full its own bucket was is left to it.
            if not RATE * took / 60 * 0.5 <= seen <= RATE * (1 + (took + 3) / 60) * 1.1:
                faults.append(f"while Redis is stopped: {seen} in {took:.1f} s")
            for instance in instances:
                instance.process.terminate()
                instance.process.wait(60)

            instances = fleet(("four", "five", "six"), "quota", f"--limits.maxCalls={10 * CALLS}",
                              f"--limits.maxSessions={10 * SESSIONS}", "--limits.share=10")
            eventually("each knows of three", lambda: redis.ask("ZCARD", "quota:i") == 3)
            hold_calls(instances, faults)
            hold_sessions(instances, faults)
        finally:
            for process in processes:
                process.kill()
    return verdict(faults, root)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
