#!/usr/bin/env python3
"""Cuts the network between two instances and Redis, in every way a network has: the table of docs/operations.md again.

    cut.py TENON PLUGINS

Redis itself runs on. Ends with 1 at the first line that does not hold.
"""
import socket
import struct
import sys
import threading
import time

from outage import REDIS_PATIENCE, World, check, ready, redis_away, tried
from parts import eventually, initialize, legacy, modern


class Way:
    """A way to Redis that can be cut. Whatever is said of it holds for the connections there are, and for new ones."""

    def __init__(self, to):
        self.to, self.state, self.connections = to, "open", []
        self.lock, self.changed = threading.Lock(), threading.Condition()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            if self.state == "refused":
                self.abort(near)
                continue
            far = socket.create_connection(("127.0.0.1", self.to))
            for each in (near, far):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.connections += [near, far]
            for come, go in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(come, go), daemon=True).start()

    def carry(self, come, go):
        lost = False  # part of what was sent: nothing that follows can be understood
        try:
            while data := come.recv(65536):
                if self.state == "slow":
                    time.sleep(0.2)
                with self.changed:
                    self.changed.wait_for(lambda: self.state != "held")
                lost = lost or self.state == "lost"
                if not lost:
                    go.sendall(data)
        except OSError:
            pass
        with self.changed:
            self.changed.wait_for(lambda: self.state not in ("held", "lost"))
        for each in (come, go):
            each.close()

    @staticmethod
    def abort(connection):
        try:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.shutdown(socket.SHUT_RDWR)  # or who reads it would hold it
        except OSError:
            pass  # its end has come by itself
        connection.close()

    def become(self, state):
        with self.changed:
            self.state = state
            self.changed.notify_all()
        if state != "refused":
            return
        with self.lock:
            connections, self.connections = self.connections, []
        for each in connections:
            self.abort(each)


def slow(world):
    """200 ms a packet: nothing that an instance can do by itself takes longer, and nobody is taken to be gone."""
    one, two = world.one, world.two
    here, there = initialize(one.port), initialize(two.port)
    world.way.become("slow")
    slowest, until = 0.0, time.monotonic() + 2 * REDIS_PATIENCE
    while time.monotonic() < until:
        begun = time.monotonic()
        response, body = modern(one.port, "tools/list", {})
        if response.status != 200:
            raise AssertionError(f"a modern request: {response.status} {body}")
        response, body = legacy(one.port, here, "ping")
        if response.status != 200:
            raise AssertionError(f"a session that is here: {response.status} {body}")
        slowest = max(slowest, time.monotonic() - begun)
        time.sleep(0.02)
    check("modern requests and sessions that are here: no error, and none waits for Redis", slowest < 0.2, f"{slowest:.2f} s")
    eventually("a session of another instance", lambda: legacy(one.port, there, "ping")[0].status == 200)
    check("a session of another instance is found", True)
    check("/ready says ready", ready(two)[0] == 200 and "degraded" not in ready(one)[1], f"{ready(one)} {ready(two)}")
    world.way.become("open")


def cuts(world):
    way = world.way
    for what, state in (("the way is cut, and what is under way waits", "held"),
                        ("what is under way is lost, and nobody is told", "lost"),
                        ("connections are reset, and no new ones made", "refused")):
        print(what, flush=True)
        redis_away(world, lambda s=state: way.become(s), lambda: way.become("open"), False)
    print("the way is slow", flush=True)
    slow(world)


def main(arguments):
    return tried(World(*arguments, way=Way), cuts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
