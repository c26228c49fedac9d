#!/usr/bin/env python3
"""Stands in for `tenon`: three instances of it with Redis, behind nginx, round robin without stickiness.

    TENON_BINARY=... fleet.py [--http.port=0] [settings of tenon...]

Takes the settings of one server and says, as one does, where it listens; SIGTERM ends all of it, one instance after the
other. Fails if any of them did not end in order. Commands of tenon other than to serve go to the binary as they are.
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from parts import free_port

INSTANCES = 3
PATIENCE = 60


def wait_for_port(port, process):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{process.args[0]} does not listen")


class Instance:
    """One `tenon`; what it says goes on to standard error, after its name."""

    def __init__(self, name, command):
        self.name = name
        self.url = None
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.listening = threading.Event()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            found = re.search(r"Listening on (http://\S+)", line)
            if found:
                self.url = found.group(1)
                self.listening.set()
            # Who started us looks for the first address, or for that word.
            line = line.replace("Listening on ", "at ").replace("http://", "")
            print(f"{self.name}: {line}", end="", file=sys.stderr, flush=True)
        self.listening.set()

    def wait(self):
        if not self.listening.wait(PATIENCE) or self.url is None:
            raise RuntimeError(f"instance {self.name} does not listen")

    def port(self):
        return int(re.search(r":(\d+)/", self.url).group(1))


NGINX = """
daemon off;
worker_processes 1;
pid {root}/nginx.pid;
error_log {root}/nginx.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {root}/body;
    proxy_temp_path {root}/proxy;
    fastcgi_temp_path {root}/fastcgi;
    uwsgi_temp_path {root}/uwsgi;
    scgi_temp_path {root}/scgi;
    upstream tenon {{
{servers}
        keepalive 16;
    }}
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 16m;
        location / {{
            proxy_pass http://tenon;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_buffering off;
            proxy_request_buffering off;
            proxy_read_timeout 1h;
            proxy_next_upstream error timeout;
        }}
    }}
}}
"""


def main(arguments):
    binary = os.environ["TENON_BINARY"]
    if "--stdio" in arguments or any(not argument.startswith("--") for argument in arguments):
        os.execv(binary, [binary, *arguments])
    settings = [argument for argument in arguments if not argument.startswith("--http.port=")]
    ports = [argument for argument in arguments if argument.startswith("--http.port=")]
    root = tempfile.mkdtemp(prefix="tenon-fleet-")
    others, instances, ended = [], [], threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    failed = False
    try:
        redis = free_port()
        others.append(subprocess.Popen(
            ["redis-server", "--port", str(redis), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", root, "--loglevel", "warning"], stdout=subprocess.DEVNULL))
        wait_for_port(redis, others[-1])
        for name in ("one", "two", "three")[:INSTANCES]:
            instances.append(Instance(name, [
                binary, "--http.port=0", f"--cluster.redis=redis://127.0.0.1:{redis}", f"--cluster.instance={name}",
                f"--control.directory={root}/{name}", *settings]))
        for instance in instances:
            instance.wait()
        port = int(ports[0].split("=")[1]) if ports else 0
        port = port or free_port()
        with open(f"{root}/nginx.conf", "w", encoding="utf-8") as file:
            servers = "\n".join(f"        server 127.0.0.1:{instance.port()};" for instance in instances)
            file.write(NGINX.format(root=root, servers=servers, port=port))
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        others.append(subprocess.Popen([nginx, "-p", root, "-c", f"{root}/nginx.conf"], stderr=subprocess.DEVNULL))
        wait_for_port(port, others[-1])
        path = re.search(r"://[^/]+(/.*)", instances[0].url).group(1)
        print(f"Listening on http://127.0.0.1:{port}{path}", flush=True)
        while not ended.wait(0.2):
            for process in [instance.process for instance in instances] + others:
                if process.poll() is not None:
                    print(f"{process.args[0]} ended with {process.returncode}", file=sys.stderr)
                    failed = True
            if failed:
                break
    finally:
        for instance in instances:
            instance.process.send_signal(signal.SIGTERM)
            try:
                if instance.process.wait(PATIENCE) != 0:
                    print(f"instance {instance.name} ended with {instance.process.returncode}", file=sys.stderr)
                    failed = True
            except subprocess.TimeoutExpired:
                instance.process.kill()
                failed = True
        for process in others:
            process.terminate()
            process.wait()
        shutil.rmtree(root, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
