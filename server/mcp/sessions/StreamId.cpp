#include "mcp/sessions/StreamId.h"

#include "base/json/JsonDocument.h"
#include "base/text/Base64.h"
#include "jsonrpc/Message.h"

namespace tenon::mcp
{

namespace
{
constexpr std::size_t MOST_ANSWERS = 64;
}

std::string streamIdOf(const store::InstanceId& maker, std::uint64_t number, const std::string& answers)
{
    std::string rest = std::to_string(number);
    if (maker.named() && !answers.empty() && answers.size() <= MOST_ANSWERS)
        rest.append(1, '.').append(base::toBase64Url(answers));
    return maker.idOf(rest);
}

std::string answersIn(const std::string& streamId)
{
    const auto tag = store::tagOf(streamId).size();
    const auto dot = tag == 0 ? std::string::npos : streamId.find('.', tag + 1);
    std::string text, id;
    if (dot == std::string::npos || !base::fromBase64Url(std::string_view(streamId).substr(dot + 1), text))
        return {};
    try
    {
        const auto document = base::JsonDocument::parse(text);
        return jsonrpc::readId(document->root(), id) ? id : std::string();
    }
    catch (const base::JsonException&)
    {
        return {};
    }
}

} // namespace tenon::mcp
