#include "base/json/JsonDocument.h"
#include "base/json/KeptJson.h"

#include "base/json/JsonScan.h"
#include "base/threads/RecyclingAllocator.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace tenon::base
{

namespace
{

/// The thread ends, and its pool has gone.
constinit thread_local bool poolGone = false;

} // namespace

/// Documents that wait to be used again, so that a message costs no allocation of its tape; large ones are let go.
///
/// Threading: one pool a thread; a document goes to the pool of the thread that drops it last.
class JsonDocumentPool
{
public:
    ~JsonDocumentPool() { poolGone = true; }

    static std::shared_ptr<JsonDocument> take()
    {
        JsonDocumentPool& pool = ofThisThread();
        std::unique_ptr<JsonDocument> document =
            pool._count > 0 ? std::move(pool._free[--pool._count]) : std::make_unique<JsonDocument>();
        pool._capacity -= document->_document.capacity();
        return {document.release(), give, RecyclingAllocator<JsonDocument>()};
    }

    static simdjson::dom::document& documentOf(JsonDocument& holder, std::size_t textBytes)
    {
        holder._textBytes = textBytes;
        return holder._document;
    }

private:
    static constexpr std::size_t MAX_FREE = 8;
    // Of the texts together; trees take up to ten times as much, and every thread has a pool.
    static constexpr std::size_t MAX_CAPACITY = 6 * 1024;

    /// Takes no memory: it is called as shared pointers end.
    static void give(JsonDocument* document) noexcept
    {
        std::unique_ptr<JsonDocument> owned(document);
        // A document may outlive the pool of its last thread: objects of static duration end after it.
        const std::size_t capacity = document->_document.capacity();
        if (poolGone || capacity > MAX_CAPACITY)
            return;
        JsonDocumentPool& pool = ofThisThread();
        if (pool._count == MAX_FREE || pool._capacity + capacity > MAX_CAPACITY)
            return;
        pool._free[pool._count++] = std::move(owned);
        pool._capacity += capacity;
    }

    static JsonDocumentPool& ofThisThread()
    {
        thread_local JsonDocumentPool pool;
        return pool;
    }

    std::array<std::unique_ptr<JsonDocument>, MAX_FREE> _free;
    std::size_t _count = 0;
    std::size_t _capacity = 0; ///< of those
};

namespace
{

/// The parser of a thread. It keeps four bytes for each of the largest text so far, in every thread, so larger texts get one
/// of their own.
simdjson::dom::parser& parserOfThisThread()
{
    thread_local simdjson::dom::parser parser;
    return parser;
}

constexpr std::size_t LARGE = 16 * 1024;

std::string explain(simdjson::error_code code)
{
    switch (code)
    {
    case simdjson::EMPTY:
        return "the text is empty";
    case simdjson::UTF8_ERROR:
        return "the text is not valid UTF-8";
    case simdjson::DEPTH_ERROR:
        return "nesting is deeper than " + std::to_string(JsonDocument::MAX_DEPTH) + " levels";
    case simdjson::STRING_ERROR:
    case simdjson::UNESCAPED_CHARS:
    case simdjson::UNCLOSED_STRING:
        return "a string is not closed, or holds an unescaped control character or a bad escape";
    case simdjson::NUMBER_ERROR:
        return "a number is malformed";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
        return "a word other than true, false and null";
    case simdjson::CAPACITY:
        return "the text is too large";
    default:
        return "a comma, colon, bracket or value is missing or misplaced";
    }
}

/// Shape: `own`: with the parser of this thread, else with one for this text.
simdjson::error_code parseInto(simdjson::dom::document& target, std::string_view text, JsonDocument::Padding padding,
                               bool own = true)
{
    const bool copy = padding == JsonDocument::Padding::NONE;
    if (own && text.size() <= LARGE)
    {
        simdjson::dom::parser& parser = parserOfThisThread();
        const simdjson::error_code error = parser.parse_into_document(target, text.data(), text.size(), copy).error();
        // One that got a part of its memory takes itself for whole the next time.
        if (error == simdjson::MEMALLOC)
            parser = simdjson::dom::parser();
        return error;
    }
    simdjson::dom::parser parser;
    return parser.parse_into_document(target, text.data(), text.size(), copy).error();
}

bool worthASecondLook(simdjson::error_code error)
{
    return error != simdjson::EMPTY && error != simdjson::UTF8_ERROR && error != simdjson::DEPTH_ERROR &&
           error != simdjson::CAPACITY && error != simdjson::MEMALLOC;
}

JsonException::Kind kindOf(simdjson::error_code error)
{
    return error == simdjson::DEPTH_ERROR ? JsonException::Kind::TOO_DEEP
           : error == simdjson::CAPACITY  ? JsonException::Kind::TOO_LARGE
                                          : JsonException::Kind::MALFORMED;
}

std::string_view withoutMark(std::string_view text)
{
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);
    return text;
}

void parseWhole(simdjson::dom::document& target, std::string_view text, JsonDocument::Padding padding, bool own)
{
    constexpr auto COPIED = JsonDocument::Padding::NONE;
    simdjson::error_code error =
        mayVanish(text) ? parseInto(target, carriedJson(text), COPIED, own) : parseInto(target, text, padding, own);
    // What simdjson refuses may be JSON that it cannot represent: a second look costs only those who write such.
    if (error && worthASecondLook(error))
        error = parseInto(target, carriedJson(text), COPIED, own);
    if (error == simdjson::MEMALLOC)
        throw std::bad_alloc();
    if (error)
        throw JsonException(kindOf(error), explain(error));
}

} // namespace

