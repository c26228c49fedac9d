#!/usr/bin/env python3
"""Takes Redis away from two instances in every way, and an instance from Redis: the table of docs/operations.md, line by line.

    outage.py TENON PLUGINS [--failover]

With `--failover` Sentinel makes another Redis the master.
Ends with 1 at the first line that does not hold.
"""
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
    def __init__(self, binary, plugins, failover=False):
        self.root = tempfile.mkdtemp(prefix="tenon-outage-")
        self.log = open(f"{self.root}/log", "wb")
        self.redis = Redis(self.root)
        self.others = []
        address = f"redis://127.0.0.1:{self.redis.port}"
        if failover:
            replica = Replica(self.root, self.redis)
            self.others = [replica, Sentinel(self.root, self.redis)]
            eventually("a replica that follows", lambda: replica.ask("ROLE")[3] == "connected")
            address = f"redis+sentinel://127.0.0.1:1,127.0.0.1:{self.others[1].port}/mymaster"
        self.one, self.two = [Instance(name, [
            binary, f"--plugins.directory={plugins}", f"--cluster.redis={address}",
            f"--cluster.instance={name}", f"--cluster.leaseMs={int(LEASE * 1000)}",
            f"--cluster.timeoutMs={int(REDIS_PATIENCE * 1000)}", f"--control.directory={self.root}/{name}",
            "--limits.share=100", *more], self.log) for name, more in (("one", []), ("two", ["--cluster.required=true"]))]

    def close(self):
        for process in [part.process for part in (self.one, self.two, self.redis, *self.others)]:
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


def main(arguments):
    failover = "--failover" in arguments
    world = World(*[argument for argument in arguments if argument != "--failover"], failover)
    redis = world.redis
    try:
        if failover:
            failed_over(world)
            return 0
        for what, away, back, empty in (("Redis is stopped (SIGSTOP)", redis.freeze, redis.thaw, False),
                                        ("Redis is killed, and comes back empty", redis.kill, redis.start, True)):
            print(what, flush=True)
            redis_away(world, away, back, empty)
        print("an instance is killed", flush=True)
        instance_killed(world)
        print("an instance hangs", flush=True)
        instance_hangs(world)
    except AssertionError as error:
        print(f"FAILED: {error}", file=sys.stderr)
        with open(f"{world.root}/log", errors="replace") as log:
            print("".join(log.readlines()[-30:]), file=sys.stderr)
        return 1
    finally:
        world.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
