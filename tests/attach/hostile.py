"""Peers that mean harm, on the socket of the real server, while clients call a good program: hostile.py [SECONDS [KIND]...].

Each kind goes on for SECONDS. In the end every call of the good program has had its answer, the server is as large as before, and
holds nothing of those that went.
"""

import http.client
import json
import os
import pwd
import random
import signal
import socket
import struct
import sys
import tempfile
import threading
import time

from load import MODERN, PATIENCE, Clients, Server, free_port

HELLO, WELCOME, DENIED, CALL, READY, TITLE, UPDATED, HOST_LOG, FINISH = 48, 33, 34, 4, 64, 49, 79, 77, 69
PREPARE, PREPARED, SAVE, KEPT = 51, 35, 52, 36
MAX_BODY = 262144
MB = 1 << 20
GROWTH = 32 * MB  # half of limits.memoryMb: a heap that has been used (7 to 15 MB), not one that keeps what was sent
TOOLS = '[{"name": "deaf", "description": "Never answers", "inputSchema": {"type": "object"}}]'


def number(*values):
    return b"".join(struct.pack("<Q", value) for value in values)


def text(value):
    value = value if isinstance(value, bytes) else value.encode()
    return number(len(value)) + value


def frame(kind, body=b"", id=0, more=0, size=None):
    return struct.pack("<IBBHQ", len(body) if size is None else size, kind, more, 0, id) + body


def offer(tools="[]", manifest='{"name": "hostile", "version": "1"}'):
    return text(manifest) + text(tools) + text("") * 4 + number(0) * 5


def who(name="hostile", title="x", low=1, high=1, greeting="tenon-attach", key=None):
    return text(greeting) + number(low, high) + text(name) + text(title) + number(key or random.getrandbits(64), 1)


def hello(tools="[]", **what):
    return who(**what) + text("0") + text(offer(tools))


def in_pieces(kind, body):
    pieces = [body[at:at + MAX_BODY] for at in range(0, len(body), MAX_BODY)]
    return b"".join(frame(kind, piece, more=1) for piece in pieces[:-1]) + frame(kind, pieces[-1])


