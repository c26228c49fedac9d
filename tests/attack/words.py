"""What plugins say is held against the protocol before a client sees it; and what clients say that nobody asked for."""

import json

from server import Server, run

CAN = {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}, "url": {}}, "sampling": {"tools": {}}}}
GOOD = {"content": [{"type": "text", "text": "well"}]}
TEXT = {"type": "text", "text": "well"}
CANNOT_BE_BASE64 = "*not base64*"
IT = "told://a/it"

# What a tool gives, and a word of what its caller is told instead.
RESULTS = [
    ("say", {"content": [{"type": "image", "data": CANNOT_BE_BASE64, "mimeType": "image/png"}]}, "base64"),
    ("say", {"content": [{"type": "audio", "data": CANNOT_BE_BASE64, "mimeType": "audio/wav"}]}, "base64"),
    ("say", {"content": [{"type": "resource", "resource": {"uri": IT, "blob": CANNOT_BE_BASE64}}]}, "base64"),
    ("say", {"content": [{**TEXT, "_meta": []}]}, "_meta"),
    ("say", {**GOOD, "_meta": "none"}, "_meta"),
    ("say", {"content": ["well"]}, "not an object"),
    ("say", ["well"], ""),
    ("say_structured", {**GOOD, "structuredContent": {"n": "one"}}, "outputSchema"),
    ("say_structured", {**GOOD, "structuredContent": {}}, "outputSchema"),
    ("say_structured", GOOD, "outputSchema"),
]

# What a resource, a prompt or a completion gives.
KEPT = [
    ("resources/read", {"uri": IT}, {"contents": [{"uri": IT, "blob": CANNOT_BE_BASE64}]}),
    ("resources/read", {"uri": IT}, {"contents": [{"uri": IT, "text": "well"}], "ttlMs": -1}),
    ("resources/read", {"uri": IT}, {"contents": [{"uri": IT, "text": "well"}], "cacheScope": "everybody"}),
    ("resources/read", {"uri": IT}, {"contents": [{"uri": IT, "text": "well"}], "_meta": 1}),
    ("prompts/get", {"name": "it"},
     {"messages": [{"role": "user", "content": {"type": "image", "data": CANNOT_BE_BASE64, "mimeType": "image/png"}}]}),
    ("completion/complete", {"ref": {"type": "ref/prompt", "name": "it"}, "argument": {"name": "word", "value": "w"}},
     {"completion": {"values": [str(number) for number in range(101)]}}),
    ("completion/complete", {"ref": {"type": "ref/prompt", "name": "it"}, "argument": {"name": "word", "value": "w"}},
     {"completion": {}}),
]


def form(**field):
    return {"message": "Which?", "requestedSchema": {"type": "object", "properties": {"one": field}}}


# What a plugin asks of the client.
QUESTIONS = [
    ("elicitation/create", {"requestedSchema": {"type": "object", "properties": {}}}),
    ("elicitation/create", {"mode": "url", "message": "Sign in"}),
    ("elicitation/create", {"mode": "telepathy", "message": "Think"}),
    ("elicitation/create", form(type="object", properties={})),
    ("elicitation/create", form(type="array", items={"type": "object"})),
    ("elicitation/create", {**form(type="string"), "_meta": []}),
    ("sampling/createMessage", {"maxTokens": 9, "messages": [{"role": "user", "content": [
        {"type": "tool_result", "toolUseId": "1", "content": [TEXT]}, TEXT]}]}),
    ("sampling/createMessage", {"maxTokens": 9}),
    ("sampling/createMessage", {"maxTokens": 9, "includeContext": "allServers",
                                "messages": [{"role": "user", "content": TEXT}]}),
    ("tools/call", {"name": "say"}),
]


def failed(answer):
    return "error" in answer or answer["result"].get("isError", False)


def call(server, tool, text, **more):
    return server.rpc("tools/call", {"name": tool, "arguments": {"text": text}, "_meta": CAN}, **more)[1]


def served(isolation, **settings):
    return Server({"plugin.says_as_told.isolation": isolation, **settings}, ["says_as_told"])


def what_breaks_the_protocol_reaches_no_client():
    for isolation in ("none", "process"):
        with served(isolation) as server:
            assert not failed(call(server, "say", json.dumps(GOOD)))
            assert not failed(call(server, "say_structured", json.dumps({**GOOD, "structuredContent": {"n": 1}})))
            for tool, result, word in RESULTS:
                answer = call(server, tool, json.dumps(result))
                assert failed(answer) and word in json.dumps(answer), f"{result} became {answer}"
            for method, params, result in KEPT:
                call(server, "next", json.dumps(result))
                answer = server.rpc(method, params)[1]
                assert "error" in answer, f"{result} became {answer}"
            good = call(server, "ask", json.dumps({"method": "elicitation/create", "params": form(type="string")}))
            assert not failed(good) and "it" in good["result"]["inputRequests"], good
            for method, params in QUESTIONS:
                answer = call(server, "ask", json.dumps({"method": method, "params": params}))
                passed = json.dumps(answer.get("result", {}).get("inputRequests", {}))
                if "includeContext" in params:  # is left out, or refused
                    assert "allServers" not in passed, answer
                else:
                    assert failed(answer), f"{method} {params} became {answer}"


def the_old_way_is_there_for_who_wants_it():
    with served("none", **{"mcp.strictOutput": "false"}) as server:
        assert not failed(call(server, "say_structured", json.dumps({**GOOD, "structuredContent": {"n": "one"}})))


def answers_that_nobody_asked_for_are_not_heard():
    with served("none") as server:
        question = json.dumps({"method": "elicitation/create", "params": form(type="string")})
        params = {"name": "ask", "arguments": {"text": question}, "_meta": CAN}
        asked = server.rpc("tools/call", params)[1]["result"]
        answer = {"action": "accept", "content": {"one": "1"}}
        for state in ("made up", asked["requestState"][:-4] + "AAAA", asked["requestState"] * 2):
            status, told = server.rpc("tools/call", {**params, "requestState": state, "inputResponses": {"it": answer}})
            assert "error" in told, f"the state {state} got {status} {told}"
        again = server.rpc("tools/call", {**params, "requestState": asked["requestState"],
                                          "inputResponses": {"other": answer}})[1]
        assert "it" in again["result"].get("inputRequests", {}), again
        heard = server.rpc("tools/call", {**params, "requestState": asked["requestState"],
                                          "inputResponses": {"it": answer}})[1]
        assert heard["result"]["content"][0]["text"] == "answered", heard


run(what_breaks_the_protocol_reaches_no_client, the_old_way_is_there_for_who_wants_it,
    answers_that_nobody_asked_for_are_not_heard)
