#include "net/http/ResponseHead.h"

#include "net/http/StatusTable.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Timestamp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <memory>

namespace tenon::net
{

namespace
{

constexpr std::size_t MOST_HEAD_BYTES = 1024, MOST_BODY_BYTES = 16384; // of what leaves in one piece

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

/// Connection, if HTTP/1.x needs one to be told, and the empty line.
std::string_view ending(bool keepAlive, int minorVersion)
{
    return !keepAlive ? "Connection: close\r\n\r\n" : minorVersion == 0 ? "Connection: keep-alive\r\n\r\n" : "\r\n";
}

} // namespace

std::string_view commonLines()
{
    return readyLines().common;
}

std::string_view jsonMessage(std::span<const std::string_view> body, std::string_view lines, std::string_view more,
                             bool keepAlive, int minorVersion)
{
    // On the heap: what is of every thread would take its room in those that send nothing.
    thread_local const auto room = std::make_unique<std::array<char, MOST_HEAD_BYTES + MOST_BODY_BYTES>>();
    // The head says how long the body is, and is written before it when that is known.
    char* const middle = room->data() + MOST_HEAD_BYTES;
    const char* const end = room->data() + room->size();
    char* to = middle;
    for (const std::string_view& part : body)
    {
        if (part.size() > static_cast<std::size_t>(end - to))
            return {};
        to = std::copy(part.begin(), part.end(), to);
    }
    const std::string_view first = readyLines().headOfJson, last = ending(keepAlive, minorVersion);
    std::array<char, 24> digits;
    char* const behind = std::to_chars(digits.data(), digits.data() + digits.size() - 2, to - middle).ptr;
    behind[0] = '\r';
    behind[1] = '\n';
    const std::string_view length(digits.data(), static_cast<std::size_t>(behind + 2 - digits.data()));
    const std::size_t bytes = first.size() + length.size() + lines.size() + more.size() + last.size();
    if (bytes > MOST_HEAD_BYTES)
        return {};
    char* const begin = middle - bytes;
    char* at = begin;
    for (const std::string_view part : {first, length, lines, more, last})
        if (!part.empty())
            at = std::copy(part.begin(), part.end(), at);
    return {begin, static_cast<std::size_t>(to - begin)};
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

std::size_t sizeOf(std::span<const std::string_view> parts) noexcept
{
    std::size_t total = 0;
    for (const std::string_view& part : parts)
        total += part.size();
    return total;
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
