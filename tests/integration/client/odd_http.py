"""MCP servers that do something odd, over HTTP: the path says which. Whatever is not odd about one is as usual."""
import http.server
import json
import threading
import time

TOOL = {"name": "echo", "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}}}
STREAM = "text/event-stream"
ENDLESS = 120  # seconds: longer than anybody here waits


def text(value):
    return {"content": [{"type": "text", "text": value}]}


def usual(method):
    return {
        "initialize": {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "odd", "version": "1"}},
        "tools/list": {"tools": [TOOL]},
        "tools/call": text("hi"),
    }.get(method)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    streams = {}  # what waits for the stream of a server of 2024

    def log_message(self, *_):
        pass

    # ---- ways to answer

    def send(self, status, body=b"", kind="application/json", length=None, **headers):
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = length is not None

    def json(self, value, kind="application/json", **headers):
        self.send(200, json.dumps(value).encode(), kind, **headers)

    def answer(self, result, **headers):
        self.json({"jsonrpc": "2.0", "id": self.id, "result": result}, **headers)

    def error(self, code, message):
        self.json({"jsonrpc": "2.0", "id": self.id, "error": {"code": code, "message": message}})

    def stream(self, *events, kind=STREAM):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for event in events:
            self.wfile.write(event if isinstance(event, bytes) else b"data: " + json.dumps(event).encode() + b"\n\n")
            self.wfile.flush()

    def whole(self, result):
        return {"jsonrpc": "2.0", "id": self.id, "result": result}

    # ---- requests

    def do_GET(self):
        name = self.path.strip("/")
        if not name.startswith("old-"):
            return self.send(405)
        waiting = Handler.streams[name] = []
        self.stream(b"event: endpoint\ndata: /" + name.encode() + b"/messages\n\n")
        for _ in range(ENDLESS * 50):
            while waiting:
                self.wfile.write(b"data: " + json.dumps(waiting.pop(0)).encode() + b"\n\n")
                self.wfile.flush()
            time.sleep(0.02)

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        self.method, self.id, self.params = message.get("method"), message.get("id"), message.get("params") or {}
        odd = self.path.strip("/")
        if odd.startswith("old-"):
            return self.old(odd)
        if getattr(self, "any_" + odd, lambda: True)() is not True:
            return
        if self.id is None:
            if getattr(self, "notice_" + odd, lambda: True)() is True:
                self.send(202)
        elif self.method == "tools/list" and hasattr(self, "list_" + odd):
            getattr(self, "list_" + odd)()
        elif self.method == "tools/call" and hasattr(self, "call_" + odd):
            getattr(self, "call_" + odd)()
        elif usual(self.method):
            self.answer(usual(self.method))
        else:
            self.error(-32601, "Method not found")

    def old(self, odd):
        name, _, rest = odd.partition("/")
        if rest != "messages":
            return self.send(405)
        if self.method == "tools/call" and name == "old-holds":
            time.sleep(ENDLESS)
        if self.id is not None:
            known = usual(self.method)
            Handler.streams[name].append(self.whole(known) if known else {"jsonrpc": "2.0", "id": self.id, "error": {"code": -32601, "message": "no"}})
        if name == "old-streams":
            return self.stream(b": this answer never ends\n\n" * 10) or time.sleep(ENDLESS)
        self.send(202, b"Accepted", "text/plain")

    # ---- no MCP at all

    def any_page(self):
        self.send(200, b"<!doctype html><html>Welcome to our portal</html>", "text/html; charset=utf-8")

    def any_nothing(self):
        self.send(200)

    def any_ssh(self):
        self.close_connection = True
        self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")

    # ---- refusals

    def any_forbidden(self):
        self.send(403, json.dumps({"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "Origin not allowed"}}).encode())

    def any_basic(self):
        self.send(401, b"go away", "text/plain", WWW_Authenticate='Basic realm="x"')

    def any_strange(self):
        self.send(401, b"go away", "text/plain", WWW_Authenticate='Bearer realm="unclosed, resource_metadata="htp:/\\\\, ,=,,')

    def any_silentmetadata(self):
        self.send(401, b"go away", "text/plain", WWW_Authenticate=f'Bearer resource_metadata="{self.server.silent}"')

    def any_later(self):
        self.send(429, b'{"message": "slow down"}', Retry_After="1")

    # ---- redirections

    def redirect(self, status, where):
        self.send(status, Location=where)

    def any_moved(self):
        self.redirect(301, "/usual")

    def any_elsewhere(self):
        self.redirect(307, "/usual")

    def any_loop(self):
        self.redirect(307, "/loop")

    def any_otherport(self):
        self.redirect(307, "http://127.0.0.1:1/usual")

    def any_nowhere(self):
        self.redirect(307, "http://[bad")

    # ---- types and encodings

    def call_plaintype(self):
        self.answer(text("hi"), kind="text/plain")

    def call_notype(self):
        self.answer(text("hi"), kind=None)

    def call_capitals(self):
        self.stream(self.whole(text("hi")), kind="Text/Event-Stream; Charset=UTF-8")

    def call_gzip(self):
        self.send(200, b"\x1f\x8b\x08\x00" + bytes(20), Content_Encoding="gzip")

    def call_latin(self):
        self.send(200, json.dumps(self.whole(text("caf?"))).encode().replace(b"?", b"\xe9"))

    def call_mark(self):
        self.send(200, b"\xef\xbb\xbf" + json.dumps(self.whole(text("hi"))).encode())

    def call_crlf(self):
        self.stream(b"\xef\xbb\xbfevent: message\r\ndata: " + json.dumps(self.whole(text("hi"))).encode() + b"\r\n\r\n")

    # ---- answers that are none

    def call_otherid(self):
        self.id = 999
        self.answer(text("hi"))

    def call_textid(self):
        self.id = str(self.id)
        self.answer(text("hi"))

    def call_realid(self):
        self.id = float(self.id)
        self.answer(text("hi"))

    def call_noid(self):
        self.json({"jsonrpc": "2.0", "error": {"code": -32600, "message": "that was unreadable"}})

    def call_nullid(self):
        self.stream({"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "that was unreadable"}})
        time.sleep(ENDLESS)

    def call_news(self):
        self.json({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "x"}})

    def call_versionless(self):
        self.stream({"id": self.id, "result": {}})
        time.sleep(ENDLESS)

    def call_both(self):
        self.json({"jsonrpc": "2.0", "id": self.id, "result": text("hi"), "error": None})

    def call_word(self):
        self.json({"jsonrpc": "2.0", "id": self.id, "error": "the disk is full"})

    def call_mute(self):
        self.json({"jsonrpc": "2.0", "id": self.id, "error": {"code": "E1", "reason": 7}})

    def call_array(self):
        self.answer([1, 2])

    def call_bare(self):
        self.answer({"answer": 42})

    # ---- answers that end early or late

    def call_half(self):
        self.send(200, b'{"jsonrpc": "2.0", "id":', length=500)

    def call_ends(self):
        self.stream()

    def call_endswithid(self):
        self.stream(b"id: 1\nretry: 10\ndata:\n\n")

    def call_before(self):
        steps = [{"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": self.id, "progress": n, "total": 5}} for n in range(5)]
        self.stream(*steps, {"jsonrpc": "2.0", "method": "notifications/never/heard/of"}, self.whole(text("hi")))

    def call_staysopen(self):
        self.stream(self.whole(text("hi")))
        time.sleep(ENDLESS)

    def call_slow(self):
        time.sleep(ENDLESS)

    def list_slowlist(self):
        time.sleep(ENDLESS)

    def notice_silentnotice(self):
        time.sleep(ENDLESS)

    # ---- lists

    def list_samecursor(self):
        self.answer({"tools": [TOOL], "nextCursor": "again"})

    def list_twocursors(self):
        self.answer({"tools": [TOOL], "nextCursor": "b" if self.params.get("cursor") == "a" else "a"})

    def list_everlasting(self):
        time.sleep(0.02)
        self.answer({"tools": [TOOL], "nextCursor": str(time.time())})

    def list_noarray(self):
        self.answer({"tools": {"echo": TOOL}})

    def list_strangers(self):
        self.answer({"tools": [{"name": 1}, "x", None, {"name": "bare"}, {"name": "bad", "inputSchema": [1]}, TOOL, TOOL]})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass


def start(silent):
    """The URL that the names follow. `silent`: a URL where somebody listens and says nothing."""
    server = Server(("127.0.0.1", 0), Handler)
    server.silent = silent
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/"
