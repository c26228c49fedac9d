#include "support/Mcp.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>

#include <cppunit/TestAssert.h>

namespace tenon::tests
{

namespace
{

/// Posts a message; of an event stream only the message that is an answer is kept, as the body.
HttpReply postMessage(std::uint16_t port, const Headers& headers, std::string_view body)
{
    RawConnection connection(port);
    connection.send(request("POST", "/mcp", headers, body));
    HttpReply reply = connection.receiveHead();
    if (reply.header("content-type").rfind("text/event-stream", 0) != 0)
    {
        connection.receiveBody(reply);
        return reply;
    }
    for (std::string event = connection.receiveEvent(); !event.empty(); event = connection.receiveEvent())
    {
        if (parseObject(event)->has("method"))
            continue;
        reply.body = event;
        break;
    }
    return reply;
}

std::string join(std::string_view members, std::string_view more)
{
    std::string text(members);
    if (!members.empty() && !more.empty())
        text += ",";
    return text.append(more);
}

std::string message(std::string_view id, std::string_view method, std::string_view params)
{
    std::string text = R"({"jsonrpc":"2.0",)";
    if (!id.empty())
        text.append(R"("id":)").append(id).append(",");
    return text.append(R"("method":")").append(method).append(R"(","params":{)").append(params).append("}}");
}

} // namespace

Poco::JSON::Object::Ptr parseObject(const std::string& text)
{
    try
    {
        return Poco::JSON::Parser().parse(text).extract<Poco::JSON::Object::Ptr>();
    }
    catch (const Poco::Exception& exc)
    {
        CPPUNIT_FAIL("not a JSON object (" + exc.displayText() + "): " + text);
        throw;
    }
}

int errorCode(const std::string& answer)
{
    const auto error = parseObject(answer)->getObject("error");
    return error ? error->getValue<int>("code") : 0;
}

std::string toolText(const std::string& answer)
{
    const auto result = parseObject(answer)->getObject("result");
    CPPUNIT_ASSERT_MESSAGE("no result: " + answer, !result.isNull());
    const auto content = result->getArray("content");
    CPPUNIT_ASSERT_MESSAGE("no content: " + answer, !content.isNull() && content->size() > 0);
    const std::string text = content->getObject(0)->getValue<std::string>("text");
    return result->optValue("isError", false) ? "error: " + text : text;
}

std::string modernBody(std::string_view id, std::string_view method, std::string_view params)
{
    return message(id, method,
                   join(params, R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                                R"("io.modelcontextprotocol/clientInfo":{"name":"tests","version":"1"},)"
                                R"("io.modelcontextprotocol/clientCapabilities":{}})"));
}

Headers modernHeaders(std::string_view method, std::string_view name)
{
    Headers headers{{"Content-Type", "application/json"},
                    {"Accept", "application/json, text/event-stream"},
                    {"MCP-Protocol-Version", "2026-07-28"},
                    {"Mcp-Method", std::string(method)}};
    if (!name.empty())
        headers["Mcp-Name"] = name;
    return headers;
}

HttpReply modernRequest(std::uint16_t port, std::string_view method, std::string_view params, std::string_view name)
{
    return postMessage(port, modernHeaders(method, name), modernBody("1", method, params));
}

std::string legacyBody(std::string_view id, std::string_view method, std::string_view params)
{
    return message(id, method, params);
}

LegacySession::LegacySession(std::uint16_t port, const std::string& revision) : _port(port), _revision(revision)
{
    const HttpReply reply =
        postMessage(port, {{"Content-Type", "application/json"}, {"Accept", "application/json, text/event-stream"}},
                    legacyBody("0", "initialize",
                               R"("protocolVersion":")" + revision +
                                   R"(","capabilities":{},"clientInfo":{"name":"tests","version":"1"})"));
    CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 200, reply.status);
    _id = reply.header("mcp-session-id");
    CPPUNIT_ASSERT(!_id.empty());
    _result = parseObject(reply.body)->getObject("result");
    CPPUNIT_ASSERT_MESSAGE(reply.body, !_result.isNull());
    CPPUNIT_ASSERT_EQUAL(revision, _result->getValue<std::string>("protocolVersion"));
    CPPUNIT_ASSERT_EQUAL(202, post(legacyBody("", "notifications/initialized")).status);
}

Headers LegacySession::headers() const
{
    return {{"Content-Type", "application/json"},
            {"Accept", "application/json, text/event-stream"},
            {"Mcp-Session-Id", _id},
            {"MCP-Protocol-Version", _revision}};
}

HttpReply LegacySession::request(std::string_view method, std::string_view params) const
{
    return post(legacyBody("1", method, params));
}

HttpReply LegacySession::post(std::string_view body) const
{
    return postMessage(_port, headers(), body);
}

void assertServes(std::uint16_t port)
{
    const HttpReply modern = modernRequest(port, "tools/list");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(modern.body, 200, modern.status);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(modern.body, 0, errorCode(modern.body));
    const LegacySession session(port);
    CPPUNIT_ASSERT_EQUAL(0, errorCode(session.request("ping").body));
    const HttpReply ended = exchange(port, "DELETE", "/mcp", session.headers());
    CPPUNIT_ASSERT(ended.status >= 200 && ended.status < 300);
}

} // namespace tenon::tests