JsonDocumentPtr JsonDocument::parse(std::string_view text, Padding padding)
{
    text = withoutMark(text);
    auto document = JsonDocumentPool::take();
    document->_textBytes = text.size();
    parseWhole(document->_document, text, padding, true);
    return document;
}

JsonDocumentPtr parseToKeep(std::string_view text)
{
    text = withoutMark(text);
    auto document = std::make_shared<JsonDocument>();
    auto& target = JsonDocumentPool::documentOf(*document, text.size());
    parseWhole(target, text, JsonDocument::Padding::NONE, false);
    fitToContent(target);
    return document;
}

void fitToContent(simdjson::dom::document& document)
{
    // The tape's first word says where it ends; each text on it says where it stands among the texts.
    constexpr std::uint64_t PAYLOAD = (std::uint64_t(1) << 56) - 1;
    const std::size_t words = static_cast<std::size_t>(document.tape[0] & PAYLOAD);
    std::size_t texts = 0;
    for (std::size_t at = 0; at < words; ++at)
    {
        const char kind = static_cast<char>(document.tape[at] >> 56);
        if (kind == 'l' || kind == 'u' || kind == 'd') // the number is in the next word
            ++at;
        if (kind != '"')
            continue;
        const std::size_t place = static_cast<std::size_t>(document.tape[at] & PAYLOAD);
        std::uint32_t length = 0;
        std::memcpy(&length, document.string_buf.get() + place, sizeof length);
        texts = std::max(texts, place + sizeof length + length + 1);
    }
    std::unique_ptr<std::uint64_t[]> tape(new std::uint64_t[words]);
    std::unique_ptr<std::uint8_t[]> strings(new std::uint8_t[texts]);
    std::copy_n(document.tape.get(), words, tape.get());
    std::copy_n(document.string_buf.get(), texts, strings.get());
    document.tape = std::move(tape);
    document.string_buf = std::move(strings);
}

std::size_t JsonDocument::bytes() const
{
    // The tape's first word says where it ends.
    constexpr std::uint64_t END = (std::uint64_t(1) << 56) - 1;
    return static_cast<std::size_t>(_document.tape[0] & END) * sizeof(std::uint64_t) + _textBytes;
}

std::string_view bigNumber(const simdjson::dom::element& element) noexcept
{
    std::string_view text;
    return element.get_string().get(text) ? std::string_view{} : bigNumberOf(text).value_or(std::string_view{});
}

bool isNumber(const simdjson::dom::element& element) noexcept
{
    return element.is_number() || !bigNumber(element).empty();
}

std::string_view textMember(const simdjson::dom::element& object, std::string_view name) noexcept
{
    simdjson::dom::element member;
    if (!findMember(object, name, member))
        return {};
    std::string_view text;
    return member.get_string().get(text) ? std::string_view{} : text;
}

bool findMember(const simdjson::dom::element& object, std::string_view name, simdjson::dom::element& member) noexcept
{
    simdjson::dom::object members;
    return !object.get_object().get(members) && !members.at_key(name).get(member);
}

std::string toJson(const simdjson::dom::element& element)
{
    std::string text = simdjson::to_string(element);
    restoreBigNumbers(text);
    return text;
}

} // namespace tenon::base
