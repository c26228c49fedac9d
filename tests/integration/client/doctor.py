#!/usr/bin/env python3
"""`tenon doctor` with every kind of credential that a server takes: the right one lets it look further, a wrong one is a
fault, and without any it says which are asked for. The commands of the client take client certificates likewise.

    doctor.py TENON PLUGINS
"""
import base64
import http.server
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

TENON, PLUGINS = map(os.path.abspath, sys.argv[1:3])
TOKEN, SECRET = "the-token", "the-secret"
FOLDER = tempfile.TemporaryDirectory(prefix="tenon-doctor-")
faults = []


def at(name, text):
    path = os.path.join(FOLDER.name, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def tenon(*words, text=None):
    with tempfile.TemporaryDirectory() as home:  # tokens are kept there, and no run must have those of another
        environment = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home, "XDG_DATA_HOME": home}
        return subprocess.run([TENON, *words], input=text, capture_output=True, text=True, timeout=60, env=environment)


class Server:
    """A server that lets nobody in but by `settings`."""

    def __init__(self, tls=None, **settings):
        self.tls = tls
        words = [f"--{key.replace('_', '.')}={value}" for key, value in settings.items()]
        self.log = open(os.path.join(FOLDER.name, "log"), "w+")
        self.process = subprocess.Popen([TENON, *([] if "http_port" in settings else ["--http.port=0"]), *words], stdout=self.log, stderr=self.log)
        for _ in range(600):
            with open(self.log.name) as log:
                found = re.search(r"Listening on (http\S+)", log.read())
            if found:
                self.url = found.group(1)
                break
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        else:
            raise RuntimeError("the server does not listen")
        if self.process.poll() is not None:
            with open(self.log.name) as log:
                raise RuntimeError(log.read())
        for _ in range(600):
            try:
                urllib.request.urlopen(self.url.removesuffix("/mcp") + "/ready", timeout=5, context=self.tls).close()
                return
            except OSError:
                time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def doctor(self, name, words, status, *expected):
        done = tenon("doctor", self.url, *words)
        missing = [text for text in expected if text not in done.stdout]
        for secret in (TOKEN, SECRET):
            if any(secret in word for word in words) and secret in done.stdout + done.stderr:
                missing.append(f"(no {secret})")
        good = done.returncode == status and not missing
        print(f"{'ok    ' if good else 'FAILED'} {name}")
        if not good:
            faults.append(name)
            print(f"status {done.returncode} for {status}; missing: {missing}\n{done.stdout}{done.stderr}")


LOOKED = ("ok    server/discover", "ok    initialize", "ok    nothing is wrong")
REFUSED = "FAIL  the credentials given are not accepted"
ASKED = "note  credentials are asked for"


class Authority(http.server.BaseHTTPRequestHandler):
    """An authorization server that knows one client, `robot`, and gives it `token`."""
    token = ""

    def do_GET(self):
        base = f"http://{self.headers['Host']}"
        if not self.path.startswith("/.well-known/oauth-authorization-server"):
            return self.answer(404, {})
        self.answer(200, {"issuer": base, "token_endpoint": base + "/token", "authorization_endpoint": base + "/authorize",
                          "response_types_supported": ["code"], "grant_types_supported": ["client_credentials"],
                          "code_challenge_methods_supported": ["S256"],
                          "token_endpoint_auth_methods_supported": ["client_secret_basic"]})

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        wanted = "Basic " + base64.b64encode(f"robot:{SECRET}".encode()).decode()
        if form.get("grant_type") != ["client_credentials"] or self.headers.get("Authorization") != wanted:
            return self.answer(401, {"error": "invalid_client", "error_description": "robot has another secret"})
        self.answer(200, {"access_token": self.token, "token_type": "Bearer", "expires_in": 600})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def bearer():
    digest = subprocess.run(["sha256sum"], input=TOKEN, capture_output=True, text=True).stdout.split()[0]
    with Server(auth_type="bearer", auth_token_ci_sha256=digest) as server:
        server.doctor("a bearer token", ["--token", TOKEN], 0, *LOOKED)
        server.doctor("one from a file", ["--token", "@" + at("token", TOKEN + "\n")], 0, *LOOKED)
        server.doctor("a header of the operator's own", ["--header", f"Authorization: Bearer {TOKEN}"], 0, *LOOKED)
        server.doctor("a wrong token", ["--token", "wrong"], 1, REFUSED, "not known")
        server.doctor("a user where a token is asked for", ["--user", f"ada:{SECRET}"], 1, REFUSED, "Bearer")
        server.doctor("no token", [], 0, ASKED, "Bearer")
    with Server(auth_type="apikey", auth_token_ci_sha256=digest) as server:
        server.doctor("a key", ["--header", f"X-API-Key: {TOKEN}"], 0, *LOOKED)
        server.doctor("a wrong key", ["--header", "X-API-Key: wrong"], 1, REFUSED)
        server.doctor("a token where a key is asked for", ["--token", TOKEN], 1, REFUSED, "X-API-Key")
        server.doctor("no key", [], 0, ASKED, "X-API-Key")


def basic():
    password = tenon("hash-password", text=SECRET).stdout.strip()
    with Server(auth_type="basic", auth_user_ada_password=password) as server:
        server.doctor("a user", ["--user", f"ada:{SECRET}"], 0, *LOOKED)
        server.doctor("a wrong password", ["--user", "ada:wrong"], 1, REFUSED)
        server.doctor("no user", [], 0, ASKED, "Basic")


