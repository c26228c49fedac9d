#include "net/http/ResponseHead.h"

#include "net/http/StatusTable.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Timestamp.h>

#include <algorithm>
#include <charconv>
#include <ctime>

namespace tenon::net
{

namespace
{

struct ReadyLines
{
    std::time_t second = 0;
    std::string headOfJson;
    std::string_view common; ///< part of it
};

const ReadyLines& readyLines()
{
    constexpr std::string_view STATUS = "HTTP/1.1 200 OK";
    thread_local ReadyLines lines;
    const std::time_t now = std::time(nullptr);
    if (now != lines.second)
    {
        const std::string common =
            "\r\nServer: tenon\r\nDate: " +
            Poco::DateTimeFormatter::format(Poco::Timestamp::fromEpochTime(now), Poco::DateTimeFormat::HTTP_FORMAT) +
            "\r\n";
        lines.headOfJson.assign(STATUS).append(common).append("Content-Type: application/json\r\nContent-Length: ");
        lines.common = std::string_view(lines.headOfJson).substr(STATUS.size(), common.size());
        lines.second = now;
    }
    return lines;
}

} // namespace

std::string_view commonLines()
{
    return readyLines().common;
}

std::string_view headOfJson()
{
    return readyLines().headOfJson;
}

ResponseHead::ResponseHead(std::string& out, int status) : _out(out)
{
    _out.assign("HTTP/1.1 ")
        .append(status == 200 ? std::string_view("200 OK") : statusLine(status))
        .append(commonLines());
}

ResponseHead& ResponseHead::field(std::string_view name, std::string_view value)
{
    _out.append(name).append(": ").append(value).append("\r\n");
    return *this;
}

ResponseHead& ResponseHead::contentLength(std::uint64_t bytes)
{
    constexpr std::string_view NAME = "Content-Length: ";
    char line[NAME.size() + 24];
    char* const digits = std::copy(NAME.begin(), NAME.end(), line);
    char* end = std::to_chars(digits, line + sizeof line - 2, bytes).ptr;
    *end++ = '\r';
    *end++ = '\n';
    _out.append(line, static_cast<std::size_t>(end - line));
    return *this;
}

ResponseHead& ResponseHead::lines(std::string_view finished)
{
    if (!finished.empty())
        _out.append(finished);
    return *this;
}

void ResponseHead::end(bool keepAlive, int minorVersion)
{
    _out.append(ending(keepAlive, minorVersion));
}

std::string_view ResponseHead::ending(bool keepAlive, int minorVersion)
{
    return !keepAlive ? "Connection: close\r\n\r\n" : minorVersion == 0 ? "Connection: keep-alive\r\n\r\n" : "\r\n";
}

std::string headerLines(const guard::HeaderPairs& headers)
{
    std::string lines;
    std::size_t bytes = 0;
    for (const auto& [name, value] : headers)
        bytes += name.size() + value.size() + 4;
    lines.reserve(bytes);
    for (const auto& [name, value] : headers)
        lines.append(name).append(": ").append(value).append("\r\n");
    return lines;
}

} // namespace tenon::net