class Peer:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """False once the server has sent this peer away."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def read(self):
        """The next frame: type and body; None at the end."""
        try:
            header = self.socket.recv(16, socket.MSG_WAITALL)
            if len(header) < 16:
                return None
            size = struct.unpack("<I", header[:4])[0]
            body = self.socket.recv(size, socket.MSG_WAITALL) if size else b""
            return header[4], body
        except ConnectionResetError:
            return None

    def is_sent_away(self):
        while self.read():
            pass
        return True

    def greet(self, **what):
        self.send(frame(HELLO, hello(**what)))
        return self.read()


def strangers(server, until):
    """Bytes of any kind, before a greeting and behind it."""
    while time.monotonic() < until:
        with Peer(server.socket) as peer:
            if random.random() < 0.5:
                assert peer.greet(tools=TOOLS)[0] == WELCOME
            for _ in range(random.randrange(1, 20)):
                noise = random.randbytes(random.randrange(1, 400))
                good = frame(random.choice([random.randrange(256), HELLO, READY, TITLE, FINISH]), noise,
                             random.randrange(4))
                if not peer.send(random.choice([noise, good])):
                    break


def floods(server, until):
    """News without pause."""
    count = 0
    with Peer(server.socket) as peer:
        assert peer.greet(tools=TOOLS)[0] == WELCOME
        peer.socket.settimeout(0.2)
        while time.monotonic() < until:
            count += 1
            tools = json.dumps([{"name": f"flood_{count}", "inputSchema": {"type": "object"}}])
            news = [frame(HOST_LOG, number(3) + text("x" * 4000)), frame(TITLE, text(f"title {count}")),
                    frame(UPDATED, b"x://" + str(count).encode()), frame(READY, offer(tools)),
                    frame(99, b"?" * 1000)]
            try:
                peer.socket.sendall(b"".join(news))
            except TimeoutError:  # it is read slowly: a piece of a frame may be out
                break
            except OSError:
                break


def crowds(server, until):
    """More connections than may be there; most never say who they are."""
    while time.monotonic() < until:
        peers = []
        for _ in range(100):
            try:
                peers.append(Peer(server.socket))
            except OSError:
                break
        for peer in peers[::2]:
            peer.send(b"\0" * random.randrange(1, 16))
        time.sleep(0.05)
        for peer in peers:
            peer.socket.close()


def liars(server, until):
    """Sizes that are too large, texts longer than their frame, messages that never end."""
    while time.monotonic() < until:
        with Peer(server.socket) as peer:
            peer.send(frame(HELLO, b"x", size=MAX_BODY + 1))
            assert peer.is_sent_away()
        with Peer(server.socket) as peer:
            body = hello(tools=TOOLS)
            peer.send(frame(HELLO, body.replace(number(12), number(2 ** 63), 1)))
            assert peer.is_sent_away()
        with Peer(server.socket) as peer:
            peer.send(frame(HELLO, hello(tools="[" * 5000)))
            assert peer.is_sent_away()
        with Peer(server.socket) as peer:
            assert peer.greet(tools=TOOLS)[0] == WELCOME
            peer.send(frame(FINISH, b"x" * 100, size=MAX_BODY))  # the rest never comes
        with Peer(server.socket) as peer:
            assert peer.greet(tools=TOOLS)[0] == WELCOME
            piece, before = b"x" * MAX_BODY, server.resident()
            for count in range(2000):  # 500 MB in all: it may go on, but nothing of it is held
                if not peer.send(frame(FINISH, piece, count % 50, more=1)):
                    break
            grown = server.resident() - before
            assert grown < GROWTH or os.environ.get("TENON_SANITIZED"), f"messages without end: {grown // MB} MB more"
        with Peer(server.socket) as peer:  # as much as it may hold, or what there is
            assert peer.greet(tools=TOOLS)[0] == WELCOME
            for count in range(250):
                if not peer.send(frame(FINISH, piece, count, more=1)):
                    break
            status, answer = call(server, "tell", {"id": "large", "padding": "x" * (3 * MB)})
            assert status == 200, (status, answer)


def call(server, name, arguments):
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": name, "arguments": arguments, "_meta": {"io.modelcontextprotocol/protocolVersion": MODERN,
                                                        "io.modelcontextprotocol/clientCapabilities": {}}}}
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
               "MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call", "Mcp-Name": name}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=2 * PATIENCE)
    connection.request("POST", "/mcp", json.dumps(body), headers)
    response = connection.getresponse()
    return response.status, response.read().decode()


def deaf(server, until):
    """A program that never reads; its callers are told when it goes."""
    answers = []
    with Peer(server.socket) as peer:
        assert peer.greet(tools=TOOLS)[0] == WELCOME
        callers = [threading.Thread(target=lambda: answers.append(call(server, "deaf", {"text": "x" * (MB // 4)})))
                   for _ in range(8)]
        for caller in callers:
            caller.start()
        time.sleep(max(0.0, until - time.monotonic()))
    for caller in callers:
        caller.join()
    assert len(answers) == 8, answers
    for status, answer in answers:
        assert status == 503 or "error" in answer.lower(), (status, answer[:300])


def impostors(server, until):
    """Names that are not theirs."""
    wrong = {"nobody_allowed": b"attach.nobody_allowed.users is not set", "../teller": b"its name must be made of",
             "only_first": b"another 'only_first' is attached", "": b"its name must be made of",
             "other_user": b"attach.other_user.users does not name it"}
    while time.monotonic() < until:
        with Peer(server.socket) as first:
            assert first.greet(name="only_first")[0] == WELCOME
            for name, why in wrong.items():
                with Peer(server.socket) as peer:
                    kind, reason = peer.greet(name=name)
                    assert kind == DENIED and why in reason, (name, kind, reason)
                    assert peer.is_sent_away()
                if name != "only_first":
                    for question in (PREPARE, SAVE):  # and they learn and leave nothing under it
                        with Peer(server.socket) as peer:
                            peer.send(frame(question, who(name=name) + text("1") + text("state")))
                            assert peer.read() in ((KEPT, number(0)), (DENIED, reason))
            with Peer(server.socket) as peer:
                kind, reason = peer.greet(low=7, high=9)
                assert kind == DENIED and b"versions 7 to 9" in reason, reason
        with Peer(server.socket) as peer:  # another name, once it is in
            assert peer.greet(name="hostile")[0] == WELCOME
            peer.send(frame(HELLO, hello(name="teller")))
            assert peer.send(frame(TITLE, text("y")))
        time.sleep(0.05)


def hoarders(server, until):
    """Programs that leave more to their successors than there is room for, and ask for it again and again."""
    state = b"x" * (6 * MB)
    while time.monotonic() < until:
        what = {"title": f"hoarder {random.getrandbits(32)}", "key": random.getrandbits(63) + 1}
        with Peer(server.socket) as peer:
            assert peer.greet(**what)[0] == WELCOME
        with Peer(server.socket) as peer:
            peer.send(in_pieces(SAVE, who(**what) + text("1") + text(state)))
            answer = peer.read()
            assert answer is None or answer[0] == KEPT, answer
        deaf_ones = [Peer(server.socket) for _ in range(8)]
        for peer in deaf_ones:
            peer.send(frame(PREPARE, who(**what)))
        for peer in deaf_ones:
            peer.socket.close()


def other_users(server, until):
    """A process of another user, which may not even open the socket; and which is told no where it can."""
    if os.getuid() != 0:
        print("not root: no other user tries")
        return
    nobody = pwd.getpwnam("nobody")

    def as_nobody(work):
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([])
                os.setgid(nobody.pw_gid)
                os.setuid(nobody.pw_uid)
                os._exit(0 if work() else 1)
            except BaseException as error:
                os.write(2, f"{error!r}\n".encode())
                os._exit(2)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    def cannot_open():
        try:
            Peer(server.socket)
        except PermissionError:
            return True
        return False

    def is_refused():
        with Peer(server.socket) as peer:
            kind, reason = peer.greet(name="teller")
            return kind == DENIED and b"may not attach as 'teller'" in reason and peer.is_sent_away()

    os.chmod(server.folder, 0o711)
    assert as_nobody(cannot_open), "another user opens the socket"
    os.chmod(server.socket, 0o666)  # as if it were in the group
    try:
        while time.monotonic() < until:
            assert as_nobody(is_refused), "another user gets in"
    finally:
        os.chmod(server.socket, 0o660)


ATTACKS = (strangers, floods, crowds, liars, deaf, impostors, hoarders, other_users)


def main(seconds, attacks):
    with tempfile.TemporaryDirectory() as folder:
        mine, many = os.getuid(), {"attach.maxPrograms": 32, "log.level": "error", "limits.memoryMb": 64}
        server = Server(folder, free_port(), **many, **{
            "attach.hostile.users": mine, "attach.hostile.waitMs": 100, "attach.hostile.keepMs": 100,
            "attach.hostile.instances": "newest", "attach.only_first.users": mine, "attach.only_first.keepMs": 100,
            "attach.only_first.instances": "first", "attach.other_user.users": "54321",
            "timeouts.requestMs": 20000})
        server.start()
        lent = server.teller()
        server.await_program("teller")
        load = Clients(server.port, 8)
        try:
            load.await_more("the start", 200)
            threads, descriptors, resident = server.threads(), server.descriptors(), server.resident()
            for attack in attacks:
                before = load.answered()
                attack(server, time.monotonic() + seconds)
                load.await_more(attack.__name__)
                print(f"{attack.__name__}: {load.answered() - before} good calls beside it, {server.resident() // MB} MB")
            server.await_level("threads", server.threads, threads + 2)
            server.await_level("descriptors", server.descriptors, descriptors + 2)
            if not os.environ.get("TENON_SANITIZED"):
                server.await_level("bytes", server.resident, resident + GROWTH)  # which it looks after now and then
            assert load.outcomes.keys() <= {"answered"}, load.outcomes
        finally:
            load.stop()
            lent.send_signal(signal.SIGTERM)
            lent.wait(PATIENCE)
            server.end(signal.SIGTERM)
        load.check(server.notes)
        print("ok")


main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0,
     [attack for attack in ATTACKS if len(sys.argv) < 3 or attack.__name__ in sys.argv[2:]])
