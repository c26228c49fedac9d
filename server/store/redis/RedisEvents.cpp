#include "store/redis/RedisEvents.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace tenon::store
{

namespace
{

/// A number as text, without memory for it.
class Digits
{
public:
    template <typename Number>
    explicit Digits(Number number) : _end(std::to_chars(_text.data(), _text.data() + _text.size(), number).ptr)
    {
    }
    [[nodiscard]] std::string_view text() const
    {
        return {_text.data(), static_cast<std::size_t>(_end - _text.data())};
    }

private:
    std::array<char, 24> _text;
    const char* const _end;
};

/// What stands before the message, but for `answers`.
struct Head
{
    Head(const Event& event, const std::string& answers) : index(event.index), answersSize(answers.size()) {}

    static constexpr std::size_t BETWEEN = 4; ///< " 1 " and ':'
    [[nodiscard]] std::size_t size() const { return index.text().size() + BETWEEN + answersSize.text().size(); }

    const Digits index, answersSize;
};

std::size_t sizeOf(const Event& event)
{
    return event.message ? event.message->size() : 0;
}

void append(std::string& text, const Head& head, const Event& event, const std::string& answers)
{
    text.append(head.index.text()).append(event.final ? " 1 " : " 0 ").append(head.answersSize.text());
    text.append(1, ':').append(answers);
    if (event.message)
        text.append(*event.message);
}

/// Takes a number and the character behind it off the front.
template <typename Number>
bool take(std::string_view& text, char behind, Number& number)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data() + text.size() || *end != behind)
        return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    return true;
}

bool readEvent(std::string_view text, ArchivedStream& stream)
{
    ArchivedEvent event;
    unsigned final = 0;
    std::size_t answers = 0;
    if (!take(text, ' ', event.index) || !take(text, ' ', final) || !take(text, ':', answers) || answers > text.size())
        return false;
    event.final = final == 1;
    stream.answers = text.substr(0, answers);
    event.message = text.substr(answers);
    stream.events.push_back(std::move(event));
    return true;
}

} // namespace

void appendEvent(std::string& text, const Event& event, const std::string& answers)
{
    append(text, Head(event, answers), event, answers);
}

void appendSized(std::string& text, const Event& event, const std::string& answers)
{
    const Head head(event, answers);
    text.append(Digits(head.size() + answers.size() + sizeOf(event)).text()).append(1, ':');
    append(text, head, event, answers);
}

std::size_t mostBytes(const Event& event, const std::string& answers)
{
    constexpr std::size_t NUMBERS = 64;
    return NUMBERS + answers.size() + sizeOf(event);
}

bool readStream(const RedisReply& reply, ArchivedStream& stream)
{
    if (reply.kind == RedisReply::Kind::ARRAY)
        return std::all_of(reply.items.begin(), reply.items.end(),
                           [&stream](const RedisReply& item) { return readEvent(item.text, stream); });
    std::string_view text = reply.text;
    for (std::size_t size = 0; !text.empty(); text.remove_prefix(size))
        if (!take(text, ':', size) || size > text.size() || !readEvent(text.substr(0, size), stream))
            return false;
    return true;
}

} // namespace tenon::store
