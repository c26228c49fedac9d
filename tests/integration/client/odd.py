#!/usr/bin/env python3
"""`tenon call` and `doctor` against servers that do something odd: it never hangs, what can be understood is, and what cannot is said in
words that name the cause. Then all of them behind one server, which stays up, and ends.

    odd.py TENON
"""
import concurrent.futures
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import odd_http

TENON = os.path.abspath(sys.argv[1])
STDIO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "odd_stdio.py")
HI, REFUSED, NO_MCP, LATE = (0, r"^hi$"), 4, 3, 5

# What a server does: the exit status, and a pattern of what is printed. True: it is told to wait for two seconds only.
HTTP = {
    "usual": HI,
    "page": (NO_MCP, r"text/html.*not JSON.*MCP endpoint"),
    "nothing": (NO_MCP, r"status 200 and no body"),
    "ssh": (NO_MCP, r"Malformed message"),
    "forbidden": (REFUSED, r"403 Forbidden: Origin not allowed"),
    "basic": (REFUSED, r"credentials of the scheme basic"),
    "strange": (REFUSED, r"requires credentials"),
    "silentmetadata": (LATE, r"no answer within 2000 ms", True),
    "later": (NO_MCP, r"429 .*slow down"),
    "moved": (NO_MCP, r"redirects to http://127\.0\.0\.1:\d+/usual \(301\).*use that URL"),
    "elsewhere": HI,
    "loop": (NO_MCP, r"redirects to .*/loop, after too many"),
    "otherport": (NO_MCP, r"redirects to http://127\.0\.0\.1:1/usual, another host, port or scheme"),
    "nowhere": (NO_MCP, r"redirects to something that is no URL: http://\[bad"),
    "plaintype": HI,
    "notype": HI,
    "capitals": HI,
    "gzip": (NO_MCP, r"24 bytes of application/json \(gzip, which nobody asked for\)"),
    "latin": (0, "^caf\ufffd$"),
    "mark": HI,
    "crlf": HI,
    "otherid": (NO_MCP, r"does not belong to the request.*999"),
    "textid": HI,
    "realid": HI,
    "noid": (1, r"that was unreadable"),
    "nullid": (1, r"that was unreadable"),
    "news": (NO_MCP, r"does not belong to the request.*notifications/message"),
    "versionless": (NO_MCP, r'"jsonrpc" must be "2\.0"'),
    "both": HI,
    "word": (1, r"the disk is full"),
    "mute": (1, r'an error that says nothing: .*"reason":7'),
    "array": (NO_MCP, r"a result that is not an object"),
    "bare": (0, r'^\{"answer":42\}$'),
    "half": (NO_MCP, r"broke the connection off in the middle of its answer"),
    "ends": (NO_MCP, r"ended the stream before its answer"),
    "endswithid": (NO_MCP, r"ended the stream before its answer, and does not resume it: .*405"),
    "before": HI,
    "staysopen": HI,
    "slow": (LATE, r"no answer within 2000 ms", True),
    "slowlist": (LATE, r"no answer within 2000 ms", True),
    "silentnotice": (NO_MCP, r"does not answer", True),
    "samecursor": HI,
    "twocursors": HI,
    "everlasting": (LATE, r"no end of tools/list within 2000 ms", True),
    "noarray": (NO_MCP, r"tools/list with something other than a list"),
    "strangers": HI,
    "old-usual": HI,
    "old-holds": (LATE, r"no answer within 2000 ms", True),
    "old-streams": HI,
}
PROGRAMS = {
    "usual": HI,
    "banner": HI,
    "flood": (LATE, r"no answer within 2000 ms; it printed a line that is not a message of the protocol:\s+noise", True),
    "endless": (NO_MCP, r"larger than the limit"),
    "status": (NO_MCP, r"ended with status 7; it said:\s+API_KEY is missing"),
    "closed": (NO_MCP, r"closed its output"),
    "deaf": (LATE, r"no answer within 2000 ms", True),
    "textid": HI,
    "nullid": (1, r"that was unreadable"),
    "latin": (0, "^caf\ufffd$"),
    "prefix": (LATE, r"not a message of the protocol:\s+\[INFO\] \{", True),
    "lengths": (LATE, r"not a message of the protocol:\s+Content-Length: 99", True),
    "signal": (NO_MCP, r"ended by signal 9"),
    "dies": (NO_MCP, r"ended with status 3; it said:\s+Traceback"),
    "probe": HI,
    "first": HI,
    "twice": HI,
    "crlf": HI,
}
faults = []


