"""A load profile for Locust: clients that open a session or a stream, call tools, and go.

    apt install python3-locust            # or: pip install locust
    locust -f tests/bench/locustfile.py --host http://127.0.0.1:8080 --headless -u 100 -r 10 -t 5m

100 users with the pauses below are some 1,000 calls a minute. TENON_TOKEN is sent as a bearer token. What is measured is one
machine's Python as well as the server; tests/bench/run.sh measures the server alone.
"""

import json
import os
import time

from locust import HttpUser, between, events, task

REVISION = "2025-11-25"
TOOL = os.environ.get("TENON_TOOL", "clock_now")


def credentials():
    token = os.environ.get("TENON_TOKEN")
    return {"Authorization": "Bearer " + token} if token else {}


class StreamableHttpUser(HttpUser):
    """A session of Streamable HTTP: initialize, then calls, then DELETE."""

    weight = 3
    wait_time = between(4, 8)

    def on_start(self):
        self.ids = 0
        self.headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
                        **credentials()}
        answer = self.send("initialize", {"protocolVersion": REVISION, "capabilities": {},
                                          "clientInfo": {"name": "locust", "version": "1"}})
        if answer is not None and "Mcp-Session-Id" in answer.headers:
            self.headers |= {"Mcp-Session-Id": answer.headers["Mcp-Session-Id"], "MCP-Protocol-Version": REVISION}
            self.client.post("/mcp", json={"jsonrpc": "2.0", "method": "notifications/initialized"},
                             headers=self.headers, name="initialized")

    def on_stop(self):
        self.client.delete("/mcp", headers=self.headers, name="DELETE session")

    def send(self, method, params, name=None):
        self.ids += 1
        body = {"jsonrpc": "2.0", "id": self.ids, "method": method, "params": params}
        with self.client.post("/mcp", json=body, headers=self.headers, name=name or method, catch_response=True) as answer:
            if answer.status_code != 200:
                answer.failure(f"status {answer.status_code}")
                return None
            if '"error"' in answer.text[:200]:
                answer.failure(answer.text[:200])
            return answer

    @task(10)
    def call(self):
        self.send("tools/call", {"name": TOOL, "arguments": {}}, f"tools/call {TOOL}")

    @task(1)
    def list_tools(self):
        self.send("tools/list", {})


class SseUser(HttpUser):
    """A stream of HTTP+SSE, 2024-11-05: the answer to each POST comes on it."""

    weight = 1
    wait_time = between(4, 8)

    def on_start(self):
        self.ids = 0
        self.stream = self.client.get("/sse", headers={"Accept": "text/event-stream", **credentials()}, stream=True,
                                      name="GET /sse")
        self.events = self.read_events()
        self.endpoint = next(self.events)
        self.call_method("initialize", {"protocolVersion": "2024-11-05", "capabilities": {},
                                        "clientInfo": {"name": "locust", "version": "1"}})
        self.client.post(self.endpoint, json={"jsonrpc": "2.0", "method": "notifications/initialized"},
                         headers=credentials(), name="initialized (SSE)")

    def on_stop(self):
        self.stream.close()

    def read_events(self):
        for line in self.stream.iter_lines(decode_unicode=True):
            if line and line.startswith("data:"):
                yield line[5:].strip()

    def call_method(self, method, params, name=None):
        self.ids += 1
        began = time.perf_counter()
        error = None
        try:
            self.client.post(self.endpoint, headers=credentials(), name="POST /messages",
                             json={"jsonrpc": "2.0", "id": self.ids, "method": method, "params": params})
            while json.loads(next(self.events)).get("id") != self.ids:
                pass
        except Exception as caught:  # what Locust shows as a failure
            error = caught
        events.request.fire(request_type="SSE", name=name or method, exception=error, response_length=0, context={},
                            response_time=(time.perf_counter() - began) * 1000)

    @task
    def call(self):
        self.call_method("tools/call", {"name": TOOL, "arguments": {}}, f"tools/call {TOOL} (SSE)")