def oauth():
    secret = at("key", "0123456789abcdef0123456789abcdef")
    authority = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Authority)
    threading.Thread(target=authority.serve_forever, daemon=True).start()
    issuer = f"http://127.0.0.1:{authority.server_port}"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Server(http_port=port, http_publicUrl=f"http://127.0.0.1:{port}", auth_type="oauth", auth_jwt_secretFile=secret, auth_jwt_issuers=issuer,
                auth_oauth_authorizationServers=issuer) as server:
        minted = tenon("token", f"--auth.jwt.secretFile={secret}", f"--auth.jwt.issuers={issuer}", f"--audience={server.url}",
                       "--subject=robot")
        Authority.token = minted.stdout.strip()
        if not Authority.token:
            raise RuntimeError(minted.stderr)
        robot = ["--client-id", "robot", "--client-secret"]
        server.doctor("a client without a user", [*robot, SECRET], 0, *LOOKED)
        server.doctor("its secret from a file", [*robot, "@" + at("secret", SECRET)], 0, *LOOKED)
        server.doctor("a client with a wrong secret", [*robot, "wrong"], 1, REFUSED, "robot has another secret")
        server.doctor("a token of the authority's", ["--token", Authority.token], 0, *LOOKED)
        server.doctor("no client", [], 0, ASKED, "resource_metadata")
    authority.shutdown()


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=FOLDER.name)


def certificate(name, issuer, *more):
    """The files of a certificate and its key; `issuer` signs it, or itself if None."""
    signer = ["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key"] if issuer else []
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", f"/O=Tests/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.pem", *signer, *more)
    return os.path.join(FOLDER.name, f"{name}.pem"), os.path.join(FOLDER.name, f"{name}.key")


def certificates():
    authority, _ = certificate("authority", None)
    own, own_key = certificate("localhost", "authority", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:false")
    ci, ci_key = certificate("ci", "authority", "-addext", "basicConstraints=critical,CA:false")
    stranger, stranger_key = certificate("stranger", None)
    sealed = os.path.join(FOLDER.name, "sealed.key")
    openssl("pkey", "-in", ci_key, "-aes256", "-passout", "pass:word", "-out", sealed)
    both = at("both.pem", open(ci).read() + open(ci_key).read())
    trust = ["--cacert", authority]
    shown = [*trust, "--client-certificate", ci, "--client-key", ci_key]
    tls = ssl.create_default_context(cafile=authority)
    tls.load_cert_chain(ci, ci_key)
    settings = dict(tls_enabled="true", tls_certificate=own, tls_key=own_key, tls_clientAuthorities=authority, auth_type="certificate",
                    auth_certificate_type="", auth_certificate_ci_subject="CN=ci,O=Tests", plugins_directory=PLUGINS, http_webSocket="true", tls=tls)
    for clients in ("required", "optional"):
        with Server(tls_clientCertificates=clients, **settings) as server:
            server.doctor(f"a client certificate, {clients}", shown, 0, *LOOKED)
            server.doctor("it and its key in one file", [*trust, "--client-certificate", both], 0, *LOOKED)
            server.doctor("a certificate of another authority", [*trust, "--client-certificate", stranger, "--client-key", stranger_key], 1,
                          "does not accept the client certificate")
            server.doctor("one whose subject is nobody's", [*trust, "--client-certificate", own, "--client-key", own_key], 1, REFUSED)
            server.doctor("no certificate", trust, *((1, "give --client-certificate") if clients == "required" else (0, ASKED)))
            server.doctor("the key of another one", [*trust, "--client-certificate", ci, "--client-key", own_key], 1, "cannot be used together")
            server.doctor("a key with a passphrase", [*trust, "--client-certificate", ci, "--client-key", sealed], 1, "is encrypted")
            server.doctor("a file that is not there", [*trust, "--client-certificate", "/nowhere.pem"], 1, "/nowhere.pem cannot be read")
            server.doctor("a key alone", [*trust, "--client-key", ci_key], 2)
            for words, expected in ((["list"], "clock_now"), (["call", "clock_now", "zone=UTC"], "UTC"), (["read", "clock://now/UTC"], "UTC"),
                                    (["shell"], "clock_now")):
                done = tenon(words[0], server.url, *words[1:], *shown, text="list\n")
                socketed = tenon(words[0], server.url.replace("https:", "wss:"), *words[1:], *shown, text="list\n")
                bare = tenon(words[0], server.url, *words[1:], *trust, text="list\n")
                good = done.returncode == 0 and expected in done.stdout and socketed.returncode == 0 and bare.returncode != 0
                print(f"{'ok    ' if good else 'FAILED'} tenon {words[0]} with a client certificate, {clients}")
                if not good:
                    faults.append(words[0])
                    print(done, socketed, bare, sep="\n")
            behind = dict(upstream_inner_url=server.url, upstream_inner_authorities=authority, plugins_directory=FOLDER.name)
            for own_too, expected in ((dict(upstream_inner_auth_certificate=ci, upstream_inner_auth_key=ci_key), True), ({}, False)):
                with Server(**behind, **own_too) as front:
                    until = time.monotonic() + 30
                    listed = tenon("list", front.url)
                    while expected and "clock_now" not in listed.stdout and time.monotonic() < until:
                        time.sleep(0.1)
                        listed = tenon("list", front.url)
                good = listed.returncode == 0 and ("clock_now" in listed.stdout) == expected
                print(f"{'ok    ' if good else 'FAILED'} an upstream {'with' if expected else 'without'} a client certificate, {clients}")
                if not good:
                    faults.append("upstream")
                    print(listed)


bearer()
basic()
oauth()
certificates()
sys.exit(f"{len(faults)} failed" if faults else 0)
