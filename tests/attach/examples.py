"""Runs the examples of attached programs against the real server: examples.py loop|python|gdb|manners|typed|handover|forking."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

PATIENCE = 30
STARTED = []  # processes, which a test that fails leaves behind
MODERN = "2026-07-28"


def until(what, holds):
    end = time.monotonic() + PATIENCE
    while True:
        value = holds()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"never: {what}; the server says:\n{Server.said()}")
        time.sleep(0.02)


class Server:
    def __init__(self, folder, names, **more):
        self.folder, self.socket = folder, os.path.join(folder, "attach.sock")
        settings = {"http.port": "0", "plugins.directory": os.path.join(folder, "none"), "attach.enabled": "true",
                    "attach.socket": self.socket, "control.directory": folder}
        settings.update(more)
        for name in names:
            settings[f"attach.{name}.users"] = str(os.getuid())
            settings[f"attach.{name}.waitMs"] = "20000"
        self.config = os.path.join(folder, "tenon.properties")
        with open(self.config, "w") as file:
            file.writelines(f"{key} = {value}\n" for key, value in settings.items())
        self.start()

    last = None

    @classmethod
    def said(cls):
        return cls.last.text() if cls.last else ""

    def start(self):
        Server.last = self
        self.log = open(os.path.join(self.folder, "server.log"), "w+")
        self.process = subprocess.Popen([os.environ["SERVER"], f"--config={self.config}"], stderr=self.log,
                                        stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        STARTED.append(self.process)
        self.port = until("the server listens", lambda: re.search(r"127\.0\.0\.1:(\d+)", self.text()))[1]

    def text(self):
        self.log.flush()
        with open(self.log.name) as file:
            return file.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)

    def request(self, method, **params):
        """The answer."""
        return self.messages(method, **params)[-1]

    def messages(self, method, meta=None, **params):
        """All that comes, the answer at the end."""
        params["_meta"] = {"io.modelcontextprotocol/protocolVersion": MODERN,
                           "io.modelcontextprotocol/clientCapabilities": {}, **(meta or {})}
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
                   "MCP-Protocol-Version": MODERN, "Mcp-Method": method}
        if "name" in params:
            headers["Mcp-Name"] = params["name"]
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/mcp", body, headers)
        try:
            answer = urllib.request.urlopen(request, timeout=2 * PATIENCE).read().decode()
        except urllib.error.HTTPError as error:
            answer = error.read().decode()
        texts = [answer] if answer.startswith("{") else [line[5:] for line in answer.splitlines() if line.startswith("data:")]
        return [json.loads(text) for text in texts if text.strip()]

    def tools(self):
        return {tool["name"]: tool for tool in self.request("tools/list").get("result", {}).get("tools", [])}

    def await_tool(self, name):
        return until(f"{name} is listed", lambda: self.tools().get(name))

    def call(self, name, **arguments):
        answer = self.request("tools/call", name=name, arguments=arguments)
        assert "result" in answer, answer
        return answer["result"]

    def say(self, name, **arguments):
        result = self.call(name, **arguments)
        assert not result.get("isError"), result
        return result["content"][0]["text"]

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def attached(self):
        return subprocess.run([os.environ["SERVER"], "attach", "list", f"--config={self.config}"], text=True,
                              capture_output=True, timeout=PATIENCE).stdout


def program(server, *command, **options):
    environment = dict(os.environ, TENON_ATTACH_SOCKET=server.socket,
                       PYTHONPATH=os.path.join(os.environ["SDK"], "python"))
    STARTED.append(subprocess.Popen(command, env=environment, **options))
    return STARTED[-1]


def end(process, how=signal.SIGTERM):
    process.send_signal(how)
    process.wait(PATIENCE)


def loop(folder):
    server = Server(folder, ["counter"], **{"plugins.required": "counter"})
    assert server.get("/ready")[0] == 503  # nothing is attached yet
    command = [os.environ["ATTACH_LOOP"], "one"]
    first = program(server, *command)
    server.await_tool("count")
    assert [server.say("count") for _ in range(3)] == ["1", "2", "3"]
    assert "counter: running" in server.attached() and f"one, process {first.pid}" in server.attached(), server.attached()

    assert server.get("/ready")[0] == 200
    status, stats = server.get("/stats")
    plugin = json.loads(stats)["plugins"][0]
    assert (plugin["name"], plugin["isolation"], plugin["programs"]) == ("counter", "attached", 1), plugin
    metrics = server.get("/metrics")[1]
    assert re.search(r'tenon_plugin_up{plugin="counter"} 1', metrics), metrics
    assert re.search(r'tenon_plugin_thread_waits_total{plugin="counter"} 3', metrics), metrics

    end(first, signal.SIGKILL)
    until("it is away", lambda: "counter: away" in server.attached())
    assert "count" in server.tools()  # as if nothing had happened
    assert server.get("/ready")[0] == 503
    first = program(server, *command)
    assert server.say("count") == "1"  # waited for it

    server.stop()
    server.start()
    assert "count" in server.tools()  # at once, though the program has still to come back
    assert server.say("count") == "2"  # it noticed nothing

    server.process.kill()
    server.process.wait(PATIENCE)
    server.start()
    assert server.say("count") == "3"

    second = program(server, os.environ["ATTACH_LOOP"], "two")
    until("there is a choice", lambda: server.tools()["count"]["inputSchema"]["properties"].get("instance"))
    assert server.tools()["count"]["inputSchema"]["properties"]["instance"]["enum"] == ["one", "two"]
    assert server.say("count", instance="two") == "1"
    assert server.say("count", instance="one") == "4"
    refused = server.call("count")
    assert refused["isError"] and "'one' 'two'" in refused["content"][0]["text"], refused
    assert server.say("quit", instance="two") == "1"
    second.wait(PATIENCE)
    until("there is no choice", lambda: "instance" not in server.tools()["count"]["inputSchema"]["properties"])
    assert server.say("count") == "5"
    end(first)
    assert first.returncode == 0
    server.stop()


def python(folder):
    server = Server(folder, ["notes"])
    notes = program(server, sys.executable, os.path.join(os.environ["SDK"], "examples", "attach_notes.py"), "mine")
    tool = server.await_tool("add_note")
    assert tool["description"] == "Adds a note."
    assert tool["inputSchema"] == {
        "type": "object", "required": ["text"], "additionalProperties": False,
        "properties": {"text": {"type": "string"}, "urgent": {"type": "boolean", "default": False}}}, tool
    assert server.say("add_note", text="milk") == "1 notes"
    assert server.say("add_note", text="é \"🦊\"", urgent=True) == "2 notes"
    assert server.call("list_notes")["structuredContent"] == {"notes": ["milk", "! é \"🦊\""]}
    wrong = server.call("add_note", text=7)
    assert wrong["isError"], wrong
    end(notes, signal.SIGINT)
    assert notes.returncode == 0

    # One that is refused says why, where Python's programs do.
    with open(os.path.join(folder, "said"), "w+") as said:
        refused = program(server, sys.executable, "-c", "import tenon_attach; tenon_attach.Attachment('nobody').run()",
                          stderr=said)
        until("it says why", lambda: "no user may attach as 'nobody': attach.nobody.users is not set" in open(said.name).read())
        end(refused, signal.SIGINT)
    server.stop()


TALKING = '''
import tenon_attach

lent = tenon_attach.Attachment("talking")

@lent.tool
def talk(call: tenon_attach.Call) -> dict:
    "Says what it does, and asks for folders and a name."
    call.progress(1, 2, "half way")
    call.log("warning", {"near": "the end"}, "talker")
    roots = call.ask("folders", "roots/list")["roots"]
    form = call.elicit("name", "What are you called?", {"type": "object", "properties": {"name": {"type": "string"}}})
    return {"folders": [root["uri"] for root in roots], "name": form and form["name"]}

lent.run()
'''


def talking(folder):
    """What a Python function can do while it runs: progress, logging, questions of every kind."""
    server = Server(folder, ["talking"])
    lent = program(server, sys.executable, "-c", TALKING)
    server.await_tool("talk")
    can = {"io.modelcontextprotocol/clientCapabilities": {"roots": {}, "elicitation": {"form": {}}},
           "io.modelcontextprotocol/logLevel": "info", "progressToken": "p"}
    answers, state, methods, said = {}, {}, [], []
    for _ in range(4):
        *news, answer = server.messages("tools/call", meta=can, name="talk", arguments={}, **answers, **state)
        said += [(one["method"], one["params"].get("message"), one["params"].get("data")) for one in news]
        result = answer["result"]
        if result.get("resultType") != "input_required":
            break
        asked = result["inputRequests"]
        methods += [request["method"] for request in asked.values()]
        given = {"roots/list": {"roots": [{"uri": "file:///here"}]}, "elicitation/create": {"action": "accept", "content": {"name": "Ada"}}}
        answers = {"inputResponses": {key: given[request["method"]] for key, request in asked.items()}}
        state = {"requestState": result["requestState"]} if "requestState" in result else {}
    assert result.get("structuredContent") == {"folders": ["file:///here"], "name": "Ada"}, answer
    assert methods == ["roots/list", "elicitation/create"], methods
    assert ("notifications/progress", "half way", None) in said, said
    assert ("notifications/message", None, {"near": "the end"}) in said, said
    lacks = server.request("tools/call", name="talk", arguments={})
    assert lacks["error"]["code"] == -32021, lacks
    end(lent, signal.SIGINT)
    server.stop()


FORKING = """
import os, sys, time, tenon_attach

