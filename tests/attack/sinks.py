"""Logs that cannot be written, or that nobody reads: the server goes on, and everybody has their answer."""

import fcntl
import os
import select
import signal
import time

from server import SECONDS, Clients, Server, run

NOISY = {"log.level": "debug", "ops.accessLog": "json"}


def calls_go_on(settings, **more):
    with Server({**NOISY, **settings}, ["echo"], **more) as server, Clients(server, 8) as clients:
        time.sleep(SECONDS)
        assert clients.calls > 8, "nobody is served"


def a_full_disk_ends_nothing():
    # The device takes nothing: every write fails as on a disk that is full.
    calls_go_on({"log.file": "/dev/full", "log.rotation": "never"})


def a_full_disk_of_the_access_log_ends_nothing():
    calls_go_on({"ops.accessLogFile": "/dev/full", "ops.accessLogRotation": "never"}, ending=signal.SIGKILL)


def a_terminal_that_nobody_reads_stops_nothing():
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    try:
        calls_go_on({}, output=writing)
        assert not select.select([], [writing], [], 0)[1], "it is not full"
    finally:
        os.close(reading)
        os.close(writing)


run(a_full_disk_ends_nothing, a_full_disk_of_the_access_log_ends_nothing, a_terminal_that_nobody_reads_stops_nothing)
