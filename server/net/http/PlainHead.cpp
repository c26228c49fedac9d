#include "net/http/PlainHead.h"

#include "base/text/Ascii.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tenon::net
{

namespace
{

constexpr std::size_t MAX_LENGTH_DIGITS = 15;
constexpr std::size_t TOLERATED =
    4; // lines that differ from one request of a client to the next: how long, and what about

/// Letters, digits, '-' and '_': what names of fields are made of, though they may hold more.
constexpr bool isNameChar(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

constexpr bool isTargetChar(unsigned char c)
{
    return c > 0x20 && c < 0x7f && c != '#';
}

constexpr bool isPathChar(unsigned char c)
{
    return isTargetChar(c) && c != '?';
}

constexpr bool isNoColon(unsigned char c)
{
    return c != ':';
}

/// Without tab, and without what is beyond ASCII: rare, and allowed.
constexpr bool isValueChar(unsigned char c)
{
    return c >= 0x20 && c < 0x7f;
}

/// What names of hosts are made of.
constexpr bool isHostChar(unsigned char c)
{
    return isNameChar(c) || c == '.' || c == ':' || c == '[' || c == ']';
}

#if defined(__SSE2__)

// Sixteen bytes at a time: a mask of those that are not of the kind. Signed comparisons take bytes beyond ASCII for small.
using Bytes = __m128i;

Bytes load(const char* at)
{
    return _mm_loadu_si128(reinterpret_cast<const Bytes*>(at));
}

Bytes within(Bytes bytes, char first, char count)
{
    const Bytes moved = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
    return _mm_cmpeq_epi8(_mm_min_epu8(moved, _mm_set1_epi8(static_cast<char>(count - 1))), moved);
}

unsigned notName(Bytes bytes)
{
    const Bytes letters = within(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 26);
    const Bytes others = _mm_or_si128(within(bytes, '0', 10), _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('-')),
                                                                           _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'))));
    return 0xffffU & ~static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(letters, others)));
}

unsigned notHost(Bytes bytes)
{
    const Bytes colons =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8(':')));
    const Bytes brackets =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('[')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8(']')));
    return notName(bytes) & ~static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(colons, brackets)));
}

unsigned notValue(Bytes bytes)
{
    return static_cast<unsigned>(_mm_movemask_epi8(
        _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)), _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)))));
}

unsigned notTarget(Bytes bytes)
{
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(
        _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x21)),
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('#'))))));
}

unsigned notPath(Bytes bytes)
{
    return notTarget(bytes) | static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('?'))));
}

unsigned colons(Bytes bytes)
{
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(':'))));
}

/// The first byte from `at` that is not of the kind; `end` if there is none. Nothing from `end` on is read.
template <typename Mask, typename Is>
const char* skip(const char* at, const char* end, Mask mask, Is is)
{
    for (; end - at >= 16; at += 16)
        if (const unsigned found = mask(load(at)); found != 0)
            return at + std::countr_zero(found);
    while (at != end && is(static_cast<unsigned char>(*at)))
        ++at;
    return at;
}

const char* endOfName(const char* at, const char* end)
{
    return skip(at, end, notName, isNameChar);
}

const char* endOfHost(const char* at, const char* end)
{
    return skip(at, end, notHost, isHostChar);
}

const char* endOfValue(const char* at, const char* end)
{
    return skip(at, end, notValue, isValueChar);
}

const char* endOfTarget(const char* at, const char* end)
{
    return skip(at, end, notTarget, isTargetChar);
}

const char* endOfPath(const char* at, const char* end)
{
    return skip(at, end, notPath, isPathChar);
}

const char* findColon(const char* at, const char* end)
{
    return skip(at, end, colons, isNoColon);
}

#else

template <typename Is>
const char* skip(const char* at, const char* end, Is is)
{
    while (at != end && is(static_cast<unsigned char>(*at)))
        ++at;
    return at;
}

const char* endOfName(const char* at, const char* end)
{
    return skip(at, end, isNameChar);
}

const char* endOfHost(const char* at, const char* end)
{
    return skip(at, end, isHostChar);
}

const char* endOfValue(const char* at, const char* end)
{
    return skip(at, end, isValueChar);
}

const char* endOfTarget(const char* at, const char* end)
{
    return skip(at, end, isTargetChar);
}

const char* endOfPath(const char* at, const char* end)
{
    return skip(at, end, isPathChar);
}

const char* findColon(const char* at, const char* end)
{
    return skip(at, end, isNoColon);
}

#endif

