#include "jsonrpc/Error.h"

#include "base/json/JsonWriter.h"

#include <typeinfo>

namespace tenon::jsonrpc
{

int codeOf(ErrorKind kind, bool modern) noexcept
{
    switch (kind)
    {
    case ErrorKind::NONE:
        return 0;
    case ErrorKind::PARSE:
        return -32700;
    case ErrorKind::INVALID_REQUEST:
    case ErrorKind::BAD_VERSION_HEADER:
    case ErrorKind::SESSION_REQUIRED:
    case ErrorKind::SESSION_NOT_FOUND:
    case ErrorKind::NOT_ACCEPTABLE:
        return -32600;
    case ErrorKind::METHOD_NOT_FOUND:
        return -32601;
    case ErrorKind::INVALID_PARAMS:
    case ErrorKind::MISSING_META:
    case ErrorKind::FORBIDDEN:
        return -32602;
    case ErrorKind::INTERNAL:
    case ErrorKind::LIMIT:
    case ErrorKind::QUOTA:
        return -32603;
    case ErrorKind::RESOURCE_NOT_FOUND:
        return modern ? -32602 : -32002;
    case ErrorKind::HEADER_MISMATCH:
        return -32020;
    case ErrorKind::MISSING_CAPABILITY:
        return -32021;
    case ErrorKind::UNSUPPORTED_VERSION:
        // Legacy revisions have no code for it; their specification's example uses Invalid params.
        return modern ? -32022 : -32602;
    }
    return -32603;
}

void appendError(std::string& out, std::string_view id, ErrorKind kind, bool modern, std::string_view message,
                 std::string_view data)
{
    appendErrorResponse(out, id, errorObject(kind, modern, message, data));
}

std::array<std::string_view, 5> lostResponseParts(std::string_view id) noexcept
{
    return {id.empty() ? R"({"jsonrpc":"2.0")" : R"({"jsonrpc":"2.0","id":)", id,
            R"(,"error":{"code":-32603,"message":")", ANSWER_LOST, R"("}})"};
}

std::string errorObject(ErrorKind kind, bool modern, std::string_view message, std::string_view data)
{
    std::string error;
    base::JsonWriter writer(error);
    writer.beginObject().member("code", codeOf(kind, modern)).member("message", message);
    if (!data.empty())
        writer.rawMember("data", data);
    writer.endObject();
    return error;
}

void appendErrorResponse(std::string& out, std::string_view id, std::string_view error)
{
    base::JsonWriter writer(out);
    writer.beginObject().member("jsonrpc", "2.0");
    if (!id.empty())
        writer.rawMember("id", id);
    writer.rawMember("error", error).endObject();
}

RpcException::RpcException(ErrorKind kind, const std::string& message, std::string data)
    : Poco::Exception(message, codeOf(kind, true)), _kind(kind), _data(std::move(data))
{
}

const char* RpcException::name() const noexcept
{
    return "JSON-RPC error";
}

const char* RpcException::className() const noexcept
{
    return typeid(*this).name();
}

Poco::Exception* RpcException::clone() const
{
    return new RpcException(*this);
}

void RpcException::rethrow() const
{
    throw *this;
}

} // namespace tenon::jsonrpc
