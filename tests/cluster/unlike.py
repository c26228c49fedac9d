#!/usr/bin/env python3
"""Three instances that are not alike: one has other plugins, and the clocks of two are a quarter of an hour apart.

    unlike.py TENON PLUGINS OTHER-PLUGINS

Ends with 1 at the first line that does not hold.
"""
import glob
import json
import shutil
import subprocess
import sys
import tempfile
import time

import parts
from parts import MODERN, PATIENCE, Instance, Redis, answer_in, eventually, headers_of, initialize

LEASE = 1.0
APART = 450  # seconds, one behind and one ahead
ASKING = MODERN | {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}}


def check(what, holds, shown=""):
    if not holds:
        raise AssertionError(f"{what}: {shown}")
    print(f"  {what}", flush=True)


def patient(request):
    """As a client does: an instance that cannot know now (its Redis is slow) wants to be asked again."""
    def asked(*arguments, **more):
        until = time.monotonic() + PATIENCE
        while True:
            response, body = request(*arguments, **more)
            if response.status != 503 or time.monotonic() > until:
                return response, body
            time.sleep(0.1)
    return asked


ask, legacy, modern = patient(parts.ask), patient(parts.legacy), patient(parts.modern)


def with_clock(seconds, command):
    """The command with another time of day; clocks that nobody sets are left alone."""
    library = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)
    if library is None:
        raise RuntimeError("libfaketime is not installed (installer/packages.sh test)")
    return ["env", f"LD_PRELOAD={library}", f"FAKETIME={seconds:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1",
            *command]


def result_of(reply):
    response, body = reply
    answer = answer_in(body)
    if not answer:
        raise AssertionError(f"{response.status} {body}")
    return answer.get("result"), answer.get("error")


def tools_of(port, cursor=None):
    result, error = result_of(modern(port, "tools/list", {"cursor": cursor} if cursor else {}))
    if error:
        return error, None
    return [tool["name"] for tool in result["tools"]], result.get("nextCursor")


def all_tools(port):
    names, cursor = tools_of(port)
    while cursor:
        more, cursor = tools_of(port, cursor)
        names += more
    return names


def other_plugins(binary, one, two, three):
    here, elsewhere = all_tools(one.port), all_tools(two.port)
    check("each lists what it has", "slow_compute" in here and "slow_compute" not in elsewhere and elsewhere, elsewhere)
    call = {"name": "slow_compute", "arguments": {"seconds": 0.01}}
    check("a call is answered by the instance that has the tool",
          "result" in (answer_in(modern(one.port, "tools/call", call, "slow_compute")[1]) or {}))
    _, error = result_of(modern(two.port, "tools/call", call, "slow_compute"))
    check("and refused by one that has it not", error and error["code"] == -32602, error)
    session = initialize(one.port)
    _, error = result_of(legacy(two.port, session, "tools/call", call))
    check("a session is served there, too, without that tool", error and error["code"] == -32602, error)

    _, cursor = tools_of(one.port)
    names, _ = tools_of(three.port, cursor)
    check("a cursor goes on at an instance with the same list", isinstance(names, list), names)
    refusal, _ = tools_of(two.port, cursor)
    check("and is refused by one with another", isinstance(refusal, dict) and refusal["code"] == -32602 and
          "without a cursor" in refusal["message"], refusal)
    _, cursor = tools_of(two.port)
    refusal, _ = tools_of(one.port, cursor)
    check("the other way round, too", isinstance(refusal, dict) and refusal["code"] == -32602, refusal)

    expected = {"one": len(here), "two": len(elsewhere), "three": len(here)}

    def members():
        states = json.loads(ask(one.port, "GET", {}, path="/stats?scope=cluster")[1])["instances"]
        return {member["instance"]: member["state"] for member in states}
    eventually("all have said what they are",
               lambda: {name: state.get("tools") for name, state in members().items()} == expected)
    check("each says how many tools it has", True)
    versions = {state.get("version") for state in members().values()}
    check("and its version", len(versions) == 1 and None not in versions, versions)

    def status():
        shown = subprocess.run([binary, "status", "--cluster", f"--pid={two.process.pid}", f"--control.directory={two.control}"],
                               capture_output=True, text=True, timeout=60).stdout
        lines = [line.lstrip("* ").replace(",", " ").replace(":", " ") for line in shown.splitlines()]
        return shown, {line.split(".")[0]: line.split() for line in lines if line}

    shown = ""

    def all_are_shown():
        nonlocal shown
        shown, lines = status()
        return all(name in lines and "tools" in lines[name] and
                   [str(tools), "tools"] == lines[name][lines[name].index("tools") - 1:][:2] and
                   versions <= set(lines[name]) for name, tools in expected.items())
    try:
        eventually("the same", all_are_shown)
    except AssertionError as error:
        raise AssertionError(f"tenon status --cluster shows the same of all three: {shown}") from error
    check("tenon status --cluster shows the same of all three", True)