lent = tenon_attach.Attachment("forking")

@lent.tool
def leave_child() -> int:
    "Leaves a copy of the program behind."
    child = os.fork()
    if child == 0:
        time.sleep(600)
        os._exit(0)
    return child

@lent.tool
def end_in_child() -> int:
    "Lets a copy of the program end in order."
    child = os.fork()
    if child == 0:
        lent.stop()
        os._exit(7)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

@lent.tool
def hang() -> str:
    "Does not end."
    time.sleep(600)

lent.run()
"""


def forking(folder):
    """A program that is copied: its copies are not the program, and hold nothing of it."""
    server = Server(folder, ["forking"])
    lent = program(server, sys.executable, "-c", FORKING)
    server.await_tool("hang")
    assert server.say("end_in_child") == "7"
    child = int(server.say("leave_child"))
    try:
        answers = []
        hanging = threading.Thread(target=lambda: answers.append(server.call("hang")))
        hanging.start()
        until("the call is inside", lambda: json.loads(server.get("/stats")[1])["plugins"][0]["calls"] == 1)
        began = time.monotonic()
        end(lent, signal.SIGKILL)
        hanging.join(PATIENCE)
        assert answers and answers[0]["isError"], answers
        assert "while this call was inside" in answers[0]["content"][0]["text"], answers
        assert time.monotonic() - began < PATIENCE
        os.kill(child, 0)  # the copy is still there
        lent = program(server, sys.executable, "-c", FORKING)
        assert server.say("end_in_child") == "7"
        end(lent, signal.SIGINT)
    finally:
        os.kill(child, signal.SIGKILL)
    server.stop()


def manners(folder):
    server = Server(folder, ["manners"])
    lent = program(server, os.environ["MANNERS"], stderr=subprocess.PIPE, text=True)
    server.await_tool("look")
    assert server.say("look") == "well"
    lent.send_signal(signal.SIGTERM)
    _, complaint = lent.communicate(timeout=PATIENCE)
    assert lent.returncode == 0, complaint
    server.stop()


def handover(folder):
    """What a plugin is given besides calls, when a program lends it: its settings, and the state of the run before."""
    server = Server(folder, ["state", "settings"], **{"plugin.settings.folder": "data", "plugin.settings.limit": "7"})

    def lend(name):
        return program(server, os.environ["LENDER"], os.path.join(os.environ["EXAMPLES"], f"example_{name}.so"), name,
                       stdout=subprocess.DEVNULL)

    lent = lend("state")
    server.await_tool("next")
    assert [server.say("next") for _ in range(3)] == ["1", "2", "3"]
    end(lent)
    lent = lend("state")
    assert server.say("next") == "4"
    server.stop()
    server.start()
    assert server.say("next") == "5"  # it noticed nothing
    end(lent)
    lent = lend("state")
    assert server.say("next") == "6"
    end(lent, signal.SIGKILL)
    lent = lend("state")
    assert server.say("next") == "1"  # who crashes leaves nothing
    end(lent)

    lent = lend("settings")
    server.await_tool("settings")
    assert server.say("settings") == f"{folder}/data, at most 7, 1 suffixes, 250 ms"
    end(lent)
    assert "is for a plugin that is not there" not in server.text()
    server.stop()


def section(title):
    """A section of sdk/README.md: its files by name, and the lines to type."""
    with open(os.path.join(os.environ["SDK"], "README.md")) as file:
        text = re.search(rf"^## {re.escape(title)}\n(.*?)^## ", file.read(), re.S | re.M)[1]
    files = dict(re.findall(r"^`([\w.]+)`\n\n```\w+\n(.*?)^```$", text, re.S | re.M))
    settings = re.search(r"^```properties\n(.*?)^```$", text, re.S | re.M)[1]
    return files, settings, re.findall(r"^    (\S.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M), re.M)


def typed(folder):
    """What "Five minutes: lend a running program's tools" says, typed."""
    files, settings, lines = section("Five minutes: lend a running program's tools")
    assert set(files) == {"editor.cpp", "CMakeLists.txt", "notes.py"}, set(files)
    prefix = os.path.join(folder, "tenon-sdk")
    subprocess.run(["cmake", "--install", os.path.join(os.environ["BUILD"], "sdk"), "--component", "dev",
                    "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
    more = dict(line.split(" = ") for line in settings.splitlines())
    server = Server(folder, [], **more)
    for name, text in files.items():
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    environment = dict(os.environ, TENON_ATTACH_SOCKET=server.socket, HOME=folder, TENON_CONTROL_DIRECTORY=folder,
                       PATH=":".join([os.path.dirname(os.environ["SERVER"]), os.path.dirname(sys.executable),
                                      os.environ["PATH"]]))
    del environment["LIBTENON_ATTACH"]
    background, said = [], {}
    try:
        for line in lines:
            line = line.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}")
            if line.startswith("tenon call"):
                server.await_tool(line.split()[3])
            elif line.startswith("tenon attach"):
                until("it is attached", lambda: "editor" in server.attached())
                line += f" --config={server.config}"
            if line.endswith("&"):
                background.append(subprocess.Popen(["sh", "-c", line[:-1]], cwd=folder, env=environment,
                                                   start_new_session=True))
                continue
            done = subprocess.run(["sh", "-c", line], cwd=folder, env=environment, capture_output=True, text=True,
                                  timeout=20 * PATIENCE)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            said[line] = done.stdout
        for tool, answer in (("append_line", "6 bytes"), ("add_note", "1 notes")):
            assert any(tool in line and answer in text for line, text in said.items()), said
        background[0].wait(PATIENCE)  # it was told to close
        assert background[0].returncode == 0
    finally:
        for process in background:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:  # it has ended
                pass
            process.wait()
    server.stop()


def gdb(folder):
    server = Server(folder, ["gdb"])
    script = os.path.join(os.environ["SDK"], "examples", "gdb", "tenon_gdb.py")

    def debug():
        return program(server, os.environ["GDB"], "-q", "-nx", "-x", script, os.environ["CRASHER"],
                       stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)

    first = debug()
    server.await_tool("backtrace")
    assert server.say("set_breakpoint", location="share").startswith("breakpoint 1")
    assert server.call("run_program")["structuredContent"]["function"] == "share"
    assert server.say("evaluate", expression="apples * 6") == "42"
    assert server.call("continue_program")["structuredContent"]["function"] == "divide"
    frames = server.call("backtrace")["structuredContent"]["frames"]
    assert [frame["function"] for frame in frames[:3]] == ["divide", "share", "main"], frames
    assert server.call("frame_locals", level=1)["structuredContent"]["locals"]["children"] == "2"
    assert server.call("threads")["structuredContent"]["threads"][0]["stopped"]

    end(first, signal.SIGKILL)  # in the middle: a new one takes its place
    first = debug()
    assert "breakpoint" in server.say("set_breakpoint", location="main")
    second = debug()
    both = until("there are two", lambda: server.tools()["evaluate"]["inputSchema"]["properties"].get("instance"))["enum"]
    assert len(both) == 2, both
    server.call("run_program", instance=both[0])
    assert server.say("evaluate", expression="1+1", instance=both[0]) == "2"
    assert server.call("backtrace", instance=both[1])["isError"]  # nothing runs there
    end(second, signal.SIGKILL)
    end(first, signal.SIGKILL)
    server.stop()


with tempfile.TemporaryDirectory() as place:
    try:
        {"loop": loop, "python": python, "gdb": gdb, "manners": manners, "typed": typed, "handover": handover,
         "forking": forking, "talking": talking}[sys.argv[1]](place)
    finally:
        for started in STARTED:
            started.kill()
            started.wait()
print("ok")
