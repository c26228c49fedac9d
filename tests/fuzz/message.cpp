// The dispatcher: whatever a client sends, it gets one answer at most, the answer is JSON-RPC, and the next client is
// served.
//
// The first line says who sends: "modern" with the headers that fit the message, a legacy revision ("2025-11-25") in a new
// session, anything else without headers. The message follows.
#include "base/json/JsonDocument.h"
#include "fuzz/Input.h"
#include "unit/mcp/TestServer.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

using namespace tenon::tests;
using tenon::base::findMember;
using tenon::base::JsonDocument;
using tenon::fuzz::demand;
using tenon::plugin::CallBackendPtr;

namespace
{

/// A server that offers one of each. It lives as long as the process.
TestServer& server()
{
    static TestServer& instance = []() -> TestServer&
    {
        auto& made = *new TestServer;
        made.tool(R"({"name":"echo","inputSchema":{"type":"object","properties":{
                      "text":{"type":"string","minLength":1,"pattern":"^[a-z]*$","x-mcp-header":"Text"},
                      "times":{"type":"integer","minimum":0,"maximum":9},
                      "list":{"type":"array","items":{"enum":["a","b",3]},"uniqueItems":true}},
                      "required":["text"],"additionalProperties":false},
                      "outputSchema":{"type":"object"}})",
                  answering(R"({"content":[{"type":"text","text":"x"}],"structuredContent":{"a":1}})"));
        made.simpleTool("ask",
                        [](const CallBackendPtr& call)
                        {
                            const auto asked = call->requestInput(
                                "who", R"({"method":"elicitation/create","params":{"mode":"form","message":"Who?",
                                        "requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}}})");
                            return asked.status == TENON_OK ? call->finish(R"({"content":[]})", nullptr) : asked.status;
                        });
        made.prompt(R"({"name":"p","arguments":[{"name":"a","required":true}]})",
                    answering(R"({"messages":[{"role":"user","content":{"type":"text","text":"x"}}]})"));
        made.resource(R"({"uri":"x://a","name":"a"})");
        made.resourceTemplate(R"({"uriTemplate":"x://{id}/{+rest}","name":"t"})");
        made.plugin->read = answering(R"({"contents":[{"uri":"x://a","text":"t"}]})");
        made.plugin->complete = answering(R"({"completion":{"values":["a","b"]}})");
        made.publish();
        return made;
    }();
    return instance;
}

/// The headers that mirror a message, so that what is behind their check is reached.
Headers mirroring(std::string_view body)
{
    Headers headers{{"MCP-Protocol-Version", "2026-07-28"}};
    try
    {
        const auto document = JsonDocument::parse(body);
        headers.set("Mcp-Method", std::string(tenon::base::textMember(document->root(), "method")));
        JsonDocument::Element params, arguments;
        if (!findMember(document->root(), "params", params))
            return headers;
        for (const char* member : {"name", "uri", "taskId"})
            if (const auto name = tenon::base::textMember(params, member); !name.empty())
                headers.set("Mcp-Name", std::string(name));
        if (findMember(params, "arguments", arguments))
            if (const auto text = tenon::base::textMember(arguments, "text"); !text.empty())
                headers.set("Mcp-Param-Text", std::string(text));
    }
    catch (const Poco::Exception&)
    {
        // No JSON: the dispatcher has to say so.
    }
    return headers;
}

/// Waits for what comes, and looks at it.
void settle(const RecordingSinkPtr& sink)
{
    demand(TestServer::eventually([&] { return sink->ended() || sink->opened(); }));
    sink->disconnect();
    demand(sink->answers() <= 1);
    const std::string answer = sink->answer();
    if (answer.empty())
        return;
    const auto document = JsonDocument::parse(answer);
    const auto check = [](const JsonDocument::Element& message)
    {
        JsonDocument::Element member;
        demand(tenon::base::textMember(message, "jsonrpc") == "2.0");
        demand(findMember(message, "result", member) != findMember(message, "error", member));
    };
    simdjson::dom::array batch;
    if (document->root().get_array().get(batch))
        check(document->root());
    else
        for (const auto message : batch)
            check(message);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const tenon::fuzz::Input input(data, size);
    const std::string who(input.line), body(input.rest);
    constexpr std::string_view LEGACY[] = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};
    if (who == "modern")
        settle(server().send(body, mirroring(body)));
    else if (std::find(std::begin(LEGACY), std::end(LEGACY), who) != std::end(LEGACY))
    {
        LegacyClient client(server(), who, R"({"elicitation":{},"sampling":{},"roots":{}})");
        settle(client.post(body));
        (void)client.end();
    }
    else
    {
        const auto sink = server().send(body, {});
        settle(sink);
        if (!sink->sessionId().empty())
            server().dispatcher->endSession(server().anybody, sink->sessionId(), std::make_shared<RecordingSink>());
    }
    const std::string next = server().modernAnswer("prompts/get", R"("name":"p","arguments":{"a":"b"})");
    demand(next.find("\"messages\"") != std::string::npos);
    demand(TestServer::eventually([] { return server().dispatcher->callsInFlight() == 0; }));
    return 0;
}
