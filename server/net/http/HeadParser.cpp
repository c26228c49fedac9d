#include "net/http/HeadParser.h"

#include "base/text/Ascii.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace tenon::net
{

namespace
{

using Result = HeadParser::Result;
using State = HeadParser::State;

constexpr std::size_t MAX_METHOD_BYTES = 32;

constexpr std::array<bool, 256> tokenChars()
{
    std::array<bool, 256> table{};
    for (int c = '0'; c <= '9'; ++c)
        table[static_cast<std::size_t>(c)] = true;
    for (int c = 'a'; c <= 'z'; ++c)
        table[static_cast<std::size_t>(c)] = table[static_cast<std::size_t>(c - 'a' + 'A')] = true;
    for (char c : std::string_view("!#$%&'*+-.^_`|~"))
        table[static_cast<unsigned char>(c)] = true;
    return table;
}

constexpr std::array<bool, 256> TOKEN = tokenChars();

bool isToken(std::string_view text)
{
    for (char c : text)
        if (!TOKEN[static_cast<unsigned char>(c)])
            return false;
    return !text.empty();
}

/// Whether a field value holds a control character other than a tab. Eight bytes at a time: values are most of a head.
bool hasControl(std::string_view text)
{
    constexpr std::uint64_t ONES = 0x0101010101010101ULL, HIGH = 0x8080808080808080ULL;
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= 8; at += 8, left -= 8)
    {
        std::uint64_t word;
        std::memcpy(&word, at, 8);
        const std::uint64_t del = word ^ (ONES * 0x7f);
        const std::uint64_t below = (word - ONES * 0x20) & ~word;
        const std::uint64_t isDel = (del - ONES) & ~del;
        if (((below | isDel) & HIGH) != 0)
            for (int i = 0; i < 8; ++i)
                if ((static_cast<unsigned char>(at[i]) < 0x20 && at[i] != '\t') || at[i] == 0x7f)
                    return true;
    }
    for (; left > 0; ++at, --left)
        if ((static_cast<unsigned char>(*at) < 0x20 && *at != '\t') || *at == 0x7f)
            return true;
    return false;
}

constexpr Result refused(int status, const char* reason)
{
    return {State::REFUSED, status, reason};
}

constexpr Result OK{State::COMPLETE, 0, ""};

/// What the fields said that decide how the message is framed.
struct Framing
{
    std::string_view host;
    int hosts = 0;
    int lengths = 0;
    int encodings = 0;
    bool close = false;
    bool keep = false;
};

Result parseTarget(std::string_view target, RequestHead& head, std::string_view& authority)
{
    for (char c : target)
        if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f || c == '#')
            return refused(400, "the request target holds a character that is not allowed");
    head.target = target;
    std::string_view rest = target;
    if (rest == "*")
    {
        if (head.method != "OPTIONS")
            return refused(400, "the target * goes with OPTIONS only");
        head.path = rest;
        return OK;
    }
    if (rest.front() != '/')
    {
        const std::size_t scheme = rest.find("://");
        if (scheme == std::string_view::npos || (!base::equalsIgnoringCase(rest.substr(0, scheme), "http") &&
                                                 !base::equalsIgnoringCase(rest.substr(0, scheme), "https")))
            return refused(400, "the request target must begin with /");
        rest.remove_prefix(scheme + 3);
        const std::size_t slash = rest.find_first_of("/?");
        authority = rest.substr(0, slash);
        if (authority.empty())
            return refused(400, "the request target names no host");
        rest = slash == std::string_view::npos ? std::string_view("/") : rest.substr(slash);
    }
    const std::size_t question = rest.find('?');
    head.path = rest.substr(0, question);
    if (head.path.empty())
        head.path = "/";
    if (question != std::string_view::npos)
        head.query = rest.substr(question + 1);
    return OK;
}

