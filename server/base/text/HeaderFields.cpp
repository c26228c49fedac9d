#include "base/text/HeaderFields.h"

#include "base/text/Ascii.h"

#include <cstring>
#include <type_traits>

namespace tenon::base
{

namespace
{

/// The word of that many bytes at `text`, every letter in lower case. Bytes that have 0x40 get 0x20 too: letters are among
/// them, digits and dashes are not, and no other byte becomes a letter.
template <typename Word>
Word lowerWord(const char* text) noexcept
{
    Word word;
    std::memcpy(&word, text, sizeof word);
    return word | (word & static_cast<Word>(0x4040404040404040U)) >> 1;
}

/// Whether a text, which is as long, is the name `known`, which is of letters in lower case and dashes. A word at a time.
template <std::size_t SIZE>
bool isName(std::string_view token, const char (&known)[SIZE]) noexcept
{
    constexpr std::size_t LENGTH = SIZE - 1;
    using Word = std::conditional_t<LENGTH >= sizeof(std::uint64_t), std::uint64_t, std::uint32_t>;
    constexpr std::size_t STEP = sizeof(Word), LAST = LENGTH - STEP;
    Word differ = lowerWord<Word>(token.data() + LAST) ^ lowerWord<Word>(known + LAST);
    for (std::size_t at = 0; at < LAST; at += STEP)
        differ |= lowerWord<Word>(token.data() + at) ^ lowerWord<Word>(known + at);
    return differ == 0;
}

Field classify(std::string_view name) noexcept
{
    const auto one = [&](const auto& known, Field field) { return isName(name, known) ? field : Field::OTHER; };
    const auto either = [&](const auto& known, Field field, const auto& second, Field other)
    { return isName(name, known) ? field : one(second, other); };
    switch (name.size())
    {
    case 4:
        return one("host", Field::HOST);
    case 6:
        return (name.front() | 0x20) == 'a' ? one("accept", Field::ACCEPT)
                                            : either("origin", Field::ORIGIN, "expect", Field::EXPECT);
    case 7:
        return one("baggage", Field::BAGGAGE);
    case 8:
        return one("mcp-name", Field::NAME);
    case 10:
        return (name.front() | 0x20) == 't' ? one("tracestate", Field::TRACESTATE)
                                            : either("mcp-method", Field::METHOD, "connection", Field::CONNECTION);
    case 11:
        return one("traceparent", Field::TRACEPARENT);
    case 12:
        return one("content-type", Field::CONTENT_TYPE);
    case 13:
        return either("authorization", Field::AUTHORIZATION, "last-event-id", Field::LAST_EVENT_ID);
    case 14:
        return either("content-length", Field::CONTENT_LENGTH, "mcp-session-id", Field::SESSION_ID);
    case 15:
        return one("accept-encoding", Field::ACCEPT_ENCODING);
    case 17:
        return one("transfer-encoding", Field::TRANSFER_ENCODING);
    case 20:
        return one("mcp-protocol-version", Field::PROTOCOL_VERSION);
    default:
        return Field::OTHER;
    }
}

} // namespace

Field HeaderFields::fieldOf(std::string_view name) noexcept
{
    return classify(name);
}

bool HeaderFields::has(std::string_view name) const
{
    std::string_view value;
    return header(name, value);
}

std::string_view HeaderFields::header(std::string_view name) const
{
    std::string_view value;
    return header(name, value) ? value : std::string_view();
}

bool HeaderFields::header(std::string_view name, std::string_view& value) const
{
    if (const Field field = fieldOf(name); field != Field::OTHER)
        return header(field, value);
    bool found = false;
    for (std::size_t i = 0; i < _count; ++i)
        if (equalsIgnoringCase(_items[i].name, name))
        {
            value = found ? join(value, _items[i].value) : _items[i].value;
            found = true;
        }
    return found;
}

bool HeaderFields::addField(Field field, std::string_view name, std::string_view value)
{
    if (_count == MOST)
        return false;
    _items[_count++] = {name, value};
    if (field != Field::OTHER)
    {
        std::string_view& place = _values[static_cast<std::size_t>(field)];
        place = has(field) ? join(place, value) : value;
        _present |= bitOf(field);
    }
    return true;
}

std::string_view HeaderFields::join(std::string_view first, std::string_view second) const
{
    return _joined.emplace_back(std::string(first).append(", ").append(second));
}

} // namespace tenon::base
