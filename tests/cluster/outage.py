#!/usr/bin/env python3
"""Takes Redis away from two instances in every way, and an instance from Redis: the table of docs/operations.md, line by line.

    outage.py TENON PLUGINS [--failover]

With `--failover` Sentinel makes another Redis the master.
Ends with 1 at the first line that does not hold.
"""
import json
import shutil
import signal
import sys
import tempfile
import time

from parts import Instance, Redis, Replica, Sentinel, ask, answer_in, eventually, events_in, first_event, headers_of, initialize, legacy, modern, send

LEASE = 2.0
REDIS_PATIENCE = 2.5  # what would wait for Redis would be seen to
CALL = {"name": "slow_compute", "arguments": {"seconds": 0.01}}


def check(what, holds, shown=""):
    if not holds:
        raise AssertionError(f"{what}: {shown}")
    print(f"  {what}", flush=True)


class World:
    def __init__(self, binary, plugins, failover=False, way=None):
        """`way` makes what stands between the instances and Redis, from its port."""
        self.binary, self.plugins = binary, plugins
        self.root = tempfile.mkdtemp(prefix="tenon-outage-")
        self.log = open(f"{self.root}/log", "wb")
        self.redis = Redis(self.root)
        self.others = []
        self.way = way(self.redis.port) if way else None
        address = f"redis://127.0.0.1:{self.way.port if self.way else self.redis.port}"
        if failover:
            replica = Replica(self.root, self.redis)
            self.others = [replica, Sentinel(self.root, self.redis)]
            eventually("a replica that follows", lambda: replica.ask("ROLE")[3] == "connected")
            address = f"redis+sentinel://127.0.0.1:1,127.0.0.1:{self.others[1].port}/mymaster"
        self.address, self.instances = address, []
        self.one, self.two = self.instance("one"), self.instance("two", "--cluster.required=true")

    def instance(self, name, *more):
        self.instances.append(Instance(name, [
            self.binary, f"--plugins.directory={self.plugins}", f"--cluster.redis={self.address}",
            f"--cluster.instance={name}", f"--cluster.leaseMs={int(LEASE * 1000)}",
            f"--cluster.timeoutMs={int(REDIS_PATIENCE * 1000)}", f"--control.directory={self.root}/{name}",
            "--limits.share=100", *more], self.log))
        return self.instances[-1]

    def close(self):
        for process in [part.process for part in (*self.instances, self.redis, *self.others)]:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()
        self.log.close()
        shutil.rmtree(self.root, ignore_errors=True)


def ready(instance):
    response, body = ask(instance.port, "GET", {}, path="/ready")
    return response.status, body


def begin_call(port, session, number, seconds):
    """A call that has said something; the connection and the id of that event."""
    connection, response = send(
        port, "POST", headers_of(session),
        f'{{"jsonrpc":"2.0","id":"{number}","method":"tools/call","params":{{"name":"slow_compute",'
        f'"arguments":{{"seconds":{seconds}}},"_meta":{{"progressToken":1}}}}}}')
    return connection, first_event(response)


def resume(port, session, event):
    return ask(port, "GET", headers_of(session) | {"Accept": "text/event-stream", "Last-Event-ID": event})


def answers(body, number):
    return [message for _, message in events_in(body) if message.get("id") == number and "method" not in message]