def time_of_day_at(port):
    """As the instance has it: when a task that it makes says that it was made."""
    created, _ = result_of(modern(port, "tools/call", {"name": "slow_compute", "arguments": {"seconds": 2 * LEASE}}, "slow_compute"))
    return created


def clocks_apart(root, one, three, redis):
    made = {}
    for instance in (one, three):
        made[instance.name] = time_of_day_at(instance.port)
    moments = [time.mktime(time.strptime(made[name]["createdAt"][:19], "%Y-%m-%dT%H:%M:%S")) for name in ("one", "three")]
    check("the clocks are apart", 2 * APART - 60 < moments[1] - moments[0] < 2 * APART + 60, moments)

    session = initialize(one.port)
    for instance in (three, one):
        check(f"a session is found at {instance.name}", legacy(instance.port, session, "ping")[0].status == 200)
    time.sleep(3 * LEASE)
    members = json.loads(ask(one.port, "GET", {}, path="/stats?scope=cluster")[1])["instances"]
    check("nobody is taken to be gone", len(members) == 3, members)
    for name, instance in (("one", three), ("three", one)):
        task = made[name]["taskId"]
        eventually("its end", lambda t=task, i=instance: (result_of(modern(i.port, "tasks/get", {"taskId": t}, t))[0] or {}).get(
            "status") == "completed")
        check(f"a task of {name} has its end at {instance.name}", True)

    for here, there in ((one, three), (three, one)):
        def call(instance, **more):
            return result_of(ask(instance.port, "POST", headers_of(method="tools/call", name="test_elicitation"), {
                "jsonrpc": "2.0", "id": "q", "method": "tools/call",
                "params": {"name": "test_elicitation", "arguments": {"message": "?"}, "_meta": ASKING} | more}))
        asked, error = call(here)
        check(f"a question of {here.name}", asked and asked.get("resultType") == "input_required", error)
        answered, error = call(there, requestState=asked["requestState"], inputResponses={"user": {"action": "decline"}})
        check(f"is answered at {there.name}", answered and "decline" in json.dumps(answered), error or answered)

    # What an instance takes over that is gone lives as long as it was told to, by whatever clock.
    created, _ = result_of(modern(one.port, "tools/call", {"name": "slow_compute", "arguments": {"seconds": 60}}, "slow_compute"))
    task = created["taskId"]
    one.kill()

    def gone():
        result, _ = result_of(modern(three.port, "tasks/get", {"taskId": task}, task))
        return result and result["status"] == "failed"
    eventually("taken over", gone, 20 * LEASE)
    check("a task of an instance that is gone has failed, and can be asked for", True)
    left = redis.ask("PTTL", f"tenon:t:{task}")
    check("for what is left of its time", 0 < left <= created["ttlMs"] and left > created["ttlMs"] - 60_000, left)


def main(arguments):
    binary, plugins, others = arguments
    root = tempfile.mkdtemp(prefix="tenon-unlike-")
    processes = []
    with open(f"{root}/log", "wb") as log:
        try:
            redis = Redis(root)
            processes.append(redis)
            instances = []
            for name, folder, clock in (("one", plugins, -APART), ("two", others, 0), ("three", plugins, APART)):
                command = [binary, f"--plugins.directory={folder}", f"--cluster.redis=redis://127.0.0.1:{redis.port}",
                           f"--cluster.instance={name}", f"--cluster.leaseMs={int(LEASE * 1000)}",
                           f"--control.directory={root}/{name}", "--mcp.pageSize=2", "--mcp.taskTtlMs=300000"]
                instances.append(Instance(name, with_clock(clock, command) if clock else command, log))
                instances[-1].control = f"{root}/{name}"
                processes.append(instances[-1])
            one, two, three = instances
            eventually("all know each other", lambda: all(len(json.loads(ask(
                instance.port, "GET", {}, path="/stats?scope=cluster")[1])["instances"]) == 3 for instance in instances))
            print("other plugins", flush=True)
            other_plugins(binary, one, two, three)
            print("clocks", flush=True)
            clocks_apart(root, one, three, redis)
        except AssertionError as error:
            print(f"FAILED: {error}", file=sys.stderr)
            log.flush()
            with open(f"{root}/log", errors="replace") as said:
                print("".join(said.readlines()[-30:]), file=sys.stderr)
            return 1
        finally:
            for process in processes:
                process.kill()
    shutil.rmtree(root, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