Result parseRequestLine(std::string_view line, const HeadParser::Limits& limits, RequestHead& head,
                        std::string_view& authority)
{
    const std::size_t first = line.find(' ');
    if (first == std::string_view::npos || first > MAX_METHOD_BYTES || !isToken(line.substr(0, first)))
        return refused(400, "the request line is malformed");
    head.method = line.substr(0, first);
    const std::size_t last = line.rfind(' ');
    if (last == first || last == first + 1)
        return refused(400, "the request line is malformed");
    const std::string_view target = line.substr(first + 1, last - first - 1);
    if (target.size() > limits.targetBytes)
        return refused(414, "the request target is too long");
    const std::string_view version = line.substr(last + 1);
    if (version == "HTTP/1.1")
        head.minorVersion = 1;
    else if (version == "HTTP/1.0")
        head.minorVersion = 0;
    else if (version.size() == 8 && version.starts_with("HTTP/") && version[5] >= '0' && version[5] <= '9' &&
             version[6] == '.' && version[7] >= '0' && version[7] <= '9')
        return refused(505, "this server speaks HTTP/1.1 and HTTP/1.0");
    else
        return refused(400, "the request line is malformed");
    return parseTarget(target, head, authority);
}

Result parseContentLength(std::string_view value, RequestHead& head)
{
    if (value.empty() || value.size() > 18)
        return refused(400, "Content-Length is malformed");
    std::uint64_t length = 0;
    for (char c : value)
    {
        if (c < '0' || c > '9')
            return refused(400, "Content-Length is malformed");
        length = length * 10 + static_cast<std::uint64_t>(c - '0');
    }
    head.contentLength = length;
    return OK;
}

void parseConnection(std::string_view value, Framing& framing)
{
    while (!value.empty())
    {
        const std::size_t comma = value.find(',');
        const std::string_view option = base::trimmed(value.substr(0, comma));
        framing.close = framing.close || base::equalsIgnoringCase(option, "close");
        framing.keep = framing.keep || base::equalsIgnoringCase(option, "keep-alive");
        value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
    }
}

/// Fields of which a proxy and this server might each believe another one.
bool mustBeSingle(base::Field field)
{
    using base::Field;
    return field == Field::ORIGIN || field == Field::NAME || field == Field::METHOD || field == Field::CONTENT_TYPE ||
           field == Field::AUTHORIZATION || field == Field::LAST_EVENT_ID || field == Field::SESSION_ID ||
           field == Field::PROTOCOL_VERSION;
}

Result noteTransferEncoding(std::string_view value, Framing& framing, RequestHead& head)
{
    ++framing.encodings;
    // A list that does not end with chunked leaves the body's length in doubt (RFC 9112, 6.3).
    if (const auto comma = value.rfind(',');
        comma != std::string_view::npos && value.find("chunked", comma) == std::string_view::npos)
        return refused(400, "chunked must be the last transfer coding");
    if (!base::equalsIgnoringCase(value, "chunked"))
        return refused(501, "the only transfer coding understood here is chunked");
    head.chunked = true;
    return OK;
}

Result noteField(base::Field field, std::string_view name, std::string_view value, Framing& framing, RequestHead& head)
{
    using base::Field;
    switch (field)
    {
    case Field::HOST:
        ++framing.hosts;
        framing.host = value;
        return OK;
    case Field::EXPECT:
        if (!base::equalsIgnoringCase(value, "100-continue"))
            return refused(417, "the only expectation met here is 100-continue");
        head.expectsContinue = true;
        return OK;
    case Field::CONNECTION:
        parseConnection(value, framing);
        return OK;
    case Field::CONTENT_LENGTH:
        ++framing.lengths;
        return parseContentLength(value, head);
    case Field::TRANSFER_ENCODING:
        return noteTransferEncoding(value, framing, head);
    default:
        break;
    }
    const bool repeated = field == Field::OTHER
                              ? name.size() > 10 && base::startsWithIgnoringCase(name, "Mcp-Param-") && head.has(name)
                              : mustBeSingle(field) && head.has(field);
    return repeated ? refused(400, "a header field that must be single is repeated") : OK;
}