def redis_away(world, away, back, empty):
    one, two = world.one, world.two
    here, there = initialize(one.port), initialize(one.port)
    connection, event = begin_call(one.port, here, "before", 0.3)
    connection.close()
    away()
    slowest = 0.0
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        for instance in (one, two):
            begun = time.monotonic()
            response, body = modern(instance.port, "tools/list", {})
            slowest = max(slowest, time.monotonic() - begun)
            if response.status != 200:
                raise AssertionError(f"a modern request: {response.status} {body}")
    check("requests of 2026-07-28: no error", True)
    check("and none waits for Redis", slowest < REDIS_PATIENCE / 2, f"{slowest:.2f} s")
    for what, params in (("ping", {}), ("tools/call", CALL)):
        response, body = legacy(one.port, here, what, params)
        check(f"{what} of a session that is here", response.status == 200, f"{response.status} {body}")
    response, body = resume(one.port, here, event)
    check("its stream is resumed, and has its answer", len(answers(body, "before")) == 1, f"{response.status} {body}")
    meanwhile = initialize(one.port)
    check("a new session is opened", meanwhile is not None)
    response, body = legacy(two.port, there, "ping")
    check("a session of another instance: 503", response.status == 503, f"{response.status} {body}")
    check("with Retry-After", response.headers["Retry-After"] is not None, str(response.headers))
    response, body = end_as_operator(two.port, there)
    check("an operator cannot end it there: 503", response.status == 503 and response.headers["Retry-After"],
          f"{response.status} {body}")
    eventually("degraded", lambda: ready(one) == (200, ready(one)[1]) and "degraded" in ready(one)[1], 2 * REDIS_PATIENCE)
    check("/ready says degraded, with 200", True)
    check("and 503 where Redis is required", ready(two)[0] == 503, ready(two))
    connection, event = begin_call(one.port, here, "meanwhile", 0.1)
    connection.close()
    back()
    eventually("ready again", lambda: ready(two)[0] == 200 and "degraded" not in ready(two)[1] + ready(one)[1])
    for session, what in ((there, "a session from before"), (meanwhile, "one that was opened meanwhile")):
        eventually(what, lambda s=session: legacy(two.port, s, "ping")[0].status == 200)
        check(f"{what} is found by others", True)
    eventually("the stream", lambda: resume(two.port, here, event)[0].status != 503)
    check("what a call of meanwhile answered is found", len(answers(resume(two.port, here, event)[1], "meanwhile")) in (0, 1))
    if empty:
        check("all was written again", world.redis.ask("KEYS", "tenon:s:*"), "no session")
    for key in world.redis.ask("KEYS", "*"):
        if world.redis.ask("PTTL", key) == -1:
            raise AssertionError(f"{key} has no TTL")


def end_as_operator(port, session):
    return ask(port, "DELETE", {}, path=f"/stats/sessions/{session}")


def ended_by_an_operator(world):
    one, two = world.one, world.two
    session = initialize(one.port)
    check("where it has never been", end_as_operator(two.port, session)[0].status == 204)
    check("it has ended for all", [legacy(at.port, session, "ping")[0].status for at in (one, two)] == [404, 404])
    name, epoch, rest = session.split(".")
    for what, unknown in (("it again", session), ("one that an instance never gave", f"{name}.{epoch}.{rest[::-1]}"),
                          ("one of an instance that is no more", f"{name}.{'0' * len(epoch)}.{rest}")):
        # Whoever has it might be about to write it into a Redis that has just been started.
        eventually(what, lambda u=unknown: [end_as_operator(at.port, u)[0].status for at in (one, two)] == [404, 404], 3 * LEASE)
        check(f"{what}: 404", True)
    connection, response = send(one.port, "GET", {"Accept": "text/event-stream"}, path="/sse")
    shown = json.loads(ask(one.port, "GET", {}, path="/stats")[1])["connections"]
    session = next(each["id"] for each in shown if each["transport"] == "http+sse")
    check("one over HTTP+SSE, at another instance", end_as_operator(two.port, session)[0].status == 204)
    response.read()  # until the stream ends
    connection.close()
    check("its stream ends", True)


def instance_killed(world):
    one, two = world.one, world.two
    session = initialize(one.port)
    connection, finished = begin_call(one.port, session, "finished", 0.05)
    connection.close()
    time.sleep(0.5)
    connection, running = begin_call(one.port, session, "running", 60)
    response, body = modern(one.port, "tools/call", {"name": "slow_compute", "arguments": {"seconds": 60}}, "slow_compute")
    task = answer_in(body)["result"]["taskId"]
    eventually("its events are in Redis", lambda: world.redis.ask("KEYS", "tenon:e:*"))
    one.kill()
    killed = time.monotonic()
    eventually("one answer", lambda: len(answers(resume(two.port, session, running)[1], "running")) == 1, 3 * LEASE)
    check(f"its call ends with one error, {time.monotonic() - killed:.1f} s later", True)
    first = resume(two.port, session, running)[1]
    check("the same to whoever asks again", first == resume(two.port, session, running)[1] and "is gone" in first, first)
    check("a finished result is replayed", '"result"' in resume(two.port, session, finished)[1])
    _, body = modern(two.port, "tasks/get", {"taskId": task}, task)
    check("its task has failed", answer_in(body)["result"]["status"] == "failed", body)
    check("the session goes on", legacy(two.port, session, "ping")[0].status == 200)
    one.start()
    eventually("the new start", lambda: legacy(one.port, session, "ping")[0].status == 200)
    check("at the new start, too", True)


