#include "jsonrpc/Envelope.h"

#include "base/json/JsonWriter.h"

namespace tenon::jsonrpc
{

namespace
{

std::string message(std::string_view id, std::string_view method, std::string_view params)
{
    std::string text;
    text.reserve(64 + id.size() + method.size() + params.size());
    base::JsonWriter writer(text);
    writer.beginObject().member("jsonrpc", "2.0");
    if (!id.empty())
        writer.rawMember("id", id);
    writer.member("method", method);
    if (!params.empty())
        writer.rawMember("params", params);
    writer.endObject();
    return text;
}

} // namespace

void appendResponseHead(std::string& out, std::string_view id)
{
    out.append(RESPONSE_ID).append(id).append(RESPONSE_RESULT);
}

std::string notification(std::string_view method, std::string_view params)
{
    return message({}, method, params);
}

std::string request(std::string_view id, std::string_view method, std::string_view params)
{
    return message(id, method, params);
}

} // namespace tenon::jsonrpc
