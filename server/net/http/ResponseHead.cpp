#include "net/http/ResponseHead.h"

#include "net/http/StatusTable.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Timestamp.h>

#include <charconv>
#include <ctime>

namespace tenon::net
{

std::string_view httpDate()
{
    thread_local std::time_t second = 0;
    thread_local std::string text;
    const std::time_t now = std::time(nullptr);
    if (now != second)
    {
        second = now;
        text = Poco::DateTimeFormatter::format(Poco::Timestamp::fromEpochTime(now), Poco::DateTimeFormat::HTTP_FORMAT);
    }
    return text;
}

ResponseHead::ResponseHead(std::string& out, int status) : _out(out)
{
    _out.clear();
    if (status == 200)
        _out.append("HTTP/1.1 200 OK\r\nServer: tenon\r\nDate: ");
    else
        _out.append("HTTP/1.1 ").append(statusLine(status)).append("\r\nServer: tenon\r\nDate: ");
    _out.append(httpDate()).append("\r\n");
}

ResponseHead& ResponseHead::field(std::string_view name, std::string_view value)
{
    _out.append(name).append(": ").append(value).append("\r\n");
    return *this;
}

ResponseHead& ResponseHead::contentLength(std::uint64_t bytes)
{
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, bytes).ptr;
    return field("Content-Length", {digits, static_cast<std::size_t>(end - digits)});
}

ResponseHead& ResponseHead::lines(std::string_view finished)
{
    _out.append(finished);
    return *this;
}

void ResponseHead::end(bool keepAlive, int minorVersion)
{
    if (!keepAlive)
        _out.append("Connection: close\r\n");
    else if (minorVersion == 0)
        _out.append("Connection: keep-alive\r\n");
    _out.append("\r\n");
}

std::string headerLines(const guard::HeaderPairs& headers)
{
    std::string lines;
    for (const auto& [name, value] : headers)
        lines.append(name).append(": ").append(value).append("\r\n");
    return lines;
}

} // namespace tenon::net
