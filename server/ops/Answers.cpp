#include "ops/Answers.h"

#include "base/json/JsonWriter.h"
#include "net/route/MemoryRequest.h"

#include <Poco/DateTimeFormatter.h>
#include <Poco/Exception.h>
#include <Poco/Timestamp.h>

#include <array>

namespace tenon::ops
{

void sendJson(Poco::Net::HTTPServerResponse& response, int status, std::string_view json)
{
    response.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(status));
    response.setContentType("application/json");
    response.set("Cache-Control", "no-store");
    response.sendBuffer(json.data(), json.size());
}

void sendReply(Poco::Net::HTTPServerResponse& response, const guard::Reply& reply)
{
    response.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(reply.status));
    for (const auto& [name, value] : reply.headers)
        response.add(std::string(name), value);
    response.sendBuffer(reply.body.data(), reply.body.size());
}

void sendError(Poco::Net::HTTPServerResponse& response, int status, std::string_view error, std::string_view message)
{
    sendJson(response, status, errorJson(error, message));
}

std::string errorJson(std::string_view error, std::string_view message)
{
    std::string json;
    base::JsonWriter(json).beginObject().member("error", error).member("message", message).endObject();
    return json;
}

base::PrincipalPtr principalOf(const Poco::Net::HTTPServerRequest& request)
{
    const auto* ours = dynamic_cast<const net::MemoryRequest*>(&request);
    return ours ? ours->admission().principal : nullptr;
}

std::string bodyOf(Poco::Net::HTTPServerRequest& request, std::size_t maxBytes)
{
    std::string body;
    std::array<char, 4096> buffer;
    std::istream& stream = request.stream();
    while (stream.read(buffer.data(), buffer.size()), stream.gcount() > 0)
    {
        body.append(buffer.data(), static_cast<std::size_t>(stream.gcount()));
        if (body.size() > maxBytes)
            throw Poco::DataFormatException("the body is too large");
    }
    return body;
}

std::string_view nameOf(mcp::Transport transport)
{
    switch (transport)
    {
    case mcp::Transport::STREAMABLE_HTTP:
        return "streamable-http";
    case mcp::Transport::HTTP_SSE:
        return "http+sse";
    case mcp::Transport::STDIO:
        return "stdio";
    case mcp::Transport::WEBSOCKET:
        return "websocket";
    }
    return {};
}

std::string isoTime(const Poco::Timestamp& time)
{
    return Poco::DateTimeFormatter::format(time, "%Y-%m-%dT%H:%M:%S.%iZ");
}

} // namespace tenon::ops