def call(target, status, pattern, soon=False):
    """`target`: what names the server, at the beginning or the end of the line."""
    words = [TENON, "call", "--browser=none", f"--timeout={2 if soon else 60}"]
    words += [target, "echo", "text=a"] if isinstance(target, str) else ["echo", "text=a", "--", *target]
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home}
        try:
            ran = subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, timeout=100, env=environment)
        except subprocess.TimeoutExpired:
            return f"{target}: it hangs"
    said = (ran.stdout + ran.stderr).decode(errors="backslashreplace")
    if ran.returncode != status or not re.search(pattern, said, re.S | re.M):
        return f"{target}: status {ran.returncode}, expected {status} and {pattern!r}: {said!r}"
    return None


def doctor(url):
    """It ends, and does not take silence for an answer."""
    ran = subprocess.run([TENON, "doctor", url, "--timeout=2"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=100)
    if ran.returncode != 1 or "is answered" in ran.stdout or "cannot be seen" not in ran.stdout:
        return f"doctor {url}: status {ran.returncode}: {ran.stdout}{ran.stderr}"
    return None


def behind(url, log):
    """All of them behind one server, which is up at once, serves those that can be used, and ends."""
    words = [TENON, "--http.port=0", "--plugins.directory=", "--timeouts.requestMs=20s"]
    words += [f"--upstream.h-{name}.url={url}{name}" for name in HTTP]
    words += [f"--upstream.s-{name}.command={sys.executable} {STDIO} {name}" for name in PROGRAMS]
    words += [f"--upstream.{kind}-{name}.{key}" for kind, all in (("h", HTTP), ("s", PROGRAMS)) for name in all
              for key in (f"prefix={kind}-{name}-", "startMs=20s")]
    server = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        wanted = [f"h-{name}-echo" for name in HTTP if HTTP[name] is HI] + [f"s-{name}-echo" for name in PROGRAMS if PROGRAMS[name] is HI]
        address = waiting(server, lambda: re.search(r"Listening on (http\S+)", text_of(log)), "it does not listen").group(1)
        waiting(server, lambda: not set(wanted) - set(tools(address)), "not all tools are there")
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for name, answer in zip(wanted, pool.map(lambda name: ask(address, "tools/call", {"name": name, "arguments": {}}), wanted)):
                if answer.get("result", {}).get("content") != [{"type": "text", "text": "hi"}]:
                    faults.append(f"{name} behind: {answer}")
    finally:
        server.terminate()
        try:
            if server.wait(60) != 0:
                faults.append(f"the server ended with {server.returncode}")
        except subprocess.TimeoutExpired:
            faults.append("the server does not end")
            server.kill()


def text_of(log):
    with open(log.name, errors="replace") as text:
        return text.read()


def waiting(server, look, else_said):
    for _ in range(1200):
        found = look()
        if found:
            return found
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(else_said)


def tools(address):
    return [tool["name"] for tool in ask(address, "tools/list", {}).get("result", {}).get("tools", [])]


def ask(address, method, params):
    meta = {"protocolVersion": "2026-07-28", "clientCapabilities": {}, "clientInfo": {"name": "odd", "version": "1"}}
    params = {**params, "_meta": {"io.modelcontextprotocol/" + key: value for key, value in meta.items()}}
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2026-07-28",
               "Mcp-Method": method, **({"Mcp-Name": params["name"]} if "name" in params else {})}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=60) as answer:
            text = answer.read().decode()
    except urllib.error.HTTPError as error:
        text = error.read().decode()
    return json.loads(text if text.startswith("{") else re.findall("^data: ({.*)$", text, re.M)[-1])


def main():
    with socket.socket() as silent:  # it accepts, and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen(128)
        url = odd_http.start(f"http://127.0.0.1:{silent.getsockname()[1]}/")
        cases = [(url + name, *expected) for name, expected in HTTP.items()]
        cases += [([sys.executable, STDIO, name], *expected) for name, expected in PROGRAMS.items()]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            faults.extend(filter(None, pool.map(lambda case: call(*case), cases)))
            faults.extend(filter(None, pool.map(doctor, (url + "ssh", url + "silentnotice"))))
        with tempfile.NamedTemporaryFile("w+", prefix="tenon-odd-") as log:
            try:
                behind(url, log)
            except RuntimeError as exc:
                faults.append(f"behind: {exc}:\n{text_of(log)}")
    for fault in faults:
        print(fault)
    print(f"{len(cases)} servers tried, {len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
