#include "mcp/messages/MirroredHeaders.h"

#include "base/text/Base64.h"
#include "jsonrpc/Error.h"

#include <Poco/NumberParser.h>

#include <cmath>

namespace tenon::mcp
{

using base::JsonDocument;

namespace
{

[[noreturn]] void mismatch(const std::string& message)
{
    throw jsonrpc::RpcException(jsonrpc::ErrorKind::HEADER_MISMATCH, "Header mismatch: " + message);
}

constexpr std::string_view SUFFIX = "?=";

bool isVisible(std::string_view value)
{
    for (const char letter : value)
        if (static_cast<unsigned char>(letter) > 0x7E || (static_cast<unsigned char>(letter) < 0x20 && letter != '\t'))
            return false;
    return true;
}

/// The header's value, decoded; false if it is absent.
bool read(const base::HeaderFields& headers, std::string_view name, std::string& decoded)
{
    std::string_view value;
    if (!headers.header(name, value))
        return false;
    if (!isVisible(value))
        mismatch(std::string(name) + " holds characters that a header must not; send it as =?base64?…?=");
    if (!decodeHeaderValue(value, decoded))
        mismatch(std::string(name) + " is not valid base64 between =?base64? and ?=");
    return true;
}

/// Whether a header's text stands for the body's value.
bool equals(const std::string& text, const JsonDocument::Element& value)
{
    switch (value.type())
    {
    case simdjson::dom::element_type::STRING:
        return text == value.get_string().value_unsafe();
    case simdjson::dom::element_type::BOOL:
        return text == (value.get_bool().value_unsafe() ? "true" : "false");
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64:
    case simdjson::dom::element_type::DOUBLE:
    {
        if (text == base::toJson(value))
            return true;
        double number = 0; // compared as numbers: 42.0 is 42, but "4,2" is not
        return Poco::NumberParser::tryParseFloat(text, number, '.', '\0') &&
               number == value.get_double().value_unsafe() && std::fabs(number) < 9007199254740992.0;
    }
    default:
        return false;
    }
}

} // namespace

bool decodeHeaderValue(std::string_view value, std::string& decoded)
{
    const bool encoded = value.size() >= ENCODED_PREFIX.size() + SUFFIX.size() && value.starts_with(ENCODED_PREFIX) &&
                         value.ends_with(SUFFIX);
    if (!encoded)
    {
        decoded = value;
        return true;
    }
    value.remove_prefix(ENCODED_PREFIX.size());
    value.remove_suffix(SUFFIX.size());
    return base::fromBase64(value, decoded) && simdjson::validate_utf8(decoded);
}

void headerMismatch(std::string_view header, std::string_view sent, std::string_view body)
{
    const std::string name(header), must = "'" + std::string(body) + "'";
    mismatch(sent.empty() ? "the header " + name + " is missing or empty; it must be " + must
                          : name + " header value '" + std::string(sent) + "' does not match body value " + must);
}

void checkNameHeader(const base::HeaderFields& headers, std::string_view name)
{
    std::string value;
    if (!read(headers, "Mcp-Name", value) || value != name)
        headerMismatch("Mcp-Name", value, name);
}

void checkParameterHeaders(const base::HeaderFields& headers, const plugin::ToolEntry& tool,
                           const JsonDocument::Element& arguments)
{
    for (const auto& parameter : tool.headerParameters)
    {
        JsonDocument::Element value = arguments;
        bool present = true;
        for (const auto& name : parameter.path)
            present = present && base::findMember(value, name, value);
        present = present && !value.is_null();

        const std::string header = "Mcp-Param-" + parameter.header;
        std::string text;
        const bool sent = read(headers, header, text);
        if (!present && sent)
            mismatch(header + " is sent, but the arguments have no such value");
        if (!present)
            continue;
        if (!sent)
            mismatch("the header " + header + " is missing; it repeats the argument '" + parameter.path.back() + "'");
        if (!equals(text, value))
            mismatch(header + " header value '" + text + "' does not match the argument '" + parameter.path.back() +
                     "'");
    }
}

} // namespace tenon::mcp
