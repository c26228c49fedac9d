"""Ports for programs that have to be told one."""

import random
import socket


def free_port():
    """Of 127.0.0.1, from a range that the system gives to no connection by itself: it stays free until somebody listens."""
    while True:
        with socket.socket() as probe:
            port = random.randrange(25000, 30000)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
