#!/usr/bin/env python3
"""What conf/cluster describes, without containers: the settings of its compose.yaml, its nginx.conf with the addresses of here.

    compose.py TENON PLUGINS CONF

Clients work through nginx, each request at whatever instance, while the instances are stopped (SIGTERM) and started again one
after the other: no request fails, no session is lost. Ends with 1 and the faults, if there were any.
"""
import hashlib
import http.client
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from parts import CREDENTIALS, Instance, Redis, answer_in, free_port, initialize, legacy, modern, verdict

CLIENTS = 4
TOKEN = "a-token-of-this-test"


class Client(threading.Thread):
    def __init__(self, port, over):
        super().__init__(daemon=True)
        self.port, self.over, self.done, self.faults = port, over, 0, []

    def run(self):
        try:
            session = initialize(self.port)
            while not self.over.is_set():
                for response, body in (legacy(self.port, session, "ping"), modern(self.port, "tools/list", {}),
                                       legacy(self.port, session, "tools/list")):
                    self.done += 1
                    if response.status != 200 or "result" not in (answer_in(body) or {}):
                        self.faults.append(f"{response.status} {body[:300]}")
        except Exception as error:  # noqa: BLE001, a fault of whatever kind must not go unseen
            self.faults.append(f"{type(error).__name__}: {error}")


def settings_of(compose, redis):
    """The command of the service, with the addresses of here and the hash of our token."""
    settings = re.findall(r"^\s+- (--\S+?=.*)$", compose, re.MULTILINE)
    there = {"--http.host": "127.0.0.1", "--cluster.redis": f"redis://127.0.0.1:{redis.port}/0",
             "--auth.token.compose.sha256": hashlib.sha256(TOKEN.encode()).hexdigest()}
    given = dict(setting.split("=", 1) for setting in settings)
    if not there.keys() <= given.keys():
        raise RuntimeError(f"compose.yaml gives the service {given}")
    return [f"{key}={value}" for key, value in (given | there).items()]


def nginx_conf(text, root, port, instances):
    """The file with what cannot be the same here: names, ports, and folders that are to be written to."""
    servers = "\n".join(f"server 127.0.0.1:{instance.port} \\1" for instance in instances)
    for what, by in ((r"^.*resolver .*$", ""), (r"^\s*server tenon:8080 resolve(.*)$", servers),
                     (r"listen 8080;", f"listen 127.0.0.1:{port};"),
                     (r"^http \{", "http { access_log off; " + " ".join(
                         f"{kind}_temp_path {root}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")))):
        text, count = re.subn(what, by, text, flags=re.MULTILINE)
        if count != 1:
            raise RuntimeError(f"nginx.conf has {count} times {what}")
    return text


def main(arguments):
    binary, plugins, conf = arguments
    root = tempfile.mkdtemp(prefix="tenon-compose-")
    processes, faults, over = [], [], threading.Event()
    CREDENTIALS["Authorization"] = f"Bearer {TOKEN}"
    with open(f"{root}/log", "wb") as log:
        try:
            redis = Redis(root)
            processes.append(redis)
            with open(f"{conf}/compose.yaml", encoding="utf-8") as file:
                settings = settings_of(file.read(), redis)
            instances = []
            for number in range(3):
                instances.append(Instance(f"number {number}", [binary, f"--plugins.directory={plugins}", *settings,
                                                               f"--control.directory={root}/{number}"], log))
                processes.append(instances[-1])
            port = free_port()
            with open(f"{conf}/nginx.conf", encoding="utf-8") as file:
                text = nginx_conf(file.read(), root, port, instances)
            with open(f"{root}/nginx.conf", "w", encoding="utf-8") as file:
                file.write(text)
            nginx = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-p", root, "-c", f"{root}/nginx.conf", "-e",
                                      f"{root}/nginx.log", "-g", f"daemon off; pid {root}/pid; error_log {root}/nginx.log;"])
            until = time.monotonic() + 20
            while time.monotonic() < until:
                try:
                    http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
                    break
                except OSError:
                    time.sleep(0.05)
            clients = [Client(port, over) for _ in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(1)
            for instance in instances:
                instance.process.terminate()
                if instance.process.wait(60) != 0:
                    faults.append(f"{instance.name} ended with {instance.process.returncode}")
                time.sleep(0.5)
                instance.start()
                time.sleep(0.5)
            over.set()
            for client in clients:
                client.join(60)
                faults += client.faults
            print(f"{sum(client.done for client in clients)} requests, {len(faults)} failed")
            if any(client.done < 20 for client in clients):
                faults.append("a client did not get to work")
        finally:
            over.set()
            if "nginx" in locals():
                nginx.terminate()
                nginx.wait()
            for process in processes:
                process.kill()
    return verdict(faults, root)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
