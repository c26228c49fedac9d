#include "client/transport/Incoming.h"

#include "base/json/JsonDocument.h"
#include "base/text/Utf8Sequence.h"
#include "jsonrpc/Message.h"

namespace tenon::client
{

namespace
{

using Kind = jsonrpc::Message::Kind;

constexpr std::string_view REPLACEMENT = "\xEF\xBF\xBD"; // U+FFFD

/// The text with U+FFFD for each byte that is no UTF-8; empty if there is none.
std::string repaired(std::string_view text)
{
    std::string fixed;
    bool bad = false;
    for (std::size_t at = 0; at < text.size();)
    {
        const bool ascii = static_cast<unsigned char>(text[at]) < 0x80;
        const std::size_t length = ascii ? 1 : base::utf8SequenceAt(text, at);
        bad = bad || length == 0;
        fixed += length == 0 ? REPLACEMENT : text.substr(at, length);
        at += length == 0 ? 1 : length;
    }
    return bad ? fixed : std::string();
}

template <typename Parse>
base::JsonDocumentPtr parseGenerously(std::string_view text, const Parse& parse)
{
    try
    {
        return parse(text);
    }
    catch (const Poco::Exception&)
    {
        const std::string fixed = repaired(text);
        if (fixed.empty())
            throw;
        return parse(fixed);
    }
}

} // namespace

base::JsonDocumentPtr parseMessage(std::string_view text)
{
    return parseGenerously(text, [](std::string_view one) { return base::JsonDocument::parse(one); });
}

base::JsonDocumentPtr parseMessageToKeep(std::string_view text)
{
    return parseGenerously(text, [](std::string_view one) { return base::JsonDocument::parseToKeep(one); });
}

std::string_view ownId(std::string_view id)
{
    const bool quoted = id.size() > 2 && id.front() == '"' && id.back() == '"';
    const std::string_view bare = quoted ? id.substr(1, id.size() - 2) : id;
    return quoted && bare.find_first_not_of("0123456789") == std::string_view::npos ? bare : id;
}

bool isAnswerTo(const base::JsonDocument::Element& message, std::string_view id)
{
    simdjson::dom::array batch;
    if (!message.get(batch))
    {
        for (const auto& one : batch)
            if (isAnswerTo(one, id))
                return true;
        return false;
    }
    const auto read = jsonrpc::Message::read(message);
    if (read.kind == Kind::REQUEST || read.kind == Kind::NOTIFICATION)
        return false;
    return read.id.empty() ? read.kind == Kind::ERROR_RESPONSE : ownId(read.id) == id;
}

ClientException errorOf(const base::JsonDocument::Element& error, int httpStatus)
{
    base::JsonDocument::Element member;
    std::int64_t code = code::INTERNAL_ERROR;
    if (base::findMember(error, "code", member) && member.get(code))
        code = code::INTERNAL_ERROR;
    std::string data;
    if (base::findMember(error, "data", member))
        data = base::toJson(member);
    std::string said(base::textMember(error, "message"));
    if (std::string_view text; said.empty() && !error.get(text))
        said = text;
    if (said.empty())
        said = "the server answered with an error that says nothing: " + base::toJson(error).substr(0, MAX_SHOWN);
    return ClientException(static_cast<int>(code), said, std::move(data), httpStatus);
}

} // namespace tenon::client
