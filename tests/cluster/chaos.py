#!/usr/bin/env python3
"""Clients that do everything at three instances at random, while instances and Redis are killed, stopped and restarted.

    chaos.py TENON PLUGINS [--seconds=20] [--actions=N] [--clients=8] [--seed=N] [--calm] [--failover]

Holds against what a client may expect: a request that reached a server has one answer, on whatever instance the client looks
for it; no event comes twice on one stream; a session is lost by nothing of this; a task has one end; and when all is over nothing
in Redis is kept for longer than a minute. `--calm` breaks nothing; with `--failover` there are two Redis and a Sentinel, and
masters are killed; `--actions` goes on until the clients have done so many things, however long it takes, and until Redis is
empty. Ends with 1 and the faults, if there were any; the seed is printed, for another run with the same choices.
"""
import http.client
import json
import random
import re
import shutil
import signal
import sys
import tempfile
import threading
import time

from keyspace import emptied, too_long
from parts import MODERN, PATIENCE, Broken, Instance, Pair, Redis, answer_in, ask, headers_of, send

LEASE = 1.0
KEPT = 60  # seconds, of whatever is in Redis, once nobody needs it any more


class Client(threading.Thread):
    """One client: a session of 2025-11-25, and requests of 2026-07-28 beside it."""

    def __init__(self, world, number):
        super().__init__(daemon=True)
        self.world, self.random = world, random.Random(world.seed * 1000 + number)
        self.number, self.session, self.next = number, None, 0

    def fault(self, text):
        self.world.fault(f"client {self.number}: {text}")

    def run(self):
        try:
            while not self.world.over.is_set():
                if self.session is None:
                    self.initialize()
                    continue
                action = self.random.choice([self.quick, self.quick, self.slow, self.slow, self.asked, self.cancelled,
                                             self.task, self.task, self.news, self.broadcast, self.delete])
                try:
                    action()
                    self.world.count(action.__name__)
                except Broken:
                    self.world.count("broken")
        except Exception as error:  # noqa: BLE001, a fault of whatever kind must not go unseen
            self.fault(f"{type(error).__name__}: {error}")

    # ---- HTTP

    def open(self, method, headers, body=None):
        return send(self.random.choice(self.world.instances).port, method, headers, body)

    def headers(self):
        return headers_of(self.session)

    def post(self, message, headers=None):
        """Status, headers and body, from whichever instance; asks again where it is told to."""
        until = time.monotonic() + PATIENCE
        while True:
            connection, response = self.open("POST", headers or self.headers(), json.dumps(message))
            try:
                body = response.read().decode()
            except (OSError, http.client.HTTPException) as error:
                raise Broken from error
            finally:
                connection.close()
            if response.status != 503:
                return response, body
            self.world.count("503")
            if time.monotonic() > until:
                raise RuntimeError(f"503 for {PATIENCE} s: {body}")
            time.sleep(0.1)

    def request(self, method, params, **more):
        self.next += 1
        return {"jsonrpc": "2.0", "id": f"r{self.next}", "method": method, "params": params, **more}

    # ---- what a client does

    def initialize(self):
        self.session = None
        try:
            response, body = self.post(self.request("initialize", {
                "protocolVersion": "2025-11-25", "capabilities": {"elicitation": {}},
                "clientInfo": {"name": "chaos", "version": "1"}}))
        except Broken:
            return time.sleep(0.05)
        if response.status != 200:
            return self.fault(f"initialize: {response.status} {body}")
        self.session = response.headers["Mcp-Session-Id"]
        return None

    def known(self, response, body, what):
        if response.status == 404:
            self.fault(f"{what}: the session is lost: {body}")
            self.session = None
            return False
        if response.status not in (200, 202):
            self.fault(f"{what}: {response.status} {body}")
            return False
        return True

    def quick(self):
        message = self.request("ping", {})
        response, body = self.post(message)
        if self.known(response, body, "ping") and json.loads(body).get("id") != message["id"]:
            self.fault(f"ping: {body}")

    def slow(self):
        seconds = self.random.choice([0.01, 0.1, 0.5])
        self.follow(self.request("tools/call", {"name": "slow_compute", "arguments": {"seconds": seconds},
                                                "_meta": {"progressToken": 1}}), leave=self.random.random() < 0.6)

    def asked(self):
        self.follow(self.request("tools/call", {"name": "test_elicitation", "arguments": {"message": "?"}}),
                    leave=self.random.random() < 0.3)

    def follow(self, message, leave):
        """Reads until the answer is there, over as many connections as it takes."""
        connection, response = self.open("POST", self.headers(), json.dumps(message))
        seen, answers, last = set(), [], None
        until = time.monotonic() + PATIENCE
        while True:
            ended = False
            if response.status == 503:
                time.sleep(0.1)
            elif response.status in (400, 204):
                connection.close()
                if answers or response.status == 400:
                    break
                return self.fault(f"{message['id']}: nothing is left, and there was no answer")
            elif response.status != 200:
                body = response.read().decode()
                connection.close()
                return self.known(response, body, "call")
            elif response.headers["Content-Type"].startswith("application/json"):
                answers.append(json.loads(response.read()))
                ended = True
            else:
                last, ended = self.read(response, message["id"], seen, answers, last, leave, until)
                leave = False
            connection.close()
            if ended or answers:
                break
            if last is None:
                raise Broken  # the server may never have seen it
            if time.monotonic() > until:
                return self.fault(f"{message['id']}, {message['params']['name']}: no answer on the stream of {last} in "
                                  f"{PATIENCE} s, the last of it at {connection.port}")
            while True:
                try:
                    connection, response = self.open("GET", self.headers() | {"Accept": "text/event-stream",
                                                                              "Last-Event-ID": last})
                    break
                except Broken:
                    time.sleep(0.05)
        if len(answers) > 1:
            self.fault(f"{message['id']}: {len(answers)} answers: {answers}")
        if not answers:
            self.fault(f"{message['id']}: no answer, and nothing is left of the stream of {last}")
        elif answers[0].get("id") != message["id"]:
            self.fault(f"{message['id']}: the answer to another request: {answers[0]}")
        elif "error" in answers[0]:
            why = answers[0]["error"]["message"]
            if not any(word in why for word in ("is gone", "stops", "shutting down")):
                self.fault(f"{message['id']}: {answers[0]}")
            self.world.count("ended by others")
        return None

    def read(self, response, wanted, seen, answers, last, leave, until):
        """Events of one connection. Gives the last id, and whether the answer was there."""
        event, data = None, ""
        try:
            for raw in response:
                if time.monotonic() > until:  # a stream that only says that it lives
                    break
                line = raw.decode().rstrip("\r\n")
                if line.startswith("id:"):
                    event = line[3:].strip()
                elif line.startswith("data:"):
                    data += line[5:].strip()
                elif not line and event is not None:
                    if event in seen:
                        self.fault(f"{wanted}: event {event} came twice")
                    elif last and place_of(event) <= place_of(last):
                        self.fault(f"{wanted}: event {event} came after {last}")
                    elif last and place_of(event) > place_of(last) + 1:
                        self.world.count("events whose numbers say that others were lost")
                    seen.add(event)
                    last, message = event, json.loads(data) if data else {}
                    event, data = None, ""
                    if "method" in message and "id" in message:
                        self.reply(message)
                    elif "result" in message or "error" in message:
                        answers.append(message)
                        return last, True
                    if leave:
                        return last, False
        except (OSError, http.client.HTTPException, ValueError):
            pass
        return last, False

    def reply(self, question):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                response, body = self.post({"jsonrpc": "2.0", "id": question["id"],
                                            "result": {"action": "accept", "content": {"username": "u", "email": "e@e.e"}}})
                self.known(response, body, "answer")
                return
            except Broken:
                time.sleep(0.05)

    def cancelled(self):
        message = self.request("tools/call", {"name": "slow_compute", "arguments": {"seconds": 20},
                                              "_meta": {"progressToken": 1}})
        connection, response = self.open("POST", self.headers(), json.dumps(message))
        try:
            if response.status != 200:
                return
            response.readline()
            for _ in range(5):
                self.post({"jsonrpc": "2.0", "method": "notifications/cancelled",
                           "params": {"requestId": message["id"], "reason": "chaos"}})
                wait_at_most(response, 3)
                try:
                    rest = response.read().decode()
                    if '"result"' in rest:
                        self.fault(f"{message['id']}: a cancelled call has a result")
                    return
                except TimeoutError:
                    self.world.count("cancelled again")
            self.fault(f"{message['id']}: a cancelled call goes on")
        except (OSError, http.client.HTTPException) as error:
            raise Broken from error
        finally:
            connection.close()

    def modern(self, method, params, name):
        message = self.request(method, params | {"_meta": MODERN})
        response, body = self.post(message, headers_of(method=method, name=name))
        if response.status != 200:
            self.fault(f"{method}: {response.status} {body}")
            return {}
        return answer_in(body) or {}

    def task(self):
        seconds = self.random.choice([0.05, 0.3, 1.0])
        created = self.modern("tools/call", {"name": "slow_compute", "arguments": {"seconds": seconds}}, "slow_compute")
        task = created.get("result", {}).get("taskId")
        if task is None:
            return self.fault(f"task: {created}")
        ends, until, cancelled = set(), time.monotonic() + PATIENCE, self.random.random() < 0.2
        while len(ends) < 1 or self.random.random() < 0.7:
            if time.monotonic() > until:
                return self.fault(f"task {task}: works for ever")
            try:
                if cancelled:
                    cancelled = False
                    self.modern("tasks/cancel", {"taskId": task}, task)
                answer = self.modern("tasks/get", {"taskId": task}, task)
            except Broken:
                time.sleep(0.05)
                continue
            status = answer.get("result", {}).get("status")
            if status in ("completed", "failed", "cancelled"):
                ends.add(status)
            elif status is None:
                if not self.world.redis_was_lost:
                    self.fault(f"task {task}: {answer}")
                self.world.count("task lost with Redis and its instance")
                return None
            elif ends:
                self.fault(f"task {task}: {status} after {ends}")
            time.sleep(0.02)
        if len(ends) > 1:
            self.fault(f"task {task}: ends: {ends}")
        return None

    def news(self):
        """Opens the stream for what belongs to no request, and comes back to it elsewhere."""
        last = None
        for _ in range(2):
            headers = self.headers() | {"Accept": "text/event-stream"}
            if last:
                headers["Last-Event-ID"] = last
            connection, response = self.open("GET", headers)
            if response.status == 404:
                self.known(response, response.read().decode(), "listen")
            elif response.status == 200:
                try:
                    last = re.sub("^id: *", "", response.readline().decode().strip()) or None
                except OSError:
                    last = None
            connection.close()

    def broadcast(self):
        """What an operator sends to all through one instance is heard once by whoever listens at another."""
        calm = self.world.calm_since
        connection, response = self.open("GET", self.headers() | {"Accept": "text/event-stream"})
        if response.status != 200:
            body = response.read().decode()
            connection.close()
            if response.status != 503:  # Redis is away, and the session is another instance's
                self.known(response, body, "listen")
            return
        self.next += 1
        text = f"broadcast {self.number} {self.next}"
        heard, seen, until = 0, set(), time.monotonic() + PATIENCE
        try:
            response.readline()  # the stream is there
            answer, body = ask(self.random.choice(self.world.instances).port, "POST", {"Content-Type": "application/json"},
                               {"message": text}, "/broadcast")
            if answer.status not in (200, 202):
                return self.fault(f"broadcast: {answer.status} {body}")
            # A little longer than until it is there: it might come twice.
            while time.monotonic() < until:
                line = response.readline().decode()
                if not line:
                    break
                if line.startswith("id:"):
                    if line in seen:
                        self.fault(f"event {line.strip()} came twice")
                    seen.add(line)
                if text in line:
                    heard += 1
                    wait_at_most(response, 0.3)
        except (OSError, http.client.HTTPException, ValueError):
            pass
        finally:
            connection.close()
        if heard > 1:
            self.fault(f"{text}: heard {heard} times")
        if not heard:
            if calm is not None and calm == self.world.calm_since:
                self.fault(f"{text}: not heard, though nothing was broken")
            self.world.count("broadcast lost with what was broken")
        return None

    def delete(self):
        if self.random.random() < 0.8:
            return
        session, headers = self.session, self.headers()
        self.session = None
        connection, response = self.open("DELETE", headers)
        status = response.status
        connection.close()
        if status == 503:
            return
        if status not in (200, 204, 404):
            self.fault(f"delete: {status}")
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            response, body = self.post({"jsonrpc": "2.0", "id": "p", "method": "ping"}, headers)
            if response.status == 404:
                return
            time.sleep(0.1)
        self.fault(f"delete: session {session} lives on")