bool readLength(std::string_view digits, std::uint64_t& length)
{
    if (digits.empty() || digits.size() > MAX_LENGTH_DIGITS)
        return false;
    length = 0;
    for (const char c : digits)
    {
        if (c < '0' || c > '9')
            return false;
        length = length * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return true;
}

/// Looks at a field that matters for the framing, or may be one of a family. False: it is for the other parser to decide.
///
/// Shape: behind the value its line's end follows, and no byte from `end` on is read.
bool note(base::Field field, std::string_view name, std::string_view value, const char* end, RequestHead& head)
{
    using base::Field;
    switch (field)
    {
    case Field::OTHER:
        return !name.empty() && endOfName(name.data(), end) == name.data() + name.size() &&
               (name.size() <= 10 || !base::startsWithIgnoringCase(name, "Mcp-Param-"));
    case Field::EXPECT:
    case Field::TRANSFER_ENCODING:
        return false;
    case Field::HOST:
        return endOfHost(value.data(), end) == value.data() + value.size();
    case Field::CONTENT_LENGTH:
        return readLength(value, head.contentLength);
    case Field::CONNECTION:
        head.keepAlive = !base::equalsIgnoringCase(value, "close");
        return !head.keepAlive || base::equalsIgnoringCase(value, "keep-alive");
    default:
        return true;
    }
}

/// "POST /mcp?x HTTP/1.1" and its line's end; behind that, or null.
const char* requestLine(const char* at, const char* end, std::size_t mostTarget, RequestHead& head)
{
    constexpr std::string_view VERSION = " HTTP/1.1\r\n";
    const char* const method = at;
    while (at != end && *at >= 'A' && *at <= 'Z')
        ++at;
    if (at == method || at - method > 16 || end - at < 3 || *at != ' ' || at[1] != '/')
        return nullptr;
    head.method = {method, static_cast<std::size_t>(at - method)};
    const char* const target = at + 1;
    const char* const question = at = endOfPath(target, end);
    if (at != end && *at == '?')
        at = endOfTarget(at + 1, end);
    if (static_cast<std::size_t>(end - at) < VERSION.size() || std::memcmp(at, VERSION.data(), VERSION.size()) != 0 ||
        static_cast<std::size_t>(at - target) > mostTarget)
        return nullptr;
    head.target = {target, static_cast<std::size_t>(at - target)};
    head.path = {target, static_cast<std::size_t>(question - target)};
    if (question != at)
        head.query = {question + 1, static_cast<std::size_t>(at - question - 1)};
    return at + VERSION.size();
}

/// One field and its line's end; behind that, or null.
const char* fieldLine(const char* at, const char* end, RequestHead& head)
{
    const char* const name = at;
    at = findColon(at, end);
    if (end - at < 3)
        return nullptr;
    const std::string_view token(name, static_cast<std::size_t>(at - name));
    const char* const value = at[1] == ' ' ? at + 2 : at + 1;
    at = endOfValue(value, end);
    if (end - at < 3 || at[0] != '\r' || at[1] != '\n')
        return nullptr;
    const std::string_view content(value, static_cast<std::size_t>(at - value));
    if (!content.empty() && (content.front() == ' ' || content.back() == ' '))
        return nullptr;
    // A known name was compared as a whole; of the others each byte is looked at.
    const base::Field field = base::HeaderFields::fieldOf(token);
    return head.addOnce(field, token, content) && note(field, token, content, end, head) ? at + 2 : nullptr;
}

/// Whether the field says something about the message besides its text.
constexpr bool framing(base::Field field)
{
    return field == base::Field::CONTENT_LENGTH || field == base::Field::CONNECTION;
}

} // namespace

bool PlainHead::parse(std::string_view bytes, const HeadParser::Limits& limits, RequestHead& head,
                      HeadMemory& memory) noexcept
{
    head.clear();
    const char* const begin = bytes.data();
    const char* const end = begin + bytes.size();
    const char* at = begin;
    std::size_t equal = memory.common(0, begin, end); // the bytes at hand are as kept, up to here
    std::size_t kept = memory.requestLineEnd();       // where the line is kept that `at` is compared with
    if (kept != 0 && kept <= equal)
    {
        memory.requestLine(begin, head);
        at += kept;
    }
    else if (at = requestLine(begin, end, limits.targetBytes, head); at == nullptr)
        return false;
    else
        equal = kept + memory.common(kept, at, end);

    std::size_t index = 0, others = 0;
    while (at != end && *at != '\r')
    {
        const HeadMemory::Line* const line = index < memory.lineCount() ? &memory.line(index++) : nullptr;
        if (line != nullptr && line->end <= equal)
        {
            const std::string_view token(at, line->nameEnd - kept);
            const std::string_view content(at + (line->valueBegin - kept), line->end - 2U - line->valueBegin);
            at += line->end - kept;
            kept = line->end;
            if (!head.addOnce(line->field, token, content) ||
                (framing(line->field) && !note(line->field, token, content, end, head)))
                return false;
            continue;
        }
        at = fieldLine(at, end, head);
        if (at == nullptr)
            return false;
        ++others;
        if (line != nullptr)
        {
            kept = line->end;
            equal = kept + memory.common(kept, at, end);
        }
    }
    if (end - at < 2 || at[0] != '\r' || at[1] != '\n' || !head.has(base::Field::HOST))
        return false;
    head.length = static_cast<std::size_t>(at + 2 - begin);
    if (head.length > limits.headBytes)
        return false;
    if (others > TOLERATED || index < memory.lineCount())
        memory.keep(bytes, head);
    return true;
}

} // namespace tenon::net
