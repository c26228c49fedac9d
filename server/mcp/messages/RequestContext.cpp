#include "mcp/messages/RequestContext.h"

#include "base/json/JsonWriter.h"
#include "jsonrpc/Envelope.h"
#include "mcp/revisions/Results.h"

#include <array>

namespace tenon::mcp
{

std::string_view RequestContext::requireText(std::string_view name) const
{
    base::JsonDocument::Element value;
    std::string_view text;
    if (!param(name, value) || value.get_string().get(text))
        throw jsonrpc::RpcException(jsonrpc::ErrorKind::INVALID_PARAMS, std::string(method) + " needs the string \"" +
                                                                            std::string(name) + "\" in its params");
    return text;
}

void answer(const RequestContext& context, const ResultMeta& meta, std::string_view members, bool toolFailed)
{
    std::string head;
    jsonrpc::appendResponseHead(head, context.id);
    head += '{';
    if (context.modern())
    {
        head += meta.complete();
        if (!members.empty())
            head += ',';
    }
    const std::array<std::string_view, 3> parts = {head, members, "}}"};
    Answer result;
    result.parts = parts;
    result.modern = context.modern();
    result.toolFailed = toolFailed;
    context.sink->finish(result);
}

std::string uriData(std::string_view uri)
{
    std::string data;
    base::JsonWriter(data).beginObject().member("uri", uri).endObject();
    return data;
}

void deny(const RequestContext& context, base::Access access, std::string_view name, bool readOnly,
          jsonrpc::ErrorKind hidden, const std::string& message, std::string data)
{
    if (!context.principal->mayAskForMore)
        throw jsonrpc::RpcException(hidden, message, std::move(data));
    context.sink->denied(access, name, readOnly);
    throw jsonrpc::RpcException(jsonrpc::ErrorKind::FORBIDDEN,
                                "your token does not allow this: " + std::string(name) + "; get one with more scopes");
}

void answerError(const RequestContext& context, jsonrpc::ErrorKind kind, std::string_view message,
                 std::string_view data)
{
    answerError(context, *context.sink, kind, message, data);
}

void answerError(const RequestContext& context, ResponseSink& sink, jsonrpc::ErrorKind kind, std::string_view message,
                 std::string_view data)
{
    std::string text;
    jsonrpc::appendError(text, context.id, kind, context.modern(), message, data);
    const std::array<std::string_view, 1> parts = {text};
    Answer result;
    result.parts = parts;
    result.error = kind;
    result.modern = context.modern();
    sink.finish(result);
}

void answerLost(ResponseSink& sink, std::string_view id, bool modern) noexcept
{
    const auto parts = jsonrpc::lostResponseParts(id);
    Answer result;
    result.parts = parts;
    result.error = jsonrpc::ErrorKind::INTERNAL;
    result.modern = modern;
    try
    {
        sink.finish(result);
    }
    catch (...)
    {
        try
        {
            sink.close(0);
        }
        catch (...) // NOLINT: it is past help, and ends when nobody holds it any more
        {
        }
    }
}

} // namespace tenon::mcp
