#include "ops/LogText.h"

#include "base/JsonWriter.h"
#include "guard/login/Digest.h"
#include "guard/web/Text.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

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

template <std::size_t N>
bool isOneOf(const std::array<std::string_view, N>& names, std::string_view name)
{
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view known) { return guard::equalsIgnoringCase(known, name); });
}

/// Whether the byte belongs to a control character of C1 (U+0080 to U+009F) in UTF-8: terminals obey them too.
bool isControl(std::string_view text, std::size_t at)
{
    const auto lead = [&](std::size_t where) { return where < text.size() && text[where] == '\xc2'; };
    const auto tail = [&](std::size_t where)
    {
        return where < text.size() && static_cast<unsigned char>(text[where]) >= 0x80 &&
               static_cast<unsigned char>(text[where]) < 0xa0;
    };
    return (lead(at) && tail(at + 1)) || (at > 0 && lead(at - 1) && tail(at));
}

/// The name of a parameter as the server would read it: `t%6Fken` is `token`.
std::string decoded(std::string_view name)
{
    std::string result;
    try
    {
        Poco::URI::decode(std::string(name), result, true);
    }
    catch (const Poco::SyntaxException&)
    {
        result = name;
    }
    return result;
}

} // namespace

std::string logEscaped(std::string_view text)
{
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at)
    {
        const char letter = text[at];
        const auto byte = static_cast<unsigned char>(letter);
        if (byte < 0x20 || byte == 0x7f || letter == '"' || letter == '\\' || isControl(text, at))
            result += "\\x" + guard::toHex({&letter, 1});
        else
            result += letter;
    }
    return result;
}

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
        if (equals != std::string_view::npos && isOneOf(SECRET_PARAMETERS, decoded(pair.substr(0, equals))))
            result.append(pair.substr(0, equals + 1)).append("***");
        else
            result += pair;
        if (ampersand == std::string_view::npos)
            return result;
        result += '&';
        query.remove_prefix(ampersand + 1);
    }
}

LogLine::LogLine(bool json, std::string_view event) : _json(json)
{
    if (_json)
    {
        _line = "{\"event\":";
        base::JsonWriter::appendString(_line, event);
    }
    else
        _line = logEscaped(event);
}

LogLine& LogLine::add(std::string_view key, std::string_view value)
{
    if (value.empty())
        return *this;
    const bool secret = isOneOf(SECRET_KEYS, key);
    if (_json)
    {
        _line += ',';
        base::JsonWriter::appendString(_line, key);
        _line += ':';
        base::JsonWriter::appendString(_line, secret ? "***" : value);
        return *this;
    }
    _line.append(" ").append(logEscaped(key)).append("=");
    if (secret)
        _line += "***";
    else if (value.find_first_of(" =\"\t\r\n") == std::string_view::npos)
        _line += logEscaped(value);
    else
        _line.append("\"").append(logEscaped(value)).append("\"");
    return *this;
}

LogLine& LogLine::add(std::string_view key, std::int64_t value)
{
    if (_json)
    {
        _line += ',';
        base::JsonWriter::appendString(_line, key);
        _line.append(":").append(std::to_string(value));
    }
    else
        _line.append(" ").append(logEscaped(key)).append("=").append(std::to_string(value));
    return *this;
}

std::string LogLine::text() const
{
    return _json ? _line + "}" : _line;
}

} // namespace tenon::ops