def wait_at_most(response, seconds):
    """For whatever is read of it next. Its connection has let go of the socket if the server wants that closed."""
    if response.fp is not None:
        response.fp.raw._sock.settimeout(seconds)  # pylint: disable=protected-access


def place_of(event):
    """An event's number in its stream."""
    return int(event.rsplit("_", 1)[1])


ACTIONS = {action.__name__ for action in (Client.quick, Client.slow, Client.asked, Client.cancelled, Client.task,
                                          Client.news, Client.broadcast, Client.delete)}


class World:
    def __init__(self, binary, plugins, seed, clients, failover):
        self.seed, self.random = seed, random.Random(seed)
        self.root = tempfile.mkdtemp(prefix="tenon-chaos-")
        self.over, self.lock = threading.Event(), threading.Lock()
        self.faults, self.counts, self.redis_was_lost = [], {}, False
        self.log = open(f"{self.root}/log", "wb")
        self.calm_since = time.monotonic()  # None while something is broken, or may not have recovered yet
        self.pair = Pair(self.root) if failover else None
        self.redis = None if failover else Redis(self.root)
        url = self.pair.url() if failover else f"redis://127.0.0.1:{self.redis.port}"
        self.instances = [Instance(name, [
            binary, f"--plugins.directory={plugins}", f"--cluster.redis={url}",
            f"--cluster.instance={name}", f"--cluster.leaseMs={int(LEASE * 1000)}", "--cluster.timeoutMs=300",
            f"--control.directory={self.root}/{name}", "--limits.share=100", f"--mcp.taskTtlMs={KEPT * 1000}",
            f"--mcp.requestStateMs={KEPT * 1000}", f"--timeouts.sessionMs={KEPT * 1000 * 2 // 3}",  # and half as much
            "--timeouts.drainMs=3000", "--log.level=information"], self.log) for name in ("one", "two", "three")]
        self.clients = [Client(self, number) for number in range(clients)]

    def fault(self, text):
        with self.lock:
            self.faults.append(text)

    def count(self, what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def break_something(self):
        what = self.random.choice(["kill", "stop", "freeze Redis", "fail over" if self.pair else "restart Redis", "hang"])
        self.count("! " + what)
        self.calm_since = None
        if what == "kill":
            instance = self.random.choice(self.instances)
            instance.kill()
            time.sleep(self.random.uniform(0, 2 * LEASE))
            instance.start()
        elif what == "stop":
            instance = self.random.choice(self.instances)
            instance.process.terminate()
            if instance.process.wait(PATIENCE) != 0:
                self.fault(f"{instance.name} ended with {instance.process.returncode}")
            instance.start()
        elif what == "freeze Redis":
            self.redis_was_lost = True
            redis = self.pair.master() if self.pair else self.redis
            redis.freeze()
            time.sleep(self.random.uniform(0.1, 2))
            redis.thaw()
            if self.pair:
                self.pair.settle()  # Sentinel may have taken it for gone
        elif what == "fail over":
            self.redis_was_lost = True
            self.pair.fail_over()
        elif what == "restart Redis":
            self.redis_was_lost = True
            self.redis.kill()
            time.sleep(self.random.uniform(0, 1))
            self.redis.start()
        else:
            instance = self.random.choice(self.instances)
            instance.process.send_signal(signal.SIGSTOP)
            time.sleep(self.random.uniform(0.1, 2 * LEASE))
            instance.process.send_signal(signal.SIGCONT)
        time.sleep(2 * LEASE + 1)  # one misfortune at a time: what was lost is written again by then
        self.calm_since = time.monotonic()
        time.sleep(LEASE)

    def check_redis(self, patient):
        """Once the instances have ended nothing is written any more, and what there is has its time."""
        redis = self.pair.master() if self.pair else self.redis
        for fault in too_long(redis, KEPT + LEASE) + (emptied(redis, KEPT + 2 * LEASE) if patient else []):
            self.fault(fault)

    def done(self):
        with self.lock:
            return sum(count for what, count in self.counts.items() if what in ACTIONS)

    def run(self, seconds, actions, calm):
        for client in self.clients:
            client.start()
        until = time.monotonic() + seconds
        while (self.done() < actions if actions else time.monotonic() < until) and len(self.faults) < 20:
            if calm:
                time.sleep(0.5)
            else:
                self.break_something()
        self.over.set()
        for client in self.clients:
            client.join(3 * PATIENCE)
            if client.is_alive():
                self.fault(f"client {client.number} hangs")
        for instance in self.instances:
            instance.process.terminate()
            if instance.process.wait(PATIENCE) != 0:
                self.fault(f"{instance.name} ended with {instance.process.returncode}")
        self.check_redis(patient=bool(actions))

    def close(self):
        for instance in self.instances:
            instance.process.kill()
        (self.pair or self.redis).kill()
        self.log.close()
        if self.faults:
            print(f"what the instances said is in {self.root}/log")
        else:
            shutil.rmtree(self.root, ignore_errors=True)


def main(arguments):
    options = dict(argument[2:].partition("=")[::2] for argument in arguments if argument.startswith("--"))
    binary, plugins = [argument for argument in arguments if not argument.startswith("--")]
    seed = int(options.get("seed") or random.randrange(1_000_000))
    print(f"seed {seed}", flush=True)
    world = World(binary, plugins, seed, int(options.get("clients", 8)), "failover" in options)
    try:
        world.run(float(options.get("seconds", 20)), int(options.get("actions", 0)), "calm" in options)
    finally:
        world.close()
    for what, count in sorted(world.counts.items()):
        print(f"{count:8} {what}")
    for fault in world.faults[:40]:
        print(fault, file=sys.stderr)
    return 1 if world.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
