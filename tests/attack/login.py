"""Who may what: guesses, foreign keys, authorization servers that are down or slow, names that were not named."""

import base64
import hashlib
import http.server
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time

from server import SECONDS, SLOWER, TENON, Server, run


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


class Issuer:
    """An authorization server: metadata, one key, and tokens signed with it."""

    def __init__(self, folder, name):
        self.key = os.path.join(folder, name + ".pem")
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.key)
        modulus = openssl("rsa", "-in", self.key, "-noout", "-modulus").decode().strip().split("=")[1]
        jwk = {"kty": "RSA", "kid": "k", "alg": "RS256", "n": b64(bytes.fromhex(modulus)), "e": "AQAB"}
        issuer = self

        class Pages(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = (json.dumps({"keys": [jwk]}) if self.path == "/keys" else
                        json.dumps({"issuer": issuer.url, "jwks_uri": issuer.url + "/keys"})).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        self.url = f"http://127.0.0.1:{self.web.server_port}"
        threading.Thread(target=self.web.serve_forever, daemon=True).start()

    def token(self, issuer, lifetime=600):
        claims = {"iss": issuer, "sub": "eve", "aud": "https://mcp.example/mcp", "exp": int(time.time()) + lifetime}
        text = b64(json.dumps({"alg": "RS256", "kid": "k"}).encode()) + "." + b64(json.dumps(claims).encode())
        return text + "." + b64(openssl("dgst", "-sha256", "-sign", self.key, data=text.encode()))


def eventually(check, what, seconds=60):
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until, what
        time.sleep(0.1)


def oauth(servers):
    return {"auth.type": "oauth", "http.publicUrl": "https://mcp.example", "http.allowedHosts": "127.0.0.1",
            "auth.oauth.authorizationServers": ", ".join(servers)}


def keys_of_one_issuer_do_not_vouch_for_another(folder):
    one, other = Issuer(folder, "one"), Issuer(folder, "other")
    with Server(oauth([one.url, other.url])) as server:
        status = lambda token: server.rpc("tools/list", {}, token)[0]
        eventually(lambda: status(one.token(one.url)) == 200, "tokens of the first issuer are not taken")
        eventually(lambda: status(other.token(other.url)) == 200, "tokens of the second issuer are not taken")
        assert status(other.token(one.url)) == 401, "a token of one issuer, signed by another, came in"
        assert status(one.token("https://elsewhere.example")) == 401
        assert status(one.token(one.url, lifetime=-3600)) == 401


def an_issuer_that_is_down_stops_nobody_else(folder):
    one = Issuer(folder, "up")
    down = socket.create_server(("127.0.0.1", 0))  # takes connections and says nothing
    url = f"http://127.0.0.1:{down.getsockname()[1]}"
    with Server(oauth([url, one.url])) as server:
        eventually(lambda: server.rpc("tools/list", {}, one.token(one.url))[0] == 200,
                   "an authorization server that is down keeps the tokens of another out")
        assert server.rpc("tools/list", {}, one.token(url))[0] == 503
        assert server.rpc("tools/list", {}, "no.such.token")[0] == 401


def a_reload_stalls_nobody(folder):
    silent = socket.create_server(("127.0.0.1", 0))
    silent.settimeout(30 * SLOWER)
    url = f"http://127.0.0.1:{silent.getsockname()[1]}"

    def goes_on(fetch):  # until it gives up, after five seconds
        try:
            return fetch.recv(4096) != b""
        except BlockingIOError:
            return True
        except ConnectionResetError:
            return False

    with Server({"auth.type": "jwt", "auth.jwt.jwksUrl": url + "/0", "auth.jwt.audience": "x"}) as server:
        fetch, waited, until = silent.accept()[0], [], time.monotonic() + SECONDS
        while time.monotonic() < until or len(waited) < 5:
            server.reload({"auth.jwt.jwksUrl": f"{url}/{len(waited) + 1}"})
            following = silent.accept()[0]  # the new keys are fetched, and the old ones still
            fetch.setblocking(False)
            waited.append(False)
            for _ in range(20):
                going = goes_on(fetch)
                status, answer = server.rpc("tools/list", {})
                assert status == 401, f"{status} {answer}"
                waited[-1] = waited[-1] or (going and not goes_on(fetch))
            fetch.close()
            fetch = following
        fetch.close()
        # A machine that is busy with other things makes a fetch end during a request now and then, not in all rounds.
        assert not all(waited), "requests are answered when the old fetch has ended, never before"


def an_empty_file_lets_nobody_in(_folder):
    good = hashlib.sha256(b"good").hexdigest()
    with Server({"auth.type": "bearer", "auth.token.a.sha256": good}) as server:
        open(server.file, "w").close()
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: "auth.type" in server.said(), "it does not say that it keeps its settings")
        assert server.rpc("tools/list", {})[0] == 401, "without settings everybody comes in"
        assert server.rpc("tools/list", {}, "good")[0] == 200


def guesses_are_slowed_and_others_are_not(_folder):
    good = hashlib.sha256(b"good").hexdigest()
    with Server({"auth.type": "bearer", "auth.token.a.sha256": good}) as server:
        statuses = [server.rpc("tools/list", {}, f"guess{n}")[0] for n in range(200)]
        assert set(statuses) == {401, 429}, set(statuses)
        assert statuses.count(401) < 60, "an address may guess as often as it likes"
        assert server.rpc("tools/list", {}, "good", source="127.0.0.2")[0] == 200, "somebody else has to wait"