Result parseField(std::string_view line, Framing& framing, RequestHead& head)
{
    if (line.front() == ' ' || line.front() == '\t')
        return refused(400, "folded header lines are obsolete");
    const void* colon = std::memchr(line.data(), ':', line.size());
    if (colon == nullptr)
        return refused(400, "a header line has no colon");
    const auto nameLength = static_cast<std::size_t>(static_cast<const char*>(colon) - line.data());
    const std::string_view name = line.substr(0, nameLength);
    if (!isToken(name))
        return refused(400, "a header name is malformed");
    const std::string_view value = base::trimmed(line.substr(nameLength + 1));
    if (hasControl(value))
        return refused(400, "a header value holds a control character");
    const base::Field field = base::HeaderFields::fieldOf(name);
    const Result noted = noteField(field, name, value, framing, head);
    if (noted.state == State::REFUSED)
        return noted;
    return head.addField(field, name, value) ? OK : refused(431, "there are too many header fields");
}

bool plausibleHost(std::string_view host)
{
    return host.find_first_of(" \t,/?#@\\") == std::string_view::npos;
}

Result settle(const Framing& framing, std::string_view authority, RequestHead& head)
{
    if (framing.hosts > 1 || (framing.hosts == 0 && head.minorVersion == 1))
        return refused(400, "exactly one Host header is needed");
    if (!plausibleHost(framing.host))
        return refused(400, "the Host header is malformed");
    if (!authority.empty() && framing.hosts == 1 && !base::equalsIgnoringCase(authority, framing.host))
        return refused(400, "the request target and the Host header contradict each other");
    if (framing.lengths > 1)
        return refused(400, "Content-Length is repeated");
    if (framing.encodings > 1)
        return refused(400, "Transfer-Encoding is repeated");
    if (framing.encodings == 1 && framing.lengths == 1)
        return refused(400, "Content-Length and Transfer-Encoding contradict each other");
    if (framing.encodings == 1 && head.minorVersion == 0)
        return refused(400, "HTTP/1.0 has no Transfer-Encoding");
    head.keepAlive = !framing.close && (head.minorVersion == 1 || framing.keep);
    if (head.minorVersion == 0)
        head.expectsContinue = false;
    return OK;
}

Result tooLarge(std::string_view bytes, const HeadParser::Limits& limits)
{
    if (bytes.find('\n') == std::string_view::npos && bytes.size() > limits.targetBytes)
        return refused(414, "the request target is too long");
    if (bytes.size() > limits.headBytes)
        return refused(431, "the header fields are too large");
    return {};
}

} // namespace

HeadParser::Result HeadParser::parse(std::string_view bytes, const Limits& limits, RequestHead& head)
{
    head.clear();
    Framing framing;
    std::string_view authority;
    // One empty line before a request is forgiven, as RFC 9112 asks: old clients send it after a body.
    std::size_t at = bytes.starts_with("\r\n") ? 2 : 0;
    bool first = true;
    for (;;)
    {
        const void* found = at < bytes.size() ? std::memchr(bytes.data() + at, '\n', bytes.size() - at) : nullptr;
        if (found == nullptr)
            return tooLarge(bytes, limits);
        const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
        if (end + 1 > limits.headBytes)
            return first && end > limits.targetBytes ? refused(414, "the request target is too long")
                                                     : refused(431, "the header fields are too large");
        if (end == at || bytes[end - 1] != '\r')
            return refused(400, "a line does not end with CR LF");
        const std::string_view line = bytes.substr(at, end - 1 - at);
        at = end + 1;
        Result result = OK;
        if (first)
            result = line.empty() ? refused(400, "the request line is malformed")
                                  : parseRequestLine(line, limits, head, authority);
        else if (line.empty())
        {
            head.length = at;
            return settle(framing, authority, head);
        }
        else
            result = parseField(line, framing, head);
        if (result.state == State::REFUSED)
            return result;
        first = false;
    }
}

HeadParser::Result HeadParser::scan(std::string_view bytes, const Limits& limits, std::size_t& scanned)
{
    std::size_t at = scanned;
    while (at < bytes.size())
    {
        const void* found = std::memchr(bytes.data() + at, '\n', bytes.size() - at);
        if (found == nullptr)
            break;
        const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
        if (end == 0 || bytes[end - 1] != '\r')
            return refused(400, "a line does not end with CR LF");
        if (end >= 3 && bytes[end - 2] == '\n')
            return OK;
        at = end + 1;
    }
    scanned = bytes.size();
    return tooLarge(bytes, limits);
}

} // namespace tenon::net
