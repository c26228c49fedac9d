#include "base/text/LogEscape.h"

#include "base/text/Hex.h"
#include "base/text/Utf8Sequence.h"

#include <algorithm>

namespace tenon::base
{

namespace
{

/// Whether the byte belongs to a control character of C1 (U+0080 to U+009F) in UTF-8: terminals obey them too.
bool isOfC1(std::string_view text, std::size_t at)
{
    const auto lead = [&](std::size_t where) { return where < text.size() && text[where] == '\xc2'; };
    const auto tail = [&](std::size_t where)
    {
        return where < text.size() && static_cast<unsigned char>(text[where]) >= 0x80 &&
               static_cast<unsigned char>(text[where]) < 0xa0;
    };
    return (lead(at) && tail(at + 1)) || (at > 0 && lead(at - 1) && tail(at));
}

bool isControl(std::string_view text, std::size_t at)
{
    const auto byte = static_cast<unsigned char>(text[at]);
    return byte < 0x20 || byte == 0x7f || isOfC1(text, at);
}

void appendEscaped(std::string& out, char byte)
{
    out += "\\x";
    appendHex(out, byte);
}

/// The length of the character at `at`; 0: it, or the byte, cannot stand in a log.
std::size_t plainAt(std::string_view text, std::size_t at)
{
    if (isControl(text, at))
        return 0;
    return static_cast<unsigned char>(text[at]) < 0x80 ? 1 : utf8SequenceAt(text, at);
}

bool isTail(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

} // namespace

std::string logEscaped(std::string_view text, std::size_t maxBytes)
{
    const bool cut = text.size() > maxBytes;
    if (cut)
    {
        std::size_t size = maxBytes;
        while (size > 0 && maxBytes - size < 3 && isTail(text[size]))
            --size;
        text = text.substr(0, size);
    }
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();)
    {
        const std::size_t length = text[at] == '"' || text[at] == '\\' ? 0 : plainAt(text, at);
        if (length == 0)
            appendEscaped(result, text[at]);
        result += text.substr(at, length);
        at += std::max<std::size_t>(length, 1);
    }
    if (cut)
        result += "...";
    return result;
}

std::string forLog(std::string_view text)
{
    return logEscaped(text, 300);
}

void appendLogMessage(std::string& out, std::string_view text)
{
    for (std::size_t at = 0; at < text.size();)
    {
        const std::size_t length = plainAt(text, at);
        if (text[at] == '\n')
            out += "\\n";
        else if (length == 0)
            appendEscaped(out, text[at]);
        out += text.substr(at, length);
        at += std::max<std::size_t>(length, 1);
    }
}

} // namespace tenon::base