def what_a_type_does_not_name_is_denied(folder):
    root = os.path.join(folder, "root")
    os.makedirs(os.path.join(root, "open"))
    for name in ("secret.txt", "open/a.txt"):
        with open(os.path.join(root, name), "w") as file:
            file.write("content")
    sha = lambda text: hashlib.sha256(text.encode()).hexdigest()
    with Server({
            "auth.type": "bearer", "plugin.filesystem.roots": root,
            "auth.token.clock.sha256": sha("clock"), "auth.token.clock.type": "clocks", "auth.types.clocks.tools": "clock_*",
            "auth.token.reader.sha256": sha("reader"), "auth.token.reader.type": "readers",
            "auth.types.readers.resources": f"file://{root}/open/**"}) as server:
        read = lambda token, uri: server.rpc("resources/read", {"uri": uri}, token)
        tools = lambda token: {tool["name"] for tool in server.rpc("tools/list", {}, token)[1]["result"]["tools"]}
        assert all(name.startswith("clock_") for name in tools("clock")) and tools("clock")
        assert "content" not in str(read("clock", f"file://{root}/open/a.txt")), "a type with tools alone read a resource"
        assert tools("reader") == set(), "a type with resources alone has tools"
        assert "content" in str(read("reader", f"file://{root}/open/a.txt")), "what is named is refused"
        for climb in ("../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "%2e%2e%2fsecret.txt", "./../secret.txt",
                      "..%5csecret.txt", "%252e%252e/secret.txt", "..?x", "a/..;/../secret.txt"):
            for scheme in ("file", "FILE"):
                answer = read("reader", f"{scheme}://{root}/open/{climb}")
                assert "'content'" not in str(answer), f"{climb} reached {answer}"


def names_are_compared_as_they_are_read(_folder):
    sha = lambda text: hashlib.sha256(text.encode()).hexdigest()
    with Server({"auth.type": "bearer", "auth.token.all.sha256": sha("all"), "auth.token.some.sha256": sha("some"),
                 "auth.token.some.type": "some", "auth.types.some.resources": "told://a/*"}, ["says_as_told"]) as server:
        result = json.dumps({"contents": [{"uri": "told://a/it", "text": "content"}]})
        kept = server.rpc("tools/call", {"name": "next", "arguments": {"text": result}}, "all")[1]
        assert not kept["result"].get("isError"), kept
        read = lambda uri: json.dumps(server.rpc("resources/read", {"uri": uri}, "some")[1])
        assert '"content"' in read("told://a/it")
        for uri in ("told://a/..?x", "told://a/..#x", "told://a/../b/it", "told://a/%2e%2e/b/it", "told://a/..%2fb/it",
                    "told://a/b/../../c", "told://A/../b", "TOLD://b/it", "told://a@b/it", "told://b/a/it", "told:a/it",
                    "told://a/b/it", "told:///a/it", "told://a/.%2e/b"):
            assert '"content"' not in read(uri), f"{uri} came through"
        # A cache that others share must not hand out what was filtered for one.
        for method in ("tools/list", "resources/list", "prompts/list"):
            listed = server.rpc(method, {}, "some")[1]["result"]
            assert listed["cacheScope"] == "private", f"{method}: {listed['cacheScope']}"


def a_stream_ends_with_its_token(folder):
    one = Issuer(folder, "brief")
    with Server({**oauth([one.url]), "timeouts.heartbeatMs": "200", "auth.jwt.clockSkewMs": "0"}) as server:
        eventually(lambda: server.rpc("tools/list", {}, one.token(one.url))[0] == 200, "tokens are not taken")
        link = server.connect()
        link.sendall((f"GET /sse HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
                      f"Authorization: Bearer {one.token(one.url, lifetime=4)}\r\n\r\n").encode())
        link.settimeout(90)
        said = link.recv(4096)
        assert b" 200 " in said, said
        while link.recv(4096):  # until it is closed
            pass


def what_lets_everybody_in_is_no_login(folder):
    for settings in (["--auth.type=basic"], ["--auth.type=bearer"], ["--auth.type=apikey"]):
        refused = subprocess.run([TENON, "serve", "--http.port=0", "--plugins.directory=" + folder, *settings],
                                 capture_output=True, timeout=60)
        assert refused.returncode != 0, f"{settings} was taken"


def the_page_tells_strangers_nothing(_folder):
    good = hashlib.sha256(b"good").hexdigest()
    with Server({"auth.type": "bearer", "auth.token.a.sha256": good}) as server:
        version = subprocess.run([TENON, "--version"], capture_output=True, check=True).stdout.split()[-1]
        status, headers, page = server.get("/")
        assert status == 200 and b"/mcp" in page, page
        assert version not in page and b"<dd>" not in page, page
        assert version.decode() not in str(headers), headers


def in_a_folder(attack):
    def attacked():
        with tempfile.TemporaryDirectory() as folder:
            attack(folder)
    attacked.__name__ = attack.__name__
    return attacked


run(*map(in_a_folder, (keys_of_one_issuer_do_not_vouch_for_another, an_issuer_that_is_down_stops_nobody_else,
                       a_reload_stalls_nobody, an_empty_file_lets_nobody_in, guesses_are_slowed_and_others_are_not,
                       what_a_type_does_not_name_is_denied, names_are_compared_as_they_are_read,
                       a_stream_ends_with_its_token, what_lets_everybody_in_is_no_login, the_page_tells_strangers_nothing)))
