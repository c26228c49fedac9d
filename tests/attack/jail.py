"""Code that tries by system calls whatever could reach beyond its process, in a pool of jailed workers, beside clients of
a good tool of the same plugin."""

import os
import resource
import socket
import tempfile
import time

from server import OWN_NUMBER, SANITIZED, SECONDS, Clients, Server, run


def look(folder, process):
    """All that must not change."""
    files = {}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        status = os.lstat(path)
        attributes = os.listxattr(path, follow_symlinks=False)
        files[name] = (status.st_mode, status.st_uid, status.st_gid, status.st_size, status.st_mtime_ns, status.st_ctime_ns,
                       tuple(attributes))
    limits = {name: resource.prlimit(process, getattr(resource, name)) for name in dir(resource)
              if name.startswith("RLIMIT_")}
    return (files, limits, os.sched_getaffinity(process), os.sched_getscheduler(process),
            os.getpriority(os.PRIO_PROCESS, process))


def who_tries_all_gets_nothing():
    if SANITIZED:
        return  # what a sanitizer needs, a jail forbids
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "file"), "w") as file:
            file.write("content")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.bind(os.path.join(folder, "socket"))
        listener.setblocking(False)
        name = "plugin.hostile_syscalls."
        settings = {name + "isolation": "process", name + "workers": "4", name + "sandbox.network": "false",
                    name + "victim": OWN_NUMBER, name + "outside": folder, name + "secret": "SERVERS_SECRET"}
        with Server(settings, ["hostile_syscalls"], environment={"SERVERS_SECRET": "key"}) as server:
            process = server.process.pid
            before = look(folder, process)
            with Clients(server, 20, "attacks_not", {}):
                until, rounds = time.monotonic() + SECONDS, 0
                while time.monotonic() < until or rounds < 20:
                    rounds += 1
                    status, answer = server.rpc("tools/call", {"name": "attack", "arguments": {}}, source="127.0.6.1")
                    text = answer["result"]["content"][0]["text"]
                    count, _, got = text.partition(" attempts, got:")
                    assert status == 200 and int(count) >= 60 and got == "", text
            assert look(folder, process) == before, "something outside has changed"
            try:
                raise AssertionError(f"a message came out: {listener.recv(100)}")
            except BlockingIOError:
                pass
        listener.close()


run(who_tries_all_gets_nothing)
