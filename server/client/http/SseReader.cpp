#include "client/http/SseReader.h"

#include <Poco/NumberParser.h>

namespace tenon::client
{

namespace
{

constexpr int MAX_RETRY_MS = 5 * 60 * 1000;

} // namespace

void SseReader::feed(std::string_view bytes, const Sink& sink)
{
    for (const char byte : bytes)
    {
        const bool second = byte == '\n' && _afterCarriageReturn;
        _afterCarriageReturn = byte == '\r';
        if (second)
            continue;
        if (byte == '\n' || byte == '\r')
            takeLine(sink);
        else
            _line += byte;
    }
}

void SseReader::restart()
{
    _line.clear();
    _event = {};
    _hasData = false;
    _afterCarriageReturn = false;
}

void SseReader::takeLine(const Sink& sink)
{
    std::string_view line(_line);
    if (line.starts_with("\xEF\xBB\xBF"))
        line.remove_prefix(3);
    if (line.empty())
    {
        if (_hasData && !_event.data.empty())
            sink(_event);
        _event = {};
        _hasData = false;
    }
    else if (line.front() != ':')
    {
        const auto colon = line.find(':');
        std::string_view value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
        if (value.starts_with(' '))
            value.remove_prefix(1);
        takeField(line.substr(0, colon), value);
    }
    _line.clear();
}

void SseReader::takeField(std::string_view field, std::string_view value)
{
    if (field == "data")
    {
        if (_hasData)
            _event.data += '\n';
        _event.data.append(value);
        _hasData = true;
    }
    else if (field == "event")
        _event.event = value;
    else if (field == "id" && value.find('\0') == std::string_view::npos)
        _lastEventId = value;
    else if (field == "retry")
    {
        unsigned pause = 0;
        if (Poco::NumberParser::tryParseUnsigned(std::string(value), pause) && pause <= MAX_RETRY_MS)
            _retryMs = static_cast<int>(pause);
    }
}

} // namespace tenon::client