def instance_hangs(world):
    one, two = world.one, world.two
    session = initialize(one.port)
    connection, event = begin_call(one.port, session, "hangs", 30)
    connection.close()
    one.process.send_signal(signal.SIGSTOP)
    eventually("one answer", lambda: len(answers(resume(two.port, session, event)[1], "hangs")) == 1, 4 * LEASE)
    one.process.send_signal(signal.SIGCONT)
    check("what others answered in its place stays", "is gone" in resume(two.port, session, event)[1])
    eventually("back", lambda: legacy(one.port, session, "ping")[0].status == 200)
    check("and it goes on", True)


def failed_over(world):
    one, two = world.one, world.two
    session = initialize(one.port)
    world.redis.kill()
    check("requests of 2026-07-28: no error", modern(two.port, "tools/list", {})[0].status == 200)
    check("a session that is here goes on", legacy(one.port, session, "ping")[0].status == 200)
    eventually("the other is the master", lambda: world.others[0].ask("ROLE")[0] == "master")
    eventually("ready again", lambda: ready(two)[0] == 200 and "degraded" not in ready(two)[1] + ready(one)[1])
    check("the instances go on with the new master", True)
    eventually("the session elsewhere", lambda: legacy(two.port, session, "ping")[0].status == 200)
    check("a session is found by others", True)
    new = initialize(one.port)
    # Sentinel ends all connections to the new master once more.
    eventually("a new one, too", lambda: legacy(two.port, new, "ping")[0].status == 200)
    eventually("in the new master", lambda: world.others[0].ask("KEYS", f"tenon:s:{new}"))
    check("a new one too, in the new master", True)


def two_masters(world):
    """A master that stood still serves on after the failover, until a Sentinel comes round to it, seconds later."""
    print("two masters", flush=True)
    old, (new, sentinel) = world.redis, world.others
    old.freeze()
    eventually("another master", lambda: new.ask("ROLE")[0] == "master")
    eventually("Sentinel says so", lambda: sentinel.ask("SENTINEL", "get-master-addr-by-name", "mymaster")[1] == str(new.port))
    old.thaw()
    three = world.instance("three")
    until, found = time.monotonic() + 3, 0
    while time.monotonic() < until:
        session = initialize(world.one.port)
        response, body = legacy(three.port, session, "ping")
        if response.status == 404:
            raise AssertionError(f"a session of an instance that had to do with the old master: {body}")
        found += response.status == 200
        time.sleep(0.1)
    check("no session is lost between two masters", found > 0, found)


def tried(world, work):
    """Has `work` done, says what failed with what was logged last, and closes the world. The status to end with."""
    try:
        work(world)
    except AssertionError as error:
        print(f"FAILED: {error}", file=sys.stderr)
        with open(f"{world.root}/log", errors="replace") as log:
            print("".join(log.readlines()[-30:]), file=sys.stderr)
        return 1
    finally:
        world.close()
    return 0


def outages(world):
    redis = world.redis
    print("an operator ends sessions", flush=True)
    ended_by_an_operator(world)
    for what, away, back, empty in (("Redis is stopped (SIGSTOP)", redis.freeze, redis.thaw, False),
                                    ("Redis is killed, and comes back empty", redis.kill, redis.start, True)):
        print(what, flush=True)
        redis_away(world, away, back, empty)
    print("an instance is killed", flush=True)
    instance_killed(world)
    print("an instance hangs", flush=True)
    instance_hangs(world)


def main(arguments):
    failover = "--failover" in arguments
    binary, plugins = [argument for argument in arguments if argument != "--failover"]
    # A failover leaves a world in which the parts have changed: each has its own.
    for work in (failed_over, two_masters) if failover else (outages,):
        if tried(World(binary, plugins, failover), work) != 0:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
