#include "ops/log/LogMembers.h"

#include "base/json/JsonWriter.h"
#include "base/text/Ascii.h"
#include "base/text/LogEscape.h"
#include "base/text/PercentCoding.h"

#include <Poco/Message.h>

#include <algorithm>
#include <array>

namespace tenon::ops
{

namespace
{

constexpr std::array<std::string_view, 8> SECRET_KEYS = {"authorization", "token",   "password", "secret",
                                                         "cookie",        "api_key", "apikey",   "x-api-key"};
constexpr std::array<std::string_view, 8> SECRET_PARAMETERS = {"token", "access_token", "api_key",  "apikey",
                                                               "key",   "code",         "password", "secret"};

const std::string TEXT_PARAMETER = "members.text", JSON_PARAMETER = "members.json"; // of a Poco::Message

template <std::size_t N>
bool isOneOf(const std::array<std::string_view, N>& names, std::string_view name)
{
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view known) { return base::equalsIgnoringCase(known, name); });
}

} // namespace

std::string withoutSecrets(std::string_view target)
{
    const auto question = target.find('?');
    if (question == std::string_view::npos)
        return std::string(target);
    std::string result(target.substr(0, question + 1));
    std::string_view query = target.substr(question + 1);
    while (true)
    {
        const auto ampersand = query.find('&');
        const std::string_view pair = query.substr(0, ampersand);
        const auto equals = pair.find('=');
        const std::string_view name = pair.substr(0, equals);
        // As the server would read it: `t%6Fken` is `token`.
        if (equals != std::string_view::npos &&
            isOneOf(SECRET_PARAMETERS, base::formDecoded(name).value_or(std::string(name))))
            result.append(pair.substr(0, equals + 1)).append("***");
        else
            result += pair;
        if (ampersand == std::string_view::npos)
            return result;
        result += '&';
        query.remove_prefix(ampersand + 1);
    }
}

LogMembers& LogMembers::add(std::string_view key, std::string_view value)
{
    if (value.empty())
        return *this;
    const bool secret = isOneOf(SECRET_KEYS, key);
    if (secret)
        value = "***";
    if (!_json.empty())
        _json += ',';
    base::JsonWriter::appendString(_json, key);
    _json += ':';
    base::JsonWriter::appendString(_json, value);
    _text.append(" ").append(base::logEscaped(key)).append("=");
    if (value.find_first_of(" =\"\t\r\n") == std::string_view::npos)
        _text += base::logEscaped(value);
    else
        _text.append("\"").append(base::logEscaped(value)).append("\"");
    return *this;
}

LogMembers& LogMembers::add(std::string_view key, std::int64_t value)
{
    addRaw(key, std::to_string(value));
    return *this;
}

LogMembers& LogMembers::flag(std::string_view key, bool value)
{
    addRaw(key, value ? "true" : "false");
    return *this;
}

void LogMembers::addRaw(std::string_view key, std::string_view value)
{
    if (!_json.empty())
        _json += ',';
    base::JsonWriter::appendString(_json, key);
    _json.append(":").append(value);
    _text.append(" ").append(base::logEscaped(key)).append("=").append(value);
}

void LogMembers::attachTo(Poco::Message& message) const
{
    message.set(TEXT_PARAMETER, _text);
    message.set(JSON_PARAMETER, _json);
}

std::string LogMembers::of(const Poco::Message& message, bool json)
{
    return message.get(json ? JSON_PARAMETER : TEXT_PARAMETER, {});
}

} // namespace tenon::ops
