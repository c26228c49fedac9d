"""One who takes all there is leaves room for others: sessions, streams, tasks, calls, subscriptions, memory."""

import signal
import time

from server import SANITIZED, SECONDS, Clients, Server, run

OTHER = "127.0.0.9"
TASKS = {"io.modelcontextprotocol/clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}}}


def one_address_does_not_take_all_sessions():
    with Server({"limits.maxSessions": "100"}) as server:
        until = time.monotonic() + SECONDS
        opened = refused = 0
        while refused < 200 and (time.monotonic() < until or refused == 0):
            status, _ = server.initialize()
            opened += status == 200
            refused += status in (429, 503)
            assert status in (200, 429, 503), status
            if opened > 150:
                break  # its own oldest make room: nothing is refused, and others come in
        assert server.initialize(source=OTHER)[0] == 200, "one address took all sessions"


def one_address_does_not_take_all_streams():
    with Server({"limits.maxStreams": "100", "limits.maxSessions": "100000"}, ending=signal.SIGKILL) as server:
        links, statuses = [], []
        for _ in range(120):
            link, status = server.open_stream()
            links.append(link)
            statuses.append(status)
        assert statuses.count(200) <= 20, f"one address has {statuses.count(200)} of 100 streams"
        assert statuses.count(200) >= 5, statuses
        assert set(statuses) == {200, 429}, set(statuses)
        link, status = server.open_stream(source=OTHER)
        links.append(link)
        assert status == 200, "one address took all streams"
        for link in links:
            link.close()


def its_own_sessions_are_429_and_not_503():
    with Server({"limits.maxSessions": "100"}) as server:
        links, statuses = [], []
        for _ in range(30):  # of HTTP+SSE: open, so that none can make room
            link, status = server.open_stream()
            links.append(link)
            statuses.append(status)
        assert set(statuses) == {200, 429}, statuses
        for link in links:
            link.close()


def one_address_does_not_take_all_memory():
    megabyte, memory_mb = 1 << 20, 128
    share = memory_mb * megabyte / 8  # a tenth, or 16 MB if that is more
    with Server({"limits.memoryMb": str(memory_mb), "ops.metrics": "open"}, ["echo"]) as server, Clients(server, 4):
        text = "x" * 3_000_000
        head = (f"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(text)}\r\n\r\n").encode()
        links, refusals, said, until = [], 0, b"", time.monotonic() + SECONDS
        while time.monotonic() < until or not said:
            link = server.connect()
            links.append(link)
            link.settimeout(0.2)
            try:
                link.sendall(head + b" " * 2_900_000)  # and the rest never comes
                said = link.recv(12)
            except TimeoutError:
                said = b""  # it waits for the rest
            except OSError:
                said = b"closed"
            refusals += said != b""
            if len(links) > 200:
                links.pop(0).close()
            # What every connection may need is counted too, and what the others send.
            held = server.held("requests")
            assert held < share + 2 * megabyte, f"one address made it hold {held} bytes of requests"
            assert len(links) < 100 or refusals, "nothing is refused"
        status, answer = server.rpc("tools/call", {"name": "echo", "arguments": {"text": text}}, source=OTHER)
        assert status == 200 and len(str(answer)) > len(text), f"a large call of another: {status} {str(answer)[:200]}"
        assert server.held("requests") > share / 2, "it holds nothing any more"
        for link in links:
            link.close()


def leaving_results(**settings):
    # Both plugins have a tool `large`.
    return Server({"plugin.leaves_results.prefix": "left_", **settings}, ["leaves_results", "echo"])


def leave(server, tool, source="127.0.0.1"):
    return server.rpc("tools/call", {"name": tool, "arguments": {}, "_meta": TASKS}, source=source)


def one_address_does_not_take_all_tasks():
    with leaving_results(**{"limits.maxTasks": "100"}) as server:
        statuses = [leave(server, "left_small")[0] for _ in range(150)]
        assert set(statuses) <= {200, 429, 503}, set(statuses)
        status, answer = leave(server, "left_small", OTHER)
        assert status == 200 and "taskId" in answer["result"], f"one address took all tasks: {status} {answer}"


def results_that_nobody_fetches_are_bounded():
    memory_mb, results = 128, 600  # of a megabyte each
    with leaving_results(**{"limits.memoryMb": str(memory_mb), "ops.metrics": "open"}) as server, Clients(server, 4):
        before = server.memory_mb("VmRSS")
        until, statuses = time.monotonic() + SECONDS, []
        while time.monotonic() < until or len(statuses) < results:
            status, answer = leave(server, "left_large")
            statuses.append(status)
            assert status in (200, 429, 503), answer
        assert statuses.count(200) > results / 2, statuses
        status, answer = leave(server, "left_large", OTHER)
        assert status == 200, f"a task of another: {status} {answer}"
        # An eighth, and the result that was one too many.
        assert server.held("tasks") < (memory_mb / 8 + 2) * 1_050_000, f"{server.held('tasks')} bytes of results are kept"
        grown = server.memory_mb("VmRSS") - before
        assert grown < results / 2 or SANITIZED, f"it has grown by {grown:.0f} MB"


run(one_address_does_not_take_all_sessions, one_address_does_not_take_all_streams, its_own_sessions_are_429_and_not_503,
    one_address_does_not_take_all_memory, one_address_does_not_take_all_tasks, results_that_nobody_fetches_are_bounded)
